"""Where one is signed in, and signing out there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.access import alive_among, ref_of_session, ref_of_token, signed_token
from accounts.models import SignIn, User
from accounts.sign_in.sign_ins import end, issue_tokens
from chatsite.lib.bus_events import Event, SignInEnded
from tests.accounts.signed_in import alive, browser, program, sessions
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0"


@pytest.fixture
def zoe() -> User:
    return make_user("zoe")


def browser_by_form(user: User, **meta: Any) -> Client:
    client = Client(**meta)
    answer = client.post("/accounts/login/", {"login": user.name, "password": PASSWORD})
    assert answer.status_code == 200
    return client


@pytest.fixture
def told(published, monkeypatch) -> list[Event]:
    """Published without waiting for the end of the test's transaction."""
    monkeypatch.setattr("chatsite.lib.pubsub.transaction.on_commit", lambda call: call())
    return published


# --- the list -------------------------------------------------------------------------------------


def test_browsers_and_programs_are_listed_and_one_s_own_is_marked(zoe):
    mine = browser_by_form(zoe, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.77")
    login = {"name": "zoe", "password": PASSWORD}
    api().post("/api/v1/auth/login", login, HTTP_USER_AGENT="curl/8.5", REMOTE_ADDR="2001:db8::7")
    here, there = sorted(sessions(mine), key=lambda one: one["kind"])
    assert (here["kind"], here["agent"], here["address"], here["current"]) == (
        "browser",
        "Firefox on Linux",
        "192.0.2.0/24",
        True,
    )
    assert (there["kind"], there["agent"], there["address"], there["current"]) == (
        "program",
        "curl",
        "2001:db8::/48",
        False,
    )
    assert 0 <= here["seen"] - here["made"] < 60_000


def test_what_is_listed_signs_nobody_in(zoe):
    mine = browser(zoe)
    tokens = issue_tokens(zoe)
    text = mine.get("/api/v1/me/sessions").content.decode()
    assert mine.cookies["sessionid"].value not in text
    assert tokens.refresh.rpartition(".")[2] not in text
    for one in sessions(mine):
        assert api().post("/api/v1/auth/refresh", {"refresh": one["id"]}).status_code == 401
    assert alive(mine), "the id of a browser's sign-in ends nothing by being shown as a token"


def test_others_are_not_listed(zoe):
    browser(make_user("eve"))
    assert len(sessions(program(zoe))) == 1


def test_signing_in_again_in_a_browser_is_no_second_place(zoe):
    mine = browser(zoe)
    mine.force_login(zoe)
    assert len(sessions(mine)) == 1


def test_last_use_is_noted_once_in_a_while(zoe):
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=False):
        mine, his = browser(zoe), program(zoe)
    before = timezone.now() - timedelta(minutes=1)
    for client in (mine, his):
        sessions(client)
    assert SignIn.objects.filter(seen_at__gt=before).count() == 2
    noted = list(SignIn.objects.values_list("pk", "seen_at"))
    sessions(mine)
    assert list(SignIn.objects.values_list("pk", "seen_at")) == noted


def test_a_socket_that_stays_open_is_a_use(zoe):
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        refs = [ref_of_token(signed_token(issue_tokens(zoe).access))]
        refs.append(ref_of_session(str(browser(zoe).session.session_key)))
    before = timezone.now() - timedelta(minutes=1)
    assert alive_among(refs) == dict.fromkeys(refs, True)
    assert SignIn.objects.filter(seen_at__gt=before).count() == 2


def test_sockets_are_asked_about_together_and_each_for_itself(zoe):
    eve = make_user("eve")
    hers, his, other = (
        ref_of_token(signed_token(issue_tokens(who).access)) for who in (zoe, eve, eve)
    )
    stolen = replace(hers, sign_in=his.sign_in)
    end(eve, other.sign_in)
    assert alive_among([hers, his, other, stolen]) == {
        hers: True,
        his: True,
        other: False,
        stolen: False,
    }
    eve.set_password("another horse, another battery")
    eve.save()
    assert alive_among([hers, his]) == {hers: True, his: False}
    User.objects.update(is_active=False)
    assert alive_among([hers]) == {hers: False}


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0", "<script>alert(1)</script>", "Mozilla/5.0 <b>" + "x" * 5000, "\x00é"],
)
def test_any_user_agent_signs_in(zoe, agent):
    [one] = sessions(browser_by_form(zoe, HTTP_USER_AGENT=agent))
    assert one["agent"] == ""


# --- ending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["browser", "program"])
def test_a_sign_in_is_ended_from_elsewhere(zoe, told, kind):
    mine, other = browser(zoe), {"browser": browser, "program": program}[kind](zoe)
    ended = next(one["id"] for one in sessions(other) if one["current"])
    assert mine.delete(f"/api/v1/me/sessions/{ended}").status_code == 204
    assert told[-1] == SignInEnded(zoe.pk, sign_in=ended)
    assert not alive(other)
    assert alive(mine)
    assert [one["id"] for one in sessions(mine)] != [ended]


def test_its_refresh_token_is_refused(zoe):
    tokens = issue_tokens(zoe)
    [his] = sessions(api(tokens.access))
    browser(zoe).delete(f"/api/v1/me/sessions/{his['id']}")
    assert api().post("/api/v1/auth/refresh", {"refresh": tokens.refresh}).status_code == 401


def test_all_others_are_ended_at_once(zoe, told):
    mine, others = browser(zoe), [browser(zoe), program(zoe), program(zoe)]
    theirs = program(make_user("eve"))
    [current] = [one["id"] for one in sessions(mine) if one["current"]]
    assert mine.delete("/api/v1/me/sessions").status_code == 204
    assert told[-1] == SignInEnded(zoe.pk, but=current)
    assert [alive(one) for one in [mine, *others, theirs]] == [True, False, False, False, True]
    assert [one["id"] for one in sessions(mine)] == [current]


def test_somebody_else_s_is_not_found(zoe):
    eve = program(make_user("eve"))
    mine = browser(zoe)
    [here] = sessions(mine)
    for id_ in (here["id"], "0" * 32, "x"):
        answer = eve.delete(f"/api/v1/me/sessions/{id_}")
        assert (answer.status_code, code(answer)) == (404, "no_such_session")
    assert alive(mine)


def test_one_s_own_may_be_ended_too(zoe):
    mine = browser(zoe)
    [here] = sessions(mine)
    assert mine.delete(f"/api/v1/me/sessions/{here['id']}").status_code == 204
    assert not alive(mine)


def test_logging_out_takes_it_off_the_list(zoe, told):
    mine, his = browser(zoe), program(zoe)
    mine.post("/accounts/logout/")
    assert isinstance(told[-1], SignInEnded)
    assert [one["kind"] for one in sessions(his)] == ["program"]


def test_a_session_that_names_no_sign_in_is_nobody_s(zoe):
    mine = browser(zoe)
    session = mine.session
    del session["sign_in"]
    session.save()
    assert not alive(mine)


def test_one_person_s_sign_in_does_not_do_for_another_s_session(zoe):
    mine = browser(zoe)
    session = mine.session
    session["sign_in"] = sessions(browser(make_user("eve")))[0]["id"]
    session.save()
    assert not alive(mine)


def test_a_sign_in_ends_with_its_time(zoe):
    mine, his = browser(zoe), program(zoe)
    SignIn.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not alive(mine)
    assert not alive(his)


def test_nobody_ends_anything_without_signing_in(zoe):
    mine = browser(zoe)
    assert api().delete("/api/v1/me/sessions").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(zoe)
    assert strict.delete("/api/v1/me/sessions").status_code == 403
    assert alive(mine)
