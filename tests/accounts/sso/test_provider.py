"""Providers that lie, are unreachable or are not there."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from accounts.models import User
from accounts.sso.pending import COOKIE
from chatsite.variables import OIDC_ISSUER
from tests.accounts.sso.provider import parameters
from tests.accounts.sso.visits import CLIENT, GROUP, begin, problem, tried
from tests.base import code

pytestmark = pytest.mark.django_db

FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another site": {"aud": "another"},
    "two sites without azp": {"aud": [CLIENT, "another"]},
    "for another party": {"azp": "another"},
    "over": {"exp": 1_000_000_000, "iat": 999_999_000},
    "of the future": {"iat": 9_000_000_000, "exp": 9_000_000_300},
    "another nonce": {"nonce": "replayed"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "no end": {"exp": None},
    "a name without end": {"sub": "x" * 256},
    "a name with NUL": {"sub": "u\0-1"},
}


@pytest.mark.parametrize("forged", FORGED)
def test_hostile_forged_assertions_are_rejected(page, liar, forged):
    assert tried(page, liar, {}, **FORGED[forged]) == "sso_rejected"
    assert not User.objects.exists()


def test_a_token_that_fits_lets_in(page, liar):
    assert tried(page, liar, {}) == "/keys/"


def test_abuse_nonce_replay_an_assertion_of_an_earlier_sign_in_is_refused(page, liar, monkeypatch):
    sign = liar.signed
    made: list[str] = []

    def signed(*claims: Any, **how: Any) -> str:
        made.append(sign(*claims, **how))
        return made[-1]

    monkeypatch.setattr(liar, "signed", signed)
    assert tried(page, liar, {}) == "/keys/"
    page.logout()
    liar.server.clear()
    assert tried(page, liar, {"token": made[-1]}) == "sso_rejected"


@pytest.mark.parametrize(
    "how", ["other key", "none", "HS256 with the public key", "no token", "another kind of key"]
)
def test_hostile_assertions_with_forged_signatures_are_rejected(page, liar, how):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ways: dict[str, dict[str, Any]] = {
        "other key": {"key": other},
        "none": {"key": None, "algorithm": "none"},
        "HS256 with the public key": {"key": "s" * 64, "algorithm": "HS256"},
        "no token": {"token": "a.b.c"},
        "another kind of key": {
            "key": ec.generate_private_key(ec.SECP256R1()),
            "algorithm": "ES256",
        },
    }
    assert tried(page, liar, ways[how]) == "sso_rejected"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "gopher://localhost:70/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": ""},
    ],
)
def test_hostile_ssrf_through_discovery_makes_no_request_to_another_address(page, liar, changes):
    liar.document |= changes
    liar.serve({}, token="none")
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (503, "unavailable")


@pytest.mark.parametrize(
    ("always", "named", "expected"),
    [
        (True, "own", "/keys/"),
        (True, None, "sso_rejected"),
        (True, "https://evil.example", "sso_rejected"),
        (False, None, "/keys/"),
        (False, "", "sso_rejected"),
        (False, "https://evil.example", "sso_rejected"),
    ],
)
def test_hostile_issuer_mix_up_an_answer_of_another_provider_is_rejected(
    page, liar, always, named, expected
):
    """By the `iss` of the answer itself (RFC 9207); that of the token is checked in any case."""
    liar.document["authorization_response_iss_parameter_supported"] = always
    liar.serve({}, token="none")
    asked = parameters(begin(page))
    liar.server.clear()
    liar.serve(liar.claims(asked["nonce"], groups=[GROUP]))
    sent = {"code": "x", "state": asked["state"]}
    if named is not None:
        sent["iss"] = liar.document["issuer"] if named == "own" else named
    answer = page.get("/accounts/sso/callback/", sent)
    assert problem(answer["Location"]) == expected
    assert User.objects.exists() == (expected == "/keys/")


def test_a_provider_that_is_away_says_so(page, settings):
    settings.OIDC_ISSUER = "http://localhost:9"
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (503, "unavailable")


def test_the_secret_and_the_tokens_reach_no_session_and_no_page(page, liar, settings):
    assert tried(page, liar, {}) == "/keys/"
    assert "a secret" not in str(dict(page.session))
    assert page.cookies[COOKIE].value == "", "nothing of it is left in the browser"
    assert settings.OIDC_CLIENT_SECRET not in page.get("/site.json").text


def test_a_site_without_a_provider_offers_none(page, settings):
    settings.OIDC_ISSUER = ""
    assert page.get("/site.json").json()["sso"] == ""
    answer = page.post("/accounts/sso/", {"purpose": "log_in"})
    assert (answer.status_code, code(answer)) == (404, "no_sso")
    assert problem(page.get("/accounts/sso/callback/?state=x&code=y")["Location"]) == "sso_state"


def test_the_issuer_needs_tls_unless_it_is_here(monkeypatch):
    for good in ("https://id.example.org/realms/x", "http://localhost:9400"):
        monkeypatch.setenv("OIDC_ISSUER", good)
        assert OIDC_ISSUER.read() == good
