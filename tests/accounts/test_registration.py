"""Who may register: one rule for the page, the API and programs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts import links
from accounts.models import AccountLink, User
from chatsite.lib.errors import Refused
from chatsite.variables import REGISTRATION
from rooms.models import Invitation, InvitationSignUp
from tests.base import PASSWORD, Link, api, canonical, code, create_room, person

pytestmark = pytest.mark.django_db


def proof(link: Link, name: str) -> dict[str, str]:
    body = canonical({"v": 1, "iid": link.iid, "name": name})
    return {"iid": link.iid, "sig": link.sign("register", body)}


def by_api(name: str, invite: dict[str, str] | None = None) -> str:
    """The code of the answer; "" for a new account."""
    sent = {"name": name, "password": PASSWORD} | ({"invite": invite} if invite else {})
    answer = api().post("/api/v1/auth/register", sent)
    return "" if answer.status_code == 201 else code(answer)


def by_page(name: str, invite: dict[str, str] | None = None):
    given = {"iid": invite["iid"], "proof": invite["sig"]} if invite else {}
    return Client().post("/accounts/signup/", {"username": name, "password1": PASSWORD, **given})


@pytest.fixture
def room(ada, ben):
    for someone in (ada, ben):
        someone.publish()
    return create_room(ada)


@pytest.fixture
def link(room, ada, settings) -> Link:
    """A link for two, on a site that takes new accounts by invitation."""
    settings.REGISTRATION = "invited"
    made, answer = room.invite(ada, max=2)
    room.took(answer)
    return made


def test_a_link_lets_in_by_page_and_api(link):
    assert by_api("zoe", proof(link, "zoe")) == ""
    answer = by_page("Yan", proof(link, "yan"))
    assert answer.json() == {"next": "/keys/"}
    assert User.objects.filter(name__in=["zoe", "yan"]).count() == 2


def test_without_a_link_nobody_gets_in(link):
    assert by_api("zoe") == "invitation_needed"
    answer = by_page("zoe")
    assert (answer.status_code, code(answer)) == (403, "invitation_needed")
    assert not User.objects.filter(name="zoe").exists()


def test_abuse_a_link_lets_in_as_many_as_it_has_uses_left(link, room, ada, ben):
    room.took(room.join(ben, link))  # one of two
    assert by_api("zoe", proof(link, "zoe")) == ""
    assert by_api("yan", proof(link, "yan")) == "invite_used"
    assert b"as it may let in" in by_page("yan", proof(link, "yan")).content


def test_joining_by_the_link_is_no_second_use_of_it(link, room):
    assert by_api("zoe", proof(link, "zoe")) == ""
    zoe = person_of("zoe")
    room.took(room.join(zoe, link))
    assert Invitation.objects.get().uses == 1
    assert by_api("yan", proof(link, "yan")) == ""
    room.took(room.join(person_of("yan"), link))


def person_of(name: str):
    from tests.base import Person

    return Person(name, User.objects.get(name=name)).publish()


def test_abuse_deleting_accounts_gives_no_uses_back(link):
    from accounts.lifecycle import delete_account

    for name in ("one", "two"):
        assert by_api(name, proof(link, name)) == ""
        delete_account(User.objects.get(name=name), by=None)
    assert by_api("three", proof(link, "three")) == "invite_used"
    assert InvitationSignUp.objects.filter(user=None).count() == 2


def test_hostile_proofs_are_refused(link, room, ada, settings):
    foreign = Link(b"another secret, never invited" + bytes(3))
    good = proof(link, "zoe")
    for bad in (
        proof(link, "yan"),  # of another name
        {**good, "sig": proof(foreign, "zoe")["sig"]},  # of another link
        {**good, "sig": link.sign("joiner", canonical({"v": 1, "iid": link.iid, "name": "zoe"}))},
        {**good, "sig": ""},
        {**good, "sig": "A" * 86},
        {**good, "iid": "é" * 32},
        {**good, "iid": link.iid.upper()},
    ):
        assert by_api("zoe", bad) == "bad_invitation", bad
        assert by_page("zoe", bad).status_code == 403
    assert by_api("zoe", proof(foreign, "zoe")) == "invite_unknown"
    assert not User.objects.filter(name="zoe").exists()


@pytest.mark.parametrize("invite", [{}, {"iid": "a"}, {"iid": 1, "sig": 2}, [], "x", 7])
def test_hostile_shapes_are_refused(link, invite):
    sent = {"name": "zoe", "password": PASSWORD, "invite": invite}
    answer = api().post("/api/v1/auth/register", sent)
    assert (answer.status_code, code(answer)) == (400, "bad_wire")


@pytest.mark.parametrize("name", ['z","iid":"', "zoé", "zoe\n", "z" * 5000])
def test_hostile_names_are_refused_before_they_are_signed_for(link, name):
    assert by_api(name, {"iid": link.iid, "sig": "A" * 86}) == "invalid"
    assert by_page(name, {"iid": link.iid, "sig": "A" * 86}).status_code in (400, 403)


def test_a_link_that_ended_lets_nobody_in(link, room, ada):
    room.took(room.post(ada, room.event(ada, "revoke", iid=link.iid)))
    assert by_api("zoe", proof(link, "zoe")) == "invite_revoked"


def test_a_name_that_is_taken_costs_no_use(link, ben):
    assert by_api("ben", proof(link, "ben")) == "name_taken"
    assert not InvitationSignUp.objects.exists()


def test_a_closed_site_says_whom_to_ask(settings, client, ada):
    settings.REGISTRATION, settings.CONTACT = "closed", "mira@example.org"
    answer = api().post("/api/v1/auth/register", {"name": "zoe", "password": PASSWORD})
    assert (answer.status_code, code(answer)) == (403, "registration_closed")
    assert "mira@example.org" in answer.json()["error"]["detail"]
    page = by_page("zoe")
    assert (page.status_code, code(page)) == (403, "registration_closed")
    assert "mira@example.org" in page.json()["error"]["detail"]
    facts = client.get("/site.json").json()
    assert (facts["registration"], facts["contact"]) == ("closed", "mira@example.org")
    assert not User.objects.filter(name="zoe").exists()


def test_a_link_does_not_open_a_closed_site(link, settings):
    settings.REGISTRATION = "closed"
    assert by_api("zoe", proof(link, "zoe")) == "registration_closed"


# --- links that administrators make -----------------------------------------------------------


def by_link(name: str, url: str, password: str = PASSWORD) -> str:
    """The code of the answer; "" for a new account."""
    sent = {"name": name, "password": password, "link": url.partition("#1.")[2]}
    answer = api().post("/api/v1/auth/register", sent)
    return "" if answer.status_code == 201 else code(answer)


def look(secret: object):
    return api().post("/api/v1/auth/register/look", {"secret": secret})


@pytest.mark.parametrize("mode", ["open", "invited", "closed"])
def test_a_sign_up_link_lets_in_as_many_as_it_says(db, settings, mode):
    settings.REGISTRATION = mode
    row, url = links.make_account_link(by=None, max_uses=2, note="class 3b")
    assert [by_link(name, url) for name in ("zoe", "yan", "xia")] == ["", "", "link_used"]
    row.refresh_from_db()
    assert (row.uses, links.state_of(row)) == (2, "used")
    assert not User.objects.administrators().exists()
    entry = LogEntry.objects.get(object_repr="zoe")
    assert "class 3b" in entry.change_message
    assert url.partition("#1.")[2] not in row.secret_hash + entry.change_message


def test_looking_uses_nothing_up(db):
    _, url = links.make_account_link(by=None, administrator=True)
    secret = url.partition("#1.")[2]
    assert Client().get(url.partition("#")[0]).status_code == 200
    for _ in range(3):
        assert look(secret).json()["administrator"] is True
    assert by_link("root", url) == ""
    assert code(look(secret)) == "link_used"


def test_a_refused_password_or_name_uses_nothing_up(ben):
    _, url = links.make_account_link(by=None)
    assert by_link("zoe", url, "short") == "invalid"
    assert by_link("ben", url) == "name_taken"
    assert by_link("zoe", url) == ""


@pytest.mark.parametrize("administrator", [True, False])
def test_links_end_by_themselves_and_by_hand(db, administrator):
    row, url = links.make_account_link(by=None, administrator=administrator)
    lifetime = links.ADMINISTRATOR_LIFETIME if administrator else links.ACCOUNT_LIFETIME
    with time_machine.travel(timezone.now() + lifetime + timedelta(seconds=1)):
        assert by_link("zoe", url) == "link_expired"
    links.revoke(row, by=None)
    assert by_link("zoe", url) == "link_revoked"
    assert links.open_links().count() == 0


def test_hostile_secrets_open_nothing(ada):
    _, account = links.make_account_link(by=None)
    password = links.make_password_link(ada.user, by=None)
    for secret in ("", "x", "A" * 43, password.partition("#1.")[2], account):
        assert code(look(secret)) == "link_unknown"
        assert by_link("zoe", f"#1.{secret}") == "link_unknown"
    assert code(api().post("/api/v1/auth/reset/look", {"secret": account.partition("#1.")[2]})) == (
        "reset_unknown"
    )
    assert not User.objects.filter(name="zoe").exists()


def test_abuse_guessing_links_is_slowed_down(db, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reset_link": (2, 60)}
    assert [look("x").status_code for _ in range(3)] == [404, 404, 429]


@pytest.mark.parametrize("sent", [{"administrator": True}, {"is_superuser": True}, {"role": "x"}])
def test_hostile_mass_assignment_is_refused(db, sent):
    _, url = links.make_account_link(by=None)
    given = {"name": "zoe", "password": PASSWORD, "link": url.partition("#1.")[2], **sent}
    assert code(api().post("/api/v1/auth/register", given)) == "bad_wire"


@pytest.mark.parametrize(
    "bad", [{"max_uses": 0}, {"max_uses": 1001}, {"max_uses": 2, "administrator": True},
            {"lifetime": timedelta(0)}, {"lifetime": timedelta(days=91)}]
)  # fmt: skip
def test_links_have_bounds_in_code_and_database(db, bad):
    with pytest.raises(Refused):
        links.make_account_link(by=None, **bad)
    row, _ = links.make_account_link(by=None)
    for wrong in ({"uses": 2}, {"max_uses": 0}, {"kind": "password"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountLink.objects.filter(pk=row.pk).update(**wrong)


@pytest.mark.parametrize(
    ("given", "default"),
    [
        ({}, "open optional"),
        ({"PUBLIC_URL": "http://localhost:8000"}, "open optional"),
        ({"ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]"}, "open optional"),
        ({"PUBLIC_URL": "https://chat.example.org"}, "invited roles"),
        ({"HOST": "0.0.0.0"}, "invited roles"),
        ({"HOST": "::"}, "invited roles"),
        # Behind a proxy on this machine, which passes other names on.
        ({"ALLOWED_HOSTS": "chat.example.org"}, "invited roles"),
        ({"ALLOWED_HOSTS": "localhost,.example.org"}, "invited roles"),
        ({"ALLOWED_HOSTS": "*"}, "invited roles"),
    ],
)
def test_who_may_register_by_default_follows_the_address(tmp_path, given, default):
    apart = {"REGISTRATION", "SECOND_FACTOR", "DJANGO_SETTINGS_MODULE", "ALLOWED_HOSTS"}
    ours = {name: value for name, value in os.environ.items() if name not in apart}
    given = {"PUBLIC_URL": "", "HOST": "127.0.0.1", "SOTTO_DATA": str(tmp_path), **given}
    command = "from chatsite.settings import *; print(REGISTRATION, SECOND_FACTOR)"
    done = subprocess.run(
        [sys.executable, "-c", command], env={**ours, **given}, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == default


def test_an_open_site_asks_for_no_link(room, ada):
    made, answer = room.invite(ada)
    room.took(answer)
    assert by_api("zoe", proof(made, "not zoe")) == ""
    assert not InvitationSignUp.objects.exists()


def test_a_typing_error_in_the_setting_opens_nothing(settings, monkeypatch):
    monkeypatch.setenv("REGISTRATION", "close")
    with pytest.raises(ImproperlyConfigured, match="REGISTRATION=close"):
        REGISTRATION.read()
    settings.REGISTRATION = "close"
    assert by_api("zoe") == "registration_closed"


@pytest.mark.parametrize(
    ("name", "times"), [("register", 0.5), ("register_invited", 1), ("reset_link", 3)]
)
def test_two_hundred_people_of_one_office_sign_up_in_one_morning(settings, name, times):
    """Each looks at a link, loads the page again, and uses it."""
    many, seconds = settings.RATE_LIMITS[name]
    assert many >= 200 * times
    assert seconds <= 3600


def test_two_hundred_people_of_one_office_look_at_a_link(db):
    _, url = links.make_account_link(by=None, max_uses=200)
    secret = url.partition("#1.")[2]
    assert {look(secret).status_code for _ in range(200)} == {200}


def test_abuse_tries_are_counted_by_address_and_apart_for_links(link, settings):
    settings.RATE_LIMITS = {
        **settings.RATE_LIMITS,
        "register": (1, 3600),
        "register_invited": (2, 3600),
    }
    assert [by_api(f"n{n}x", proof(link, f"n{n}x")) for n in range(3)] == ["", "", "rate"]
    settings.REGISTRATION = "open"
    assert [by_api(f"m{n}x") for n in range(2)] == ["", "rate"]


def test_whoever_is_signed_in_already_goes_on(client):
    client.force_login(person("zoe").user)
    sent = {"username": "yan", "password1": PASSWORD}
    assert client.post("/accounts/signup/", sent).json() == {"next": "/rooms/"}
    assert not User.objects.filter(name="yan").exists()


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_hostile_open_redirects_in_next_after_signing_up(client, to):
    sent = {"username": "zoe", "password1": PASSWORD, "next": to}
    assert client.post("/accounts/signup/", sent).json() == {"next": "/keys/"}
