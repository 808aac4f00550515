"""Confirming by single sign-on, where others type their password: ending an account, new keys."""

from __future__ import annotations

import time
from typing import Any
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from accounts.authentication import CONFIRMED_FOR
from accounts.models import Identity, User
from tests.accounts.sso.provider import Liar, parameters
from tests.accounts.sso.visits import begin, problem, tried
from tests.base import PASSWORD, Person, code

pytestmark = pytest.mark.django_db

DELETE = "/api/v1/me/delete"


@pytest.fixture
def zoe(page, liar) -> User:
    """Who came by single sign-on, and has no password."""
    assert tried(page, liar, {}) == "/keys/"
    user = User.objects.get()
    assert not user.has_usable_password()
    return user


def confirm(page: Client, liar: Liar, **claims: Any) -> str:
    """Where it leads to confirm, if the provider says this."""
    liar.server.clear()
    liar.serve({}, token="none")
    asked = parameters(begin(page, purpose="confirm", next="/settings/"))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    liar.server.clear()
    liar.serve(liar.claims(asked["nonce"], **claims))
    query = f"?code=x&state={asked['state']}"
    return problem(page.get(f"/accounts/sso/callback/{query}")["Location"])


def delete(page: Client, **body: Any) -> Any:
    return page.post(DELETE, body, content_type="application/json")


def facts(page: Client) -> dict[str, bool]:
    return dict(page.get("/api/v1/me/sso").json())


def test_who_has_no_password_deletes_the_account_once_the_provider_has_asked(page, liar, zoe):
    assert facts(page) == {"linked": True, "password": False, "confirmed": False}
    for body in ({}, {"password": ""}, {"password": PASSWORD}):
        assert code(delete(page, **body)) == "not_confirmed"
    assert confirm(page, liar, auth_time=int(time.time())) == "/settings/"
    assert facts(page)["confirmed"]
    assert delete(page).status_code == 204
    assert User.objects.get().deleted_at


def test_who_has_no_password_makes_new_keys_once_the_provider_has_asked(page, liar, zoe):
    person = Person(zoe.name, zoe).publish()
    other = person.signed_identity(Ed25519PrivateKey.generate(), n=2, prev=person.kid)

    def post() -> Any:
        return page.post("/api/v1/identities", other, content_type="application/json")

    assert code(post()) == "not_confirmed"
    assert Identity.objects.get().kid == person.kid
    assert confirm(page, liar, auth_time=int(time.time())) == "/settings/"
    assert post().status_code == 201
    assert Identity.objects.count() == 2


def test_it_counts_for_ten_minutes_in_that_browser(page, liar, zoe):
    confirm(page, liar, auth_time=int(time.time()))
    other = Client()
    other.force_login(zoe)
    assert not facts(other)["confirmed"]
    assert code(delete(other)) == "not_confirmed"
    later = time.time() + CONFIRMED_FOR
    with patch("accounts.authentication.time.time", return_value=later):
        assert not facts(page)["confirmed"]
        assert code(delete(page)) == "not_confirmed"


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({}, "sso_not_asked"),
        ({"auth_time": int(time.time()) - 3600}, "sso_not_asked"),
        ({"auth_time": "9999999999"}, "sso_not_asked"),
        ({"auth_time": True}, "sso_not_asked"),
        ({"auth_time": int(time.time()), "sub": "18"}, "sso_other"),
    ],
)
def test_hostile_an_answer_without_asking_or_of_somebody_else_confirms_nothing(
    page, liar, zoe, claims, what
):
    assert confirm(page, liar, **claims) == what
    assert not facts(page)["confirmed"]
    assert code(delete(page)) == "not_confirmed"


def test_abuse_an_ordinary_sign_in_confirms_nothing(page, liar, zoe):
    assert tried(page, liar, {}, auth_time=int(time.time())) == "/keys/"
    assert code(delete(page)) == "not_confirmed"


def test_abuse_it_never_takes_the_place_of_a_password(page, liar, zoe):
    confirm(page, liar, auth_time=int(time.time()))
    zoe.set_password(PASSWORD)
    zoe.save()
    page.force_login(zoe)
    assert code(delete(page)) == "bad_password"
    assert code(delete(page, password="not this one")) == "bad_password"
    assert delete(page, password=PASSWORD).status_code == 204


def test_only_who_is_signed_in_confirms(page, liar):
    liar.serve({}, token="none")
    answer = page.post("/accounts/sso/", {"purpose": "confirm"})
    assert code(answer) == "not_signed_in"
