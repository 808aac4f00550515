"""Sign-ins begin, go on and end: those of browsers, and those of programs with their tokens."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import SignIn, User, password_mark
from accounts.places import Place
from accounts.tokens import AccessToken
from chatsite.lib import live
from chatsite.lib.errors import NotFound, SignInNeeded

NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


def begin_in_browser(user: User, place: Place) -> SignIn:
    """A browser has signed in. Its session has to name the row (`access.SIGN_IN`)."""
    return _begin(user, place, timedelta(seconds=settings.SESSION_COOKIE_AGE))


def issue_tokens(user: User, place: Place = NOWHERE) -> Tokens:
    """A program has signed in."""
    secret = secrets.token_urlsafe(32)
    return _tokens(_begin(user, place, settings.REFRESH_TOKEN_LIFETIME, _hash(secret)), secret)


def _begin(user: User, place: Place, lifetime: timedelta, secret_hash: str = "") -> SignIn:
    """The mark is of the password that was checked: if it has just been changed by somebody
    else, the sign-in does not stand."""
    return SignIn.objects.create(
        user=user,
        secret_hash=secret_hash,
        password_mark=password_mark(user.password),
        agent=place.agent,
        address=place.address,
        expires_at=timezone.now() + lifetime,
    )


def refresh_tokens(token: str) -> Tokens:
    """Exchange a refresh token for new ones. A used one ends its sign-in, then is refused."""
    sign_in_id, _, secret = token.partition(".")
    with transaction.atomic():
        locked = SignIn.objects.programs().select_for_update().filter(pk=sign_in_id)
        sign_in = locked.first()
        if sign_in is not None and _fits(sign_in, secret) and sign_in.stands:
            fresh = secrets.token_urlsafe(32)
            sign_in.secret_hash, sign_in.seen_at = _hash(fresh), timezone.now()
            sign_in.save(update_fields=["secret_hash", "seen_at"])
            return _tokens(sign_in, fresh)
        if sign_in is not None:
            _end(sign_in)
    raise SignInNeeded("Sign in again.", code="bad_token")


def revoke_tokens(token: str) -> None:
    """Sign a program out. Unknown tokens are passed over: the outcome is the same."""
    sign_in_id, _, secret = token.partition(".")
    sign_in = SignIn.objects.programs().filter(pk=sign_in_id).first()
    if sign_in is not None and _fits(sign_in, secret):
        _end(sign_in)


def end(user: User, sign_in_id: str) -> None:
    """Sign `user` out at one place; sockets there close, and nothing there is answered any more."""
    sign_in = user.sign_ins.filter(pk=sign_in_id).first()
    if sign_in is None:
        raise NotFound("You are not signed in there.", code="no_such_session")
    _end(sign_in)


def end_others(user: User, *, current: str) -> int:
    """Sign `user` out everywhere but at `current`; how many places that were."""
    ended = user.sign_ins.exclude(pk=current).delete()[0]
    live.publish("revoked", uid=user.pk, but=current)
    return ended


def end_everywhere(user: User) -> None:
    """Sign `user` out at every place."""
    user.sign_ins.all().delete()
    live.publish("revoked", uid=user.pk)


def forget_expired() -> int:
    """Delete sign-ins whose time is over; how many."""
    return SignIn.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _end(sign_in: SignIn) -> None:
    ended = sign_in.pk
    sign_in.delete()
    live.publish("revoked", uid=sign_in.user_id, sign_in=ended)


def _fits(sign_in: SignIn, secret: str) -> bool:
    return hmac.compare_digest(sign_in.secret_hash, _hash(secret))


def _tokens(sign_in: SignIn, secret: str) -> Tokens:
    access = AccessToken.for_user(sign_in.user)
    access["fam"] = sign_in.pk
    return Tokens(access=str(access), refresh=f"{sign_in.pk}.{secret}")


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
