"""How the API knows who asks: a bearer token (programs) or the session cookie (pages)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.crypto import salted_hmac
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.access import SIGN_IN, user_of_token
from accounts.audit.recording import count_failed_sign_in
from accounts.factor.policy import check_factor
from accounts.intrusion.kinds import PASSWORD_SPRAYING
from accounts.intrusion.raising import signal
from accounts.models import User
from accounts.sign_in.user_agents import Place, place_of
from chatsite.lib.errors import ChatError, SignInNeeded

REFUSED = {
    *("bad_login", "bad_code", "bad_passkey", "bad_password", "bad_token"),
    *("sso_rejected", "sso_state", "sso_unknown", "sso_disabled"),
}
SSO = "sso"
CONFIRMED, CONFIRMED_FOR = "sso_confirmed", 600  # key in a session, seconds
SIGNED_IN_BY = "sotto.signed_in_by"
"""Key in `META` of a request: how its person signs in. No header has a dot in its name."""


@contextmanager
def failures_counted(request: Request | HttpRequest, name: str) -> Iterator[None]:
    """Count a sign-in as `name` that is refused within this."""
    try:
        yield
    except ChatError as error:
        if error.code in REFUSED:
            count_failure(request, name)
        raise


def count_failure(request: Request | HttpRequest, name: str) -> None:
    """Count a failed sign-in on the audit log, and for the signal of many names from one network:
    the same work for every name.

    Args:
        name: who it was meant to be: a user name, or a bot's token. All that single sign-on refuses
            is `SSO`: nobody guesses passwords there.
    """
    network = here(request).address
    count_failed_sign_in(network)
    mark = salted_hmac("sotto/spraying", name.strip().lower()[:64], algorithm="sha256")
    if network:
        signal(PASSWORD_SPRAYING, network=network, member=mark.hexdigest()[:32])


def signed_in(request: Request) -> User:
    """The signed-in user of a request. Views are closed to others, so there always is one."""
    user = request.user
    if not isinstance(user, User):
        raise SignInNeeded
    return user


def sign_in_of(request: Request) -> str:
    """The id of the sign-in by which `request` is made."""
    token: Any = request.auth
    return str(token["fam"] if token is not None else request.session[SIGN_IN])


def note_confirmed(request: HttpRequest, uid: str) -> None:
    """Note in the session that single sign-on has asked its person anew who they are."""
    request.session[CONFIRMED] = [uid, int(time.time())]


def is_confirmed(request: Request) -> bool:
    """True for ten minutes after that, in that browser. It stands for the password of people who
    have none.
    """
    if request.auth is not None:
        return False
    uid, at = request.session.get(CONFIRMED) or ("", 0)
    return uid == signed_in(request).pk and 0 <= time.time() - at < CONFIRMED_FOR


def keep_signed_in(request: Request, user: User) -> None:
    """After another password: a session would end with the old one."""
    if request.auth is None:
        update_session_auth_hash(request._request, user)


def log_in_browser(request: HttpRequest, user: User, next_: str, *, how: str) -> str:
    """Sign a browser in without its password; returns the address that follows.

    People without keys make them first. Others have theirs in this browser, or are asked for their
    recovery kit by the page that they come to.

    Args:
        next_: the address that was wanted, or an empty text.
        how: `sso` or `passkey`.
    """
    request.META[SIGNED_IN_BY] = how
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    if user.current_kid is None:
        return resolve_url(settings.ACCOUNT_SIGNUP_REDIRECT_URL)
    return next_ or resolve_url(settings.LOGIN_REDIRECT_URL)


def here(request: Request | HttpRequest) -> Place:
    """The browser and network of a request."""
    return place_of(request.META.get("HTTP_USER_AGENT", ""), request.META.get("REMOTE_ADDR", ""))


class TokenAuthentication(JWTAuthentication):
    """A JWT whose sign-in still stands: signing out ends access tokens at once."""

    def authenticate(self, request: Request) -> Any:
        try:
            found = super().authenticate(request)
        except AuthenticationFailed:  # whatever is wrong with it: a program signs in again
            raise NotAuthenticated(code="bad_token") from None
        return _with_factor(request, found)

    def get_raw_token(self, header: bytes) -> bytes | None:
        """The token of a bearer header; schemes are named in any case (RFC 9110)."""
        scheme, _, token = header.strip().partition(b" ")
        return token.strip() if scheme.lower() == b"bearer" else None

    def get_user(self, validated_token: Any) -> User:  # type: ignore[override]
        try:
            return user_of_token(validated_token)
        except SignInNeeded as error:
            raise NotAuthenticated(error.detail, code=error.code) from None


class BrowserAuthentication(SessionAuthentication):
    """The session cookie, with a CSRF token on everything that writes."""

    def authenticate(self, request: Request) -> Any:
        return _with_factor(request, super().authenticate(request))

    def authenticate_header(self, request: Request) -> str:
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise PermissionDenied("The page is out of date. Reload it.", code="csrf") from None


def _with_factor(request: Request, found: Any) -> Any:
    """The person whom a request shows, and by which token. Raises FactorNeeded."""
    view = request.parser_context.get("view")
    if found is not None and not getattr(view, "before_second_factor", False):
        check_factor(found[0])
    return found
