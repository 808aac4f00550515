"""Doors: who is behind a token or a session, and whether that still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import Block, SealedKit, TokenFamily, User
from accounts.tokens import AccessToken
from chatsite.lib.errors import NotFound, SignInNeeded


@dataclass(frozen=True, slots=True)
class SessionRef:
    """Who is signed in, and by what. Exactly one of `session` (a Django session key, never
    to leave the process) and `family` (a token family's id) is set."""

    uid: str
    name: str
    session: str = ""
    family: str = ""

    @property
    def mark(self) -> str:
        """Names the sign-in on the bus without giving it away."""
        return session_mark(self.session) if self.session else self.family


def session_mark(session_key: str) -> str:
    return sha256(b"sotto/session|" + session_key.encode()).hexdigest()[:32]


def ref_of_token(token: str) -> SessionRef:
    """The user behind an access token; SignInNeeded if it is not, or no longer, good."""
    try:
        access = AccessToken(token)  # type: ignore[arg-type]
    except TokenError:
        raise SignInNeeded("Sign in again.", code="bad_token") from None
    user = _user_of_family(access.get("fam", ""), access.get("sub", ""))
    return SessionRef(uid=user.pk, name=user.name, family=access["fam"])


def user_of_token(access: Any) -> User:
    return _user_of_family(access.get("fam", ""), access.get("sub", ""))


def _user_of_family(family_id: str, uid: str) -> User:
    family = (
        TokenFamily.objects.select_related("user")
        .filter(pk=family_id, user_id=uid, user__is_active=True)
        .first()
    )
    if family is None:
        raise SignInNeeded("Sign in again.", code="bad_token")
    return family.user


def ref_of_session(session_key: str) -> SessionRef:
    """The user signed in by a Django session, read afresh from its store."""
    user = _user_of_session(session_key)
    if user is None:
        raise SignInNeeded
    return SessionRef(uid=user.pk, name=user.name, session=session_key)


def alive_among(refs: Iterable[SessionRef]) -> dict[SessionRef, bool]:
    """Which of `refs` may still act: signed in, not revoked, not disabled, same password."""
    asked = list(refs)
    families = TokenFamily.objects.filter(
        pk__in={ref.family for ref in asked if ref.family}, user__is_active=True
    )
    held = set(families.values_list("pk", "user_id"))
    return {
        ref: (ref.family, ref.uid) in held if ref.family else _session_alive(ref) for ref in asked
    }


def _session_alive(ref: SessionRef) -> bool:
    user = _user_of_session(ref.session)
    return user is not None and user.pk == ref.uid


def _user_of_session(session_key: str) -> User | None:
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    uid = session.get(SESSION_KEY)
    if uid is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=uid, is_active=True).first()
    shown = session.get(HASH_SESSION_KEY, "")
    if user is None:
        return None
    good = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return user if any(constant_time_compare(shown, one) for one in good) else None


# --- other people, and what one keeps here -----------------------------------------------------


def person_by_name(name: str) -> User:
    """Somebody with an account, by the exact user name."""
    return _somebody(User.objects.filter(name=name, is_active=True).first())


def person_by_uid(uid: str) -> User:
    return _somebody(User.objects.filter(pk=uid, is_active=True).first())


def _somebody(user: User | None) -> User:
    if user is None:
        raise NotFound("Nobody here has that user name.", code="no_such_person")
    return user


def kit_of(user: User) -> Any:
    """The recovery kit that a user left here, without its code."""
    kept = SealedKit.objects.filter(user=user).first()
    if kept is None:
        raise NotFound("There is no recovery kit of yours here.", code="no_kit")
    return kept.kit


def blocks_of(user: User) -> list[dict[str, str]]:
    """Whom a user blocks: `[{uid, name}]`."""
    found = Block.objects.filter(user=user).order_by("blocked__name")
    return [
        {"uid": uid, "name": name} for uid, name in found.values_list("blocked_id", "blocked__name")
    ]


def blocked_by(uid: str) -> set[str]:
    """The uids that `uid` blocks."""
    return set(Block.objects.filter(user_id=uid).values_list("blocked_id", flat=True))
