"""A provider tells that somebody has logged out of it: their sign-ins by it end."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.db import OperationalError
from django.test import Client

from accounts.audit.models import AuditEntry, FailedSignIns
from accounts.bots.actions import create_bot, make_token, sign_in_by_token
from accounts.models import User
from accounts.sign_in import sign_ins
from accounts.sign_in.user_agents import Place
from accounts.sso import back_channel, provider
from accounts.sso.actions import account_of
from accounts.sso.models import ExternalIdentity
from accounts.sso.provider import LOGGED_OUT, Claims
from tests.accounts.signed_in import alive, program
from tests.base import api, code, make_user

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/auth/sso/back-channel-logout"
GOOD: dict[str, Any] = {
    "sub": "17",
    "jti": "one",
    "events": {LOGGED_OUT: {}},
    "nonce": None,
    "preferred_username": None,
}


@pytest.fixture
def zoe(liar) -> User:
    user = make_user("zoe")
    ExternalIdentity.objects.create(user=user, issuer=liar.url, subject="17", refresh_token="x")
    return user


def told(liar, *, how: dict | None = None, **changes: Any) -> Any:
    """The answer to a logout token of changed claims."""
    token = liar.signed(liar.claims("", **GOOD | changes), **(how or {}))
    liar.serve({}, token="none")
    return post(logout_token=token)


def post(**sent: str) -> Any:
    """The answer to a form, as providers send it."""
    return Client().post(ADDRESS, urlencode(sent), "application/x-www-form-urlencoded")


def came_by_it(user: User) -> int:
    """How many sign-ins of `user` by single sign-on stand."""
    return user.sign_ins.filter(by_sso=True).count()


def begin(user: User) -> None:
    sign_ins.begin_in_browser(user, Place(), how="sso")


def test_every_sign_in_by_the_provider_ends_and_no_other(zoe, liar):
    begin(zoe)
    begin(zoe)
    by_password = program(zoe)
    answer = told(liar, sid="a session of theirs")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert came_by_it(zoe) == 0
    assert alive(by_password)
    assert ExternalIdentity.objects.get().refresh_token == "", "it is asked about no more"
    assert AuditEntry.objects.filter(kind="sign_out.sso").count() == 2


@pytest.mark.parametrize("by_password", [False, True])
def test_bots_of_who_has_no_other_way_in_end_with_them(zoe, liar, by_password):
    if not by_password:
        zoe.set_unusable_password()
        zoe.save()
    bot = create_bot(zoe, "zoe.bot")
    token = make_token(zoe, bot.pk, ["read"], 1).text
    _, tokens = sign_in_by_token(token, Place())
    running = api(tokens.access)
    assert told(liar).status_code == 200
    assert alive(running) is by_password
    sent = api().post("/api/v1/auth/bot", {"token": token})
    assert sent.status_code == (200 if by_password else 401)
    claims = Claims(liar.url, "17", "zoe", frozenset())
    assert account_of(claims) == zoe, "they sign in again"
    assert api().post("/api/v1/auth/bot", {"token": token}).status_code == 200


def test_somebody_who_is_unknown_here_is_no_error(zoe, liar):
    begin(zoe)
    assert told(liar, sub="18").status_code == 200
    assert came_by_it(zoe) == 1


FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another site": {"aud": "another"},
    "old": {"iat": int(time.time()) - 1000, "exp": None},
    "of the future": {"iat": int(time.time()) + 1000},
    "over": {"exp": int(time.time()) - 1000},
    "no time": {"iat": None},
    "a time that is text": {"iat": str(int(time.time()))},
    "a time that is true": {"iat": True},
    "a time without end": {"iat": float("inf")},
    "an end without end": {"exp": float("inf")},
    "no id": {"jti": None},
    "a number for an id": {"jti": 5},
    "an id without end": {"jti": "x" * 256},
    "an ID token": {"nonce": "n"},
    "no event": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "an event that is text": {"events": {LOGGED_OUT: "yes"}},
    "events in a list": {"events": [LOGGED_OUT]},
    "nobody": {"sub": None, "sid": "a session of theirs"},
    "a name with NUL": {"sub": "17\0"},
}


@pytest.mark.parametrize("forged", FORGED)
def test_hostile_tokens_end_nothing(zoe, liar, forged):
    begin(zoe)
    answer = told(liar, **FORGED[forged])
    assert (answer.status_code, code(answer)) == (400, "invalid_request")
    assert came_by_it(zoe) == 1


def test_hostile_signatures_end_nothing(zoe, liar):
    begin(zoe)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ways: list[dict[str, Any]] = [
        {"key": other},
        {"key": None, "algorithm": "none"},
        {"key": "s" * 64, "algorithm": "HS256"},
    ]
    for how in ways:
        assert code(told(liar, how=how)) == "invalid_request"
    for token in ("", "a.b.c", "x" * 20_000):
        assert post(logout_token=token).status_code == 400
    assert post(token="a.b.c").status_code == 400
    assert Client().post(ADDRESS, {"logout_token": "x"}, "application/json").status_code == 415
    assert came_by_it(zoe) == 1


def test_abuse_forged_tokens_make_no_request_each(zoe, liar):
    begin(zoe)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for kid in ("1", "2", "3", "4"):
        claims = liar.claims("", **GOOD)
        liar.serve({}, token="none")
        token = jwt.encode(claims, other, algorithm="RS256", headers={"kid": kid})
        assert code(post(logout_token=token)) == "invalid_request"
    assert [request.path for request, _ in liar.server.log].count("/jwks") == 1
    assert told(liar).status_code == 200


def test_a_key_that_is_new_at_the_provider_is_fetched(zoe, liar, monkeypatch):
    begin(zoe)
    monkeypatch.setattr(provider, "KEYS_AGAIN_AFTER", 0.0)
    liar.server.expect_request("/jwks").respond_with_json({"keys": []})
    liar.server.expect_request("/.well-known/openid-configuration").respond_with_json(liar.document)
    assert post(logout_token=liar.signed(liar.claims("", **GOOD))).status_code == 400
    liar.server.clear()
    assert told(liar).status_code == 200


def test_forged_tokens_are_counted(zoe, liar):
    assert told(liar, aud="another").status_code == 400
    assert FailedSignIns.objects.get().many == 1


def test_abuse_a_token_counts_once(zoe, liar):
    assert told(liar, jti="replayed").status_code == 200
    begin(zoe)
    assert code(told(liar, jti="replayed")) == "invalid_request"
    assert came_by_it(zoe) == 1


def test_fault_a_token_counts_again_where_its_end_was_not_kept(zoe, liar, monkeypatch):
    begin(zoe)
    with monkeypatch.context() as patch:
        patch.setattr(back_channel, "end_by_sso", Mock(side_effect=OperationalError))
        with pytest.raises(OperationalError):
            told(liar)
    assert came_by_it(zoe) == 1
    assert told(liar).status_code == 200
    assert came_by_it(zoe) == 0


def test_a_provider_that_is_away_is_asked_to_tell_again(zoe, settings):
    settings.OIDC_ISSUER = "http://localhost:9"
    answer = post(logout_token="a.b.c")
    assert (answer.status_code, code(answer)) == (503, "unavailable")


def test_a_site_without_a_provider_takes_none(settings):
    settings.OIDC_ISSUER = ""
    answer = post(logout_token="a.b.c")
    assert (answer.status_code, code(answer)) == (404, "no_sso")
