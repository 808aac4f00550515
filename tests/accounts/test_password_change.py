"""Another password, and what it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from accounts.managers import SignInQuerySet
from accounts.models import SignIn, User
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib.bus_events import Event, SignInEnded
from tests.accounts.signed_in import alive, browser, program, sessions
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db

NEW = "another horse, another battery"


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


@pytest.fixture
def told(published, monkeypatch) -> list[Event]:
    """Published without waiting for the end of the test's transaction."""
    monkeypatch.setattr("chatsite.lib.pubsub.transaction.on_commit", lambda call: call())
    return published


def change(client, old=PASSWORD, new=NEW):
    body = {"old": old, "new": new}
    return client.post("/api/v1/me/password", body, content_type="application/json")


def signs_in(password: str) -> bool:
    login = {"name": "zoe", "password": password}
    return api().post("/api/v1/auth/login", login).status_code == 200


def test_another_password_ends_every_other_sign_in(zoe, told):
    mine, others = browser(zoe), [browser(zoe), program(zoe)]
    [current] = [one["id"] for one in sessions(mine) if one["current"]]
    assert change(mine).status_code == 204
    assert told[-1] == SignInEnded(zoe.pk, but=current)
    assert [alive(one) for one in [mine, *others]] == [True, False, False]
    assert signs_in(NEW)
    assert not signs_in(PASSWORD)
    assert alive(mine), "by a later request, too"


def test_a_program_changes_it_and_goes_on(zoe):
    tokens = issue_tokens(zoe)
    his, mine = api(tokens.access), browser(zoe)
    answer = his.post("/api/v1/me/password", {"old": PASSWORD, "new": NEW})
    assert answer.status_code == 204
    assert alive(his)
    assert api().post("/api/v1/auth/refresh", {"refresh": tokens.refresh}).status_code == 200
    assert not alive(mine)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("not this one", NEW, (403, "bad_password")),
        (PASSWORD, "2 wee", (400, "invalid")),
        (PASSWORD, "password123", (400, "invalid")),
        (PASSWORD, "", (400, "invalid")),
    ],
)
def test_what_does_not_do_changes_nothing(zoe, old, new, expected):
    mine, other = browser(zoe), browser(zoe)
    answer = change(mine, old, new)
    assert (answer.status_code, code(answer)) == expected
    assert not new or new not in answer.content.decode()
    assert alive(other)
    assert signs_in(PASSWORD)


def test_it_is_on_record_without_either_password(zoe):
    change(browser(zoe))
    [entry] = LogEntry.objects.all()
    assert (entry.user, entry.object_id) == (zoe, zoe.pk)
    assert entry.get_change_message() == "Changed the password; 0 other sign-ins ended."


def test_guessing_the_old_one_is_slowed_down(zoe, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "password": (2, 60)}
    mine = browser(zoe)
    answers = [change(mine, "not this one").status_code for _ in range(3)]
    assert answers == [403, 403, 429]


def test_a_sign_in_with_the_password_of_before_does_not_stand(zoe):
    """It was checked just before the change, and begins just after."""
    late = User.objects.get(pk=zoe.pk)
    change(browser(zoe))
    assert not alive(program(late))


def test_whoever_changes_it_by_hand_ends_every_sign_in(zoe, monkeypatch):
    both = [browser(zoe), program(zoe)]
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)
    call_command("changepassword", "zoe", stdout=open("/dev/null", "w"))  # noqa: SIM115
    assert [alive(one) for one in both] == [False, False]


@pytest.mark.django_db(transaction=True)
def test_a_use_that_cannot_be_noted_fails_no_read(zoe, monkeypatch):
    """The database is too busy to write for a moment."""
    tokens = issue_tokens(zoe)
    SignIn.objects.update(seen_at=timezone.now() - timedelta(days=1))

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(SignInQuerySet, "update", busy)
    assert api(tokens.access).get("/api/v1/chatrooms").status_code == 200
    monkeypatch.undo()
    assert api(tokens.access).get("/api/v1/chatrooms").status_code == 200
    assert SignIn.objects.get().seen_at > timezone.now() - timedelta(minutes=1)
