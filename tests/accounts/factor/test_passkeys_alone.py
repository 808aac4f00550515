"""Signing in by a passkey without a password."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator as Row
from django.conf import settings
from django.test import Client

from accounts import lifecycle
from accounts.factor import second_factor
from accounts.models import AuditEntry, SignIn, User
from accounts.passkeys import actions
from tests.accounts.codes import by_api
from tests.accounts.factor.authenticator import PRESENT, Authenticator
from tests.accounts.factor.passkeys import (
    ALONE,
    added,
    alone,
    asked_for,
    posted,
)
from tests.accounts.signed_in import browser
from tests.base import api, code, make_user

pytestmark = pytest.mark.django_db


def test_a_passkey_alone_signs_a_program_in(zoe):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    assert "allowCredentials" not in asked["options"], "it names nobody's"
    assert asked["options"]["userVerification"] == "required"
    answer = api().post(ALONE, key.answer(asked)).json()
    assert (answer["uid"], answer["name"]) == (zoe.pk, "zoe")
    assert api(answer["access"]).get("/api/v1/me").status_code == 200
    entry = AuditEntry.objects.filter(kind="sign_in").latest("pk")
    assert entry.facts["how"] == "passkey"


def test_a_passkey_alone_signs_a_browser_in_and_leads_on(zoe):
    key, page = added(zoe), Client()
    asked = posted("/accounts/passkey/options/", page).json()
    answer = posted("/accounts/passkey/", page, passkey=key.answer(asked), next="/settings/")
    assert answer.json() == {"next": "/keys/"}, "who has no keys makes them first"
    assert page.get("/api/v1/me").json()["name"] == "zoe"
    asked = posted("/accounts/passkey/options/").json()
    page = Client()
    outside = posted("/accounts/passkey/", page, passkey=key.answer(asked), next="//evil.example")
    assert outside.json() == {"next": "/keys/"}


HOSTILE: dict[str, dict[str, Any]] = {
    "wrong origin": {"origin": "https://sotto.example.org"},
    "subdomain": {"origin": "http://a.localhost"},
    "another port": {"origin": "http://localhost:1"},
    "wrong rpId": {"rp": "example.org"},
    "missing user verification": {"flags": PRESENT},
    "nobody there": {"flags": 0},
    "inside another page": {"cross_origin": True},
    "another key": {"key": Authenticator().key},
    "another id": {"id": bytes(32)},
    "nobody's handle": {"handle": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no handle": {"handle": None},
}


@pytest.mark.parametrize("lie", HOSTILE)
def test_hostile_answers_open_nothing_and_look_alike(zoe, lie):
    key = added(zoe)
    for name, value in HOSTILE[lie].items():
        setattr(key, name, value)
    asked = api().post(f"{ALONE}/options", {}).json()
    answer = api().post(ALONE, key.answer(asked))
    assert (answer.status_code, code(answer)) == (401, "bad_login")
    assert answer.json()["error"] == {"code": "bad_login", "detail": actions.UNKNOWN}
    assert not SignIn.objects.exists()


def test_abuse_a_handle_of_somebody_else_opens_nobodys_account(zoe):
    mallory = added(make_user("mallory"))
    mallory.handle = added(zoe).handle
    assert alone(mallory) == "bad_login"


def test_abuse_a_challenge_counts_once(zoe):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    sent = key.answer(asked)
    assert api().post(ALONE, sent).status_code == 200
    assert code(api().post(ALONE, sent)) == "step_over", "replayed"
    asked = api().post(f"{ALONE}/options", {}).json()
    key.flags = PRESENT
    assert code(api().post(ALONE, key.answer(asked))) == "bad_login"
    key.flags = Authenticator().flags
    assert code(api().post(ALONE, key.answer(asked))) == "step_over", "a wrong answer used it up"


def test_abuse_a_challenge_is_over_after_five_minutes(zoe, clock):
    key = added(zoe)
    asked = api().post(f"{ALONE}/options", {}).json()
    clock.shift(301)
    assert code(api().post(ALONE, key.answer(asked))) == "step_over"


def test_abuse_a_challenge_of_another_session_or_purpose_is_refused(zoe):
    key = added(zoe)
    here, there = Client(), Client()
    for page in (here, there):
        page.get("/site.json")  # which sets the cookie
    asked = posted("/accounts/passkey/options/", here).json()
    sent = posted("/accounts/passkey/", there, passkey=key.answer(asked))
    assert code(sent) == "step_over", "asked for by another browser"
    asked = api().post(f"{ALONE}/options", {}).json()
    sent = posted("/accounts/passkey/", here, passkey=key.answer(asked))
    assert code(sent) == "step_over", "asked for by a program"
    sent = api().post(ALONE, key.answer(asked_for()["passkey"]))
    assert code(sent) == "step_over", "asked for beside the password"
    asked = api().post(f"{ALONE}/options", {}).json()
    forged = {**asked, "state": asked["state"][:-1] + "x"}
    assert code(api().post(ALONE, key.answer(forged))) == "step_over"


def test_abuse_a_counter_that_stands_still_or_goes_back_is_a_copy(zoe):
    key = added(zoe, Authenticator(counter=5))
    for counter in (5, 4, 0):
        key.counter = counter
        assert alone(key) == "bad_login", counter
    assert AuditEntry.objects.filter(kind="passkey.copied").count() == 3
    key.counter = 6
    assert alone(key) == ""
    assert alone(key) == "bad_login"


@pytest.mark.parametrize("ended", ["disabled", "deleted", "without a password"])
def test_accounts_that_are_closed_to_passwords_are_closed_to_passkeys(zoe, ended):
    key = added(zoe)
    if ended == "disabled":
        lifecycle.set_active(zoe, False, by=None)
    elif ended == "deleted":
        lifecycle.delete_account(zoe, by=None)
        assert not Row.objects.exists()
    else:
        zoe.set_unusable_password()
        zoe.save()
    assert alone(key) == "bad_login"


def test_hostile_bodies_are_refused(zoe):
    key = added(zoe)
    sent = key.answer(api().post(f"{ALONE}/options", {}).json())
    wrong: list[dict[str, Any]] = [
        {"name": "ada"},
        {"uid": zoe.pk},
        {"credential": {}},
        {"state": 5},
    ]
    for changes in wrong:
        assert code(api().post(ALONE, {**sent, **changes})) == "bad_wire", changes
    long = {**sent, "state": "x" * 2000}
    assert code(api().post(ALONE, long)) == "bad_wire"
    for text in ("", "[]", "{}", "x" * 5000, '{"state":"x","state":"y"}'):
        answer = Client().post("/accounts/passkey/", {"passkey": text})
        assert code(answer) == "bad_wire", text
    assert code(api().post(f"{ALONE}/options", {"name": "zoe"})) == "bad_wire"


def test_tries_count_with_those_of_the_password(zoe):
    key = added(zoe)
    many, _ = settings.RATE_LIMITS["login"]
    key.flags = PRESENT
    assert [alone(key) for _ in range(many)] == ["bad_login"] * many
    assert alone(key) == "rate"
    assert by_api() == "rate", "as if the password had been tried"


def test_a_role_forgets_passkeys_that_a_helper_may_have_made(zoe, clock):
    key = added(zoe)
    lifecycle.set_role(zoe, User.HELPER, by=None)
    assert alone(key) == "bad_login"
    assert not Row.objects.exists()


def test_an_operator_removes_passkeys_with_the_second_factor(zoe):
    key = added(zoe)
    second_factor.remove(zoe, by=None)
    assert alone(key) == "bad_login"
    assert by_api() == ""


def test_what_is_kept_is_no_secret_and_names_nobody(zoe):
    key = added(zoe)
    row = Row.objects.get(type="webauthn")
    assert set(row.data) == {"name", "credential", "counter"}
    private = key.key.private_numbers().private_value
    assert str(private) not in str(row.data)


def test_pages_let_their_own_origin_alone_use_passkeys(zoe):
    policy = browser(zoe).get("/accounts/login/")["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in policy
    assert "publickey-credentials-create=(self)" in policy
