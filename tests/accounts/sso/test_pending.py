"""Single sign-ons that have begun: each counts once, in one browser, for some minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.sso import pending
from accounts.sso.models import ExternalIdentity
from accounts.sso.pending import COOKIE
from tests.accounts.codes import set_up_app, shown
from tests.accounts.sso.provider import parameters
from tests.accounts.sso.visits import GROUP, begin, come_back, name_in, problem, sign_in
from tests.base import code, make_user

pytestmark = pytest.mark.django_db


def test_abuse_state_replay_a_callback_counts_once_in_the_browser_that_began_it(page, at):
    at.person("u-12", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-12")
    assert problem(come_back(Client(), back)) == "sso_state", "somebody else's browser"
    assert problem(come_back(page, back.replace("state=", "state=x"))) == "sso_state"
    assert problem(come_back(page, back)) == "/keys/"
    page.logout()
    assert problem(come_back(page, back)) == "sso_state", "a second time"


def test_abuse_state_replay_a_copied_cookie_counts_once(page, liar):
    """Also at a provider that takes a code twice."""
    liar.serve({}, token="none")
    asked = parameters(begin(page))
    liar.server.clear()
    liar.serve(liar.claims(asked["nonce"], groups=[GROUP]))
    thief = Client()
    thief.cookies[COOKIE] = page.cookies[COOKIE].value
    back = f"/accounts/sso/callback/?code=x&state={asked['state']}"
    assert page.get(back)["Location"] == "/keys/"
    assert problem(thief.get(back)["Location"]) == "sso_over"
    assert name_in(thief) is None


def test_a_sign_in_that_takes_too_long_is_over(page, at):
    at.person("u-13", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-13")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert problem(come_back(page, back)) == "sso_over"


def test_abuse_callers_who_do_not_come_back_leave_nothing_here(at):
    for _ in range(5):
        page = Client()
        begin(page, next="/" + "x" * 1000)
        [name] = page.cookies
        kept = page.cookies[name]
        assert (name, kept["path"], kept["httponly"]) == (COOKIE, "/accounts/sso/", True)
        assert len(kept.value) < 4096, "a browser would not keep it"
    assert not Session.objects.exists()


def test_abuse_waiting_for_a_code_leaves_nothing_here_either(page, at):
    user = make_user("zoe")
    secret, _ = set_up_app(user)
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-15")
    assert sign_in(page, at, "u-15") == "second_factor"
    assert not Session.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = page.post("/accounts/sso/code/", {"code": shown(secret)})
        assert code(answer) == "sso_over"


def test_abuse_a_copied_cookie_that_waits_for_a_code_counts_once(page, at):
    user = make_user("zoe")
    secret, _ = set_up_app(user)
    ExternalIdentity.objects.create(user=user, issuer=at.url, subject="u-17")
    assert sign_in(page, at, "u-17") == "second_factor"
    thief = Client()
    thief.cookies[COOKIE] = page.cookies[COOKIE].value
    assert code(page.post("/accounts/sso/code/", {"code": "000000"})) == "bad_code"
    assert page.post("/accounts/sso/code/", {"code": shown(secret, 1)}).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        answer = thief.post("/accounts/sso/code/", {"code": shown(secret)})
    assert code(answer) == "sso_over", "with a fresh code, too"


@pytest.mark.parametrize("step", [pending.BEGUN, pending.WAITING])
def test_abuse_a_step_is_signed_and_is_no_other_step(page, at, step):
    at.person("u-16", preferred_username="zoe", groups=[GROUP])
    back = at.sign_in(begin(page), "u-16")
    begun = page.cookies[COOKIE].value
    forged = {"uid": make_user("yan").pk, "identity": [at.url, "u-16"], "next": ""}
    made_up = signing.dumps(forged, key="a guess", salt=f"sotto/sso/{step}")
    for value in (begun[:-1], f"{begun}x", made_up, "", "x"):
        page.cookies[COOKIE] = value
        assert problem(come_back(page, back)) == "sso_state"
    page.cookies[COOKIE] = begun
    assert code(page.post("/accounts/sso/code/", {"code": "000000"})) == "sso_over"
    assert problem(come_back(page, back)) == "/keys/"


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?error=access_denied", "?state=%00"])
def test_hostile_callbacks_without_a_beginning_are_refused(page, at, query):
    answer = page.get(f"/accounts/sso/callback/{query}")
    assert problem(answer["Location"]) == "sso_state"
