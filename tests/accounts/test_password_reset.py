"""A new password by a one-time link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.lifecycle import delete_account, set_active
from accounts.links import REMEMBERED, forget_old
from accounts.models import AccountLink, User
from accounts.registration import register
from chatsite.lib.bus_events import SignInEnded
from chatsite.lib.errors import ChatError
from tests.accounts.signed_in import alive, browser, program
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db


class Terminal(StringIO):
    """Output that somebody looks at."""

    def isatty(self) -> bool:
        return True


NEW = "another long password of mine"


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


def link_of(name: str) -> str:
    call_command("people", "reset", name, stdout=(out := Terminal()))
    return out.getvalue().split()[-1]


def secret_of(name: str) -> str:
    return link_of(name).partition("#1.")[2]


def use(secret: object, new: object = NEW):
    return api().post("/api/v1/auth/reset", {"secret": secret, "new": new})


def look(secret: object):
    return api().post("/api/v1/auth/reset/look", {"secret": secret})


def login(password: str) -> int:
    sent = {"name": "zoe", "password": password}
    return api().post("/api/v1/auth/login", sent).status_code


def test_a_link_sets_a_new_password_and_ends_every_sign_in(zoe, settings):
    link = link_of("ZOE")
    assert link.startswith(f"{settings.PUBLIC_URL}/reset#1.")
    secret = link.partition("#1.")[2]
    places = [browser(zoe), program(zoe)]
    assert look(secret).json() == {"name": "zoe"}
    assert [alive(one) for one in places] == [True, True], "looking changes nothing"
    answer = use(secret)
    assert (answer.status_code, answer.json()) == (200, {"name": "zoe"})
    assert [alive(one) for one in places] == [False, False]
    assert (login(PASSWORD), login(NEW)) == (401, 200)
    said = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert said == [
        "Made a one-time link for a new password. By a command on the server.",
        "Set a new password by a one-time link; every sign-in ended.",
    ]


def test_every_socket_hears_of_it(zoe, django_capture_on_commit_callbacks, published):
    secret = secret_of("zoe")
    with django_capture_on_commit_callbacks(execute=True):
        use(secret)
    assert published == [SignInEnded(zoe.pk)]


def test_abuse_a_link_serves_once(zoe):
    secret = secret_of("zoe")
    use(secret)
    for answer in (use(secret, "a third password of mine"), look(secret)):
        assert (answer.status_code, code(answer)) == (410, "reset_used")
    assert login(NEW) == 200


def test_a_link_is_good_for_a_day(zoe):
    secret = secret_of("zoe")
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        for answer in (use(secret), look(secret)):
            assert (answer.status_code, code(answer)) == (410, "reset_expired")
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        assert use(secret).status_code == 200


def test_another_link_replaces_the_one_before(zoe):
    first, second = secret_of("zoe"), secret_of("zoe")
    assert code(use(first)) == "reset_unknown"
    assert use(second).status_code == 200


@pytest.mark.parametrize("secret", ["", "x", "\0", "\ud800", "A" * 43, "a" * 100_000])
def test_hostile_secrets_are_unknown(zoe, secret):
    secret_of("zoe")
    sent = api().post("/api/v1/auth/reset/look", {"secret": "A" * 43})
    assert (sent.status_code, code(sent)) == (404, "reset_unknown")
    from accounts.links import account_name
    from chatsite.lib.errors import NotFound

    with pytest.raises(NotFound):
        account_name(secret)


@pytest.mark.parametrize("sent", [{}, {"secret": 1, "new": NEW}, {"secret": "x", "new": None}])
def test_hostile_shapes_are_refused(sent):
    assert code(api().post("/api/v1/auth/reset", sent)) == "bad_wire"


def test_a_weak_password_is_refused_and_the_link_stays_good(zoe):
    secret = secret_of("zoe")
    answer = use(secret, "short")
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert login(PASSWORD) == 200
    assert use(secret).status_code == 200


def test_the_secret_is_hashed_at_rest(zoe):
    secret = secret_of("zoe")
    kept = AccountLink.objects.get()
    assert secret not in kept.secret_hash
    assert not any(secret in entry.change_message for entry in LogEntry.objects.all())


def test_who_ended_gets_no_link_and_uses_none(zoe):
    secret = secret_of("zoe")
    set_active(zoe, False, by=None)
    assert code(use(secret)) == "reset_unknown"
    with pytest.raises(CommandError, match="disabled"):
        link_of("zoe")
    delete_account(zoe, by=None)
    assert not AccountLink.objects.exists()
    with pytest.raises(CommandError, match="no account"):
        link_of("zoe")


def test_abuse_guessing_links_is_slowed_down(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reset_link": (2, 60)}
    assert [look("x").status_code for _ in range(3)] == [404, 404, 429]


def test_old_links_are_forgotten(zoe):
    secret_of("zoe")
    assert forget_old() == 0
    with time_machine.travel(timezone.now() + REMEMBERED + timedelta(days=2)):
        assert forget_old() == 1


def test_the_page_says_what_a_password_opens_and_the_facts_name_the_contact(settings):
    settings.CONTACT = "mira@example.org"
    page = Client().get("/reset")
    assert page.status_code == 200
    assert b"does not open old messages" in page.content
    assert b"<noscript>" in page.content
    assert Client().get("/site.json").json()["contact"] == "mira@example.org"
    assert "no-store" in page["Cache-Control"]


# --- at once ---


def at_once(use_it: Callable[[int], object]) -> Counter[str]:
    """How eight uses of a link at the same moment ended: by the code of the error, or ""."""

    def used(n: int) -> str:
        try:
            use_it(n)
        except ChatError as error:
            return error.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(used, range(8)))


@pytest.mark.django_db(transaction=True)
def test_abuse_a_link_that_is_used_at_once_sets_one_password(zoe):
    secret = secret_of("zoe")
    found = at_once(lambda n: links.set_password(secret, f"a password of mine {n}"))
    assert found[""] == 1
    assert found.keys() <= {"", "reset_used", "unavailable"}
    assert AccountLink.objects.get().uses == 1


@pytest.mark.django_db(transaction=True)
def test_abuse_a_sign_up_link_that_is_used_at_once_lets_in_as_many_as_it_says(zoe):
    _, url = links.make_account_link(by=None, max_uses=3)
    secret = url.partition("#1.")[2]
    found = at_once(lambda n: register(f"person{n}", NEW, secret=secret))
    assert found[""] == 3
    assert found.keys() <= {"", "link_used", "unavailable"}
    assert User.objects.filter(name__startswith="person").count() == 3
