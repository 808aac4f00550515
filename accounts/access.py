"""Doors: who is behind a token or a session, and whether that still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError

from accounts.factor.policy import check_factor, lacking
from accounts.models import (
    NOTE_EVERY,
    SignIn,
    User,
    password_mark,
)
from accounts.sign_in.tokens import AccessToken
from chatsite.lib.errors import SignInNeeded

SIGN_IN = "sign_in"  # where a browser's session names its sign-in


@dataclass(frozen=True, slots=True)
class SessionRef:
    """A signed-in person and their sign-in. Its id is no secret."""

    uid: str
    name: str
    sign_in: str
    scopes: frozenset[str] | None = None
    """Scopes of a bot's token (`accounts.bots.scopes`); None for people, who may do all."""

    def allows(self, scope: str) -> bool:
        """True for people, and for a bot whose token has this scope."""
        return self.scopes is None or scope in self.scopes


def signed_token(token: str) -> AccessToken:
    """The access token that a text holds, without a query: its sign-in may have ended.

    Raises:
        SignInNeeded: this site did not sign it, or it has expired.
    """
    try:
        return AccessToken(token)  # type: ignore[arg-type]
    except TokenError:
        raise SignInNeeded("Sign in again.", code="bad_token") from None


def ref_of_token(access: AccessToken) -> SessionRef:
    """The user behind an access token.

    Raises:
        SignInNeeded: its sign-in has ended.
        FactorNeeded: the site asks for a second factor first.
    """
    return _ref(user_of_token(access), access["fam"], access.get("scopes"))


def user_of_token(access: Any) -> User:
    found = SignIn.objects.programs().select_related("user").filter(pk=access.get("fam", ""))
    sign_in = found.filter(user_id=access.get("sub", "")).first()
    if sign_in is None or not sign_in.stands:
        raise SignInNeeded("Sign in again.", code="bad_token")
    sign_in.use()
    return sign_in.user


def ref_of_session(session_key: str) -> SessionRef:
    """The user signed in by a Django session, read afresh from its store. Raises as
    `ref_of_token`.
    """
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = _user_of_session(session) if session_key else None
    if user is None or not session_stands(user, session):
        raise SignInNeeded
    return _ref(user, session[SIGN_IN])


def _ref(user: User, sign_in: str, scopes: list[str] | None = None) -> SessionRef:
    check_factor(user)
    allowed = None if scopes is None else frozenset(scopes)
    return SessionRef(uid=user.pk, name=user.name, sign_in=sign_in, scopes=allowed)


def session_stands(user: User, session: SessionBase) -> bool:
    """True if the sign-in of `user` that a browser's session names has not ended."""
    sign_in = user.sign_ins.filter(pk=session.get(SIGN_IN, ""), refresh_salt="").first()
    if sign_in is None or not sign_in.stands:
        return False
    sign_in.use()
    return True


def alive_among(refs: Iterable[SessionRef]) -> dict[SessionRef, bool]:
    """Which of `refs` may still act: signed in, not revoked, not disabled, same password, and with
    the second factor that the site asks for.
    """
    asked = list(refs)
    named = SignIn.objects.in_time().filter(pk__in={ref.sign_in for ref in asked})
    unnoted = Q(seen_at__lt=timezone.now() - NOTE_EVERY)
    rows = named.annotate(unnoted=unnoted).values_list(
        "pk", "user_id", "password_mark", "user__password", "unnoted"
    )
    held = {row[:2]: row[4] for row in rows if row[2] == password_mark(row[3])}
    if any(held.values()):
        SignIn.objects.filter(unnoted, pk__in=[pk for pk, _ in held]).seen()
    without = lacking(uid for _, uid in held)
    return {ref: (ref.sign_in, ref.uid) in held and ref.uid not in without for ref in asked}


def _user_of_session(session: SessionBase) -> User | None:
    uid = session.get(SESSION_KEY)
    if uid is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=uid, is_active=True).first()
    shown = session.get(HASH_SESSION_KEY, "")
    if user is None:
        return None
    good = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return user if any(constant_time_compare(shown, one) for one in good) else None
