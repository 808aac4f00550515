"""The OpenID Connect provider: discovery, the exchange of a code, and the check of an ID token.

Only what `OIDC_ISSUER` names is asked. Endpoints that the provider's document names use TLS, unless
the issuer itself is on this machine; on another host than the issuer's they have public addresses.
"""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from accounts.sso.fetch import AWAY, fetch_json
from chatsite.lib.errors import Forbidden, Unavailable

GOOD_FOR = 3600.0  # seconds that a discovery document is kept
KEYS_GOOD_FOR = 60.0  # seconds that the provider's keys are kept
KEYS_AGAIN_AFTER = 10.0  # seconds after which they are fetched again for a key that is not there
LONGEST_SUBJECT = 255  # characters, as the specification has it
LONGEST_TOKEN = 8192  # characters of a refresh token
LEEWAY = 60  # seconds that clocks may differ
LOGOUT_WITHIN = 300  # seconds since a logout token was made
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_ID = 255  # characters of a token's own id
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
BAD_ANSWER = "The answer of the sign-on service could not be trusted. Nothing was changed."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claims:
    """Verified claims of an ID token. `issuer` and `subject` together name the person."""

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]
    refresh_token: str = field(default="", repr=False)
    asked_at: int = 0
    """When the provider last asked the person who they are, in seconds since 1970; 0 if it does not
    say.
    """


class Rejected(Forbidden):
    code = "sso_rejected"
    detail = BAD_ANSWER


class Ended(Exception):
    """The provider exchanges a refresh token no more."""


def authorization_url(*, state: str, nonce: str, challenge: str, anew: bool = False) -> str:
    """The address at which a browser signs in.

    Args:
        anew: also a person whom the provider knows already is asked who they are.

    Raises:
        Unavailable: the provider does not answer as it should.
    """
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect_uri(),
        "scope": settings.OIDC_SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if anew:
        asked |= {"prompt": "login", "max_age": "0"}  # for the latter it has to say when it asked
    address = str(_document()["authorization_endpoint"])
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def check_issuer(named: str | None) -> None:
    """Check which provider an answer says that it is from (RFC 9207).

    Args:
        named: the answer's `iss`; None if it names none.

    Raises:
        Rejected: another provider, or none although this one always names itself.
        Unavailable: the provider does not answer as it should.
    """
    document = _document()
    if named is None:
        named_always = document.get("authorization_response_iss_parameter_supported") is True
        named = "" if named_always else document["issuer"]
    if named != document["issuer"]:
        raise Rejected


def claims_of(code: str, *, verifier: str, nonce: str) -> Claims:
    """Exchange a code for an ID token, and verify that.

    Raises:
        Rejected: the code or the token is not good.
        Unavailable: the provider does not answer as it should.
    """
    answer = _exchange(code, verifier)
    found = _signed(answer["id_token"], ["iss", "sub", "aud", "exp", "iat"])
    if not constant_time_compare(str(found.get("nonce", "")), nonce):
        raise Rejected
    groups = found.get("groups", [])
    return Claims(
        issuer=str(found["iss"]),
        subject=str(found["sub"]),
        name=str(found.get("preferred_username", "")),
        groups=frozenset(map(str, groups)) if isinstance(groups, list) else frozenset(),
        refresh_token=_refresh_token(answer),
        asked_at=asked_at if type(asked_at := found.get("auth_time")) is int else 0,
    )


def logout_claims(token: str) -> dict[str, Any]:
    """The claims of a logout token, by which the provider tells that a person has left it.

    Returns:
        Claims with `iss`, `sub` and `jti`, which the caller lets count once.

    Raises:
        Rejected: the token is not good, or names a session alone (`sid`), which this site does not
            keep.
        Unavailable: the provider does not answer as it should.
    """
    found = _signed(token, ["iss", "sub", "aud", "iat", "jti"])
    if not isinstance(found["jti"], str) or not 0 < len(found["jti"]) <= LONGEST_ID:
        raise Rejected
    if found["iat"] < time.time() - LOGOUT_WITHIN - LEEWAY or "nonce" in found:
        raise Rejected  # an ID token has a nonce
    events = found.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGGED_OUT), dict):
        raise Rejected
    return found


def refreshed(token: str) -> str:
    """Exchange a refresh token; returns the one to exchange next.

    Raises:
        Ended: the provider knows it no more.
        Unavailable: the provider does not answer as it should.
    """
    status, answer = _ask({"grant_type": "refresh_token", "refresh_token": token})
    if status in (400, 401) and answer.get("error") == "invalid_grant":
        raise Ended
    if status != 200:  # the site's own secret is wrong, for example: nobody is signed out for that
        log.warning("sso.refresh_failed %s", status)
        raise Unavailable(AWAY)
    return _refresh_token(answer) or token


def redirect_uri() -> str:
    return f"{settings.PUBLIC_URL}/accounts/sso/callback/"


def _exchange(code: str, verifier: str) -> dict[str, Any]:
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(),
        "code_verifier": verifier,
    }
    status, answer = _ask(sent)
    if status != 200 or not isinstance(answer.get("id_token"), str):
        raise Rejected
    return answer


def _ask(sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Ask the token endpoint, as this site. Its secret goes into the form, or, where the provider
    does not take it there, into the header.
    """
    address = str(_document()["token_endpoint"])
    own = {"client_id": settings.OIDC_CLIENT_ID, "client_secret": settings.OIDC_CLIENT_SECRET}
    status, answer = fetch_json("POST", address, sent | own)
    if status in (400, 401) and answer.get("error") == "invalid_client":
        pair = ":".join(quote(one, safe="") for one in own.values())  # RFC 6749, 2.3.1
        basic = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        status, answer = fetch_json("POST", address, sent, headers=basic)
    return status, answer


def _refresh_token(answer: dict[str, Any]) -> str:
    token = answer.get("refresh_token", "")
    return token if isinstance(token, str) and len(token) <= LONGEST_TOKEN else ""


def _signed(token: str, required: list[str]) -> dict[str, Any]:
    """The claims of a token that the provider signed for this site, and for now."""
    document = _document()
    try:
        head = jwt.get_unverified_header(token)
        if head.get("alg") not in ALGORITHMS:
            raise Rejected
        found: dict[str, Any] = jwt.decode(
            token,
            _key(str(document["jwks_uri"]), head.get("kid")),
            algorithms=[head["alg"]],
            audience=settings.OIDC_CLIENT_ID,
            issuer=document["issuer"],
            leeway=LEEWAY,
            options={"require": required},
        )
    except (jwt.PyJWTError, TypeError, ValueError, OverflowError):
        raise Rejected from None  # the latter ones for keys of another kind, and times without end
    if type(found["iat"]) not in (int, float):  # PyJWT takes text
        raise Rejected
    if "\0" in found["sub"] or len(found["sub"]) > LONGEST_SUBJECT:
        raise Rejected
    several = isinstance(found["aud"], list) and len(found["aud"]) > 1
    if (several or "azp" in found) and found.get("azp") != settings.OIDC_CLIENT_ID:
        raise Rejected
    return found


def _key(address: str, kid: str | None) -> Any:
    """The provider's key of that id. Forged tokens make no request each."""
    fitting = _fitting(_keys(address, KEYS_GOOD_FOR), kid)
    if not fitting:  # it may be new
        fitting = _fitting(_keys(address, KEYS_AGAIN_AFTER), kid)
    if len(fitting) != 1:
        raise Rejected
    return fitting[0].key


def _fitting(keys: list[jwt.PyJWK], kid: str | None) -> list[jwt.PyJWK]:
    return [key for key in keys if kid is None or key.key_id == kid]


# --- asking --------------------------------------------------------------------------------------

_kept: dict[str, tuple[float, dict[str, Any]]] = {}
_keys_kept: dict[str, tuple[float, list[jwt.PyJWK]]] = {}


def forget() -> None:
    """Forget the provider's document and its keys."""
    _kept.clear()
    _keys_kept.clear()


def _keys(address: str, seconds: float) -> list[jwt.PyJWK]:
    """The provider's keys, fetched not longer ago than that."""
    since, keys = _keys_kept.get(address, (float("-inf"), []))
    if time.monotonic() - since >= seconds:
        status, answer = fetch_json("GET", address)
        if status != 200:
            raise Unavailable(AWAY)
        keys = jwt.PyJWKSet.from_dict(answer).keys
        _keys_kept[address] = (time.monotonic(), keys)
    return keys


def _document() -> dict[str, Any]:
    issuer = settings.OIDC_ISSUER
    until, document = _kept.get(issuer, (0.0, {}))
    if time.monotonic() >= until:
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        status, document = fetch_json("GET", address)
        if status != 200 or not _fits(document):
            log.warning("sso.discovery_failed %s", status)
            raise Unavailable(AWAY)
        _kept[issuer] = (time.monotonic() + GOOD_FOR, document)
    return document


def _fits(document: dict[str, Any]) -> bool:
    same = str(document.get("issuer", "")).rstrip("/") == settings.OIDC_ISSUER.rstrip("/")
    return same and all(_may_ask(str(document.get(name, ""))) for name in ENDPOINTS)


def _may_ask(address: str) -> bool:
    """True for addresses with TLS; on this machine without, if the issuer is there, too."""
    parts, issuer = urlsplit(address), urlsplit(settings.OIDC_ISSUER)
    if parts.scheme == "https":
        return bool(parts.hostname)
    local = {parts.hostname, issuer.hostname} <= LOOPBACK
    return parts.scheme == issuer.scheme == "http" and local
