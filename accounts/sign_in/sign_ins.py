"""Sign-ins begin, go on and end: those of browsers, and those of programs with their tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.recording import record
from accounts.bots.models import BotToken
from accounts.intrusion import places
from accounts.intrusion.kinds import REFRESH_REUSE
from accounts.intrusion.raising import signal
from accounts.models import SignIn, User, password_mark
from accounts.sign_in.refresh_tokens import age_of, refresh_token, sign_in_id_of
from accounts.sign_in.tokens import AccessToken
from accounts.sign_in.user_agents import Place
from chatsite.lib import pubsub
from chatsite.lib.bus_events import SignInEnded
from chatsite.lib.errors import NotFound, SignInNeeded

NOWHERE = Place()
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str


def begin_in_browser(user: User, place: Place, *, how: str) -> SignIn:
    """A browser has signed in, by `password`, `passkey` or `sso`. Its session has to name the row
    (`access.SIGN_IN`).
    """
    return _begin(user, place, timedelta(seconds=settings.SESSION_COOKIE_AGE), how=how)


def issue_tokens(
    user: User,
    place: Place = NOWHERE,
    *,
    how: str = "password",
    bot_token: BotToken | None = None,
) -> Tokens:
    """A program has signed in: with the password or a passkey, or a bot with one of its tokens,
    which the sign-in does not outlast.
    """
    salt, lifetime = secrets.token_hex(32), settings.REFRESH_TOKEN_LIFETIME
    how = how if bot_token is None else "bot_token"
    return _tokens(_begin(user, place, lifetime, salt=salt, how=how, bot_token=bot_token))


def _begin(
    user: User,
    place: Place,
    lifetime: timedelta,
    *,
    salt: str = "",
    how: str = "password",
    bot_token: BotToken | None = None,
) -> SignIn:
    """Begin a sign-in; tell the operator of a new place, if the person has a role."""
    new = bool(user.role) and places.is_new_place(user.pk, place.address)
    sign_in = _make(user, place, lifetime, salt=salt, how=how, bot_token=bot_token)
    if new:
        places.tell_new_place(user.pk, place.address)
    return sign_in


@transaction.atomic
def _make(
    user: User,
    place: Place,
    lifetime: timedelta,
    *,
    salt: str,
    how: str,
    bot_token: BotToken | None,
) -> SignIn:
    """The mark is of the password that was checked: if it has just been changed by somebody
    else, the sign-in does not stand.
    """
    expires = timezone.now() + lifetime
    sign_in = SignIn.objects.create(
        user=user,
        refresh_salt=salt,
        turn=1,
        password_mark=password_mark(user.password),
        bot_token=bot_token,
        agent=place.agent,
        address=place.address,
        by_sso=how == "sso",
        expires_at=expires if bot_token is None else min(expires, bot_token.expires_at),
    )
    record(
        "sign_in",
        by=user,
        account=user,
        network=place.address,
        how=how,
        kept_by="token" if salt else "session",
        sign_in=sign_in.pk,
    )
    return sign_in


def refresh_tokens(token: str, place: Place = NOWHERE) -> Tokens:
    """Exchange a refresh token for new ones.

    A used one is refused and ends its sign-in, if it is genuine. Within GRACE it is answered with
    the tokens that it was exchanged for: to ask twice at a time is no theft.

    Raises:
        SignInNeeded: the token has ended or is not valid.
    """
    reused, ended = False, ""
    with transaction.atomic():
        locked = SignIn.objects.programs().select_for_update()
        sign_in = locked.filter(pk=sign_in_id_of(token)).first()
        age = age_of(token, sign_in) if sign_in is not None else None
        if sign_in is not None and age is not None:
            if sign_in.stands and (age <= 0 or _just_turned(sign_in, age)):
                return _turned(sign_in, age)
            reused, ended = age > 0, sign_in.pk
            kind = "sign_out.reused_token" if reused else "sign_out"  # else it is over
            _end(sign_in, sign_in.user_id, kind)
    if reused and sign_in is not None:
        signal(REFRESH_REUSE, person=sign_in.user_id, network=place.address, member=ended)
    raise SignInNeeded("Sign in again.", code="bad_token")


def _just_turned(sign_in: SignIn, age: int) -> bool:
    turned = sign_in.turned_at
    return age == 1 and turned is not None and timezone.now() - turned < GRACE


def _turned(sign_in: SignIn, age: int) -> Tokens:
    if age <= 0:
        sign_in.turn += 1 - age
        sign_in.turned_at = sign_in.seen_at = timezone.now()
        sign_in.save(update_fields=["turn", "turned_at", "seen_at"])
    return _tokens(sign_in)


def revoke_tokens(token: str) -> None:
    """Sign a program out. Forged tokens are ignored: the outcome is the same."""
    sign_in = SignIn.objects.programs().filter(pk=sign_in_id_of(token)).first()
    if sign_in is not None and age_of(token, sign_in) is not None:
        _end(sign_in, sign_in.user_id)


def end(user: User, sign_in_id: str, *, by: User | None = None) -> None:
    """Sign `user` out at one place; sockets there close, and nothing there is answered any more.

    Args:
        by: who does it, if it is somebody else.
    """
    sign_in = user.sign_ins.filter(pk=sign_in_id).first()
    if sign_in is None:
        raise NotFound("That sign-in does not exist, or has ended.", code="no_such_session")
    _end(sign_in, (by or user).pk)


@transaction.atomic
def end_others(user: User, *, current: str) -> int:
    """Sign `user` out everywhere but at `current`; how many places that were."""
    ended = user.sign_ins.exclude(pk=current).delete()[0]
    if ended:
        record("sign_out.others", by=user, account=user, count=ended)
    pubsub.publish(SignInEnded(user.pk, but=current))
    return ended


@transaction.atomic
def end_everywhere(user: User, *, by: User | None) -> None:
    """Sign `user` out at every place.

    Args:
        by: who does it; None for a command on the server.
    """
    ended = user.sign_ins.all().delete()[0]
    if ended:
        record("sign_out.everywhere", by=by, account=user, count=ended)
    pubsub.publish(SignInEnded(user.pk))


@transaction.atomic
def end_by_sso(user: User) -> None:
    """Sign `user` out wherever single sign-on let them in: the provider does so no more. Who has no
    password has no other way in, and neither have their bots (`accounts.bots.actions`).
    """
    for sign_in in user.sign_ins.filter(by_sso=True):
        _end(sign_in, user.pk, "sign_out.sso")
    if not user.has_usable_password():
        for sign_in in SignIn.objects.filter(user__bot_of=user):
            _end(sign_in, user.pk, "sign_out.sso")


def forget_expired() -> int:
    """Delete sign-ins whose time is over; how many."""
    return SignIn.objects.filter(expires_at__lt=timezone.now()).delete()[0]


@transaction.atomic
def _end(sign_in: SignIn, by: str, kind: str = "sign_out") -> None:
    ended = sign_in.pk
    if sign_in.delete()[0]:
        record(kind, by=by, account=sign_in.user_id, sign_in=ended)
    pubsub.publish(SignInEnded(sign_in.user_id, sign_in=ended))


def _tokens(sign_in: SignIn) -> Tokens:
    access = AccessToken.for_user(sign_in.user)
    access["fam"] = sign_in.pk
    if sign_in.bot_token is not None:
        access["scopes"] = sign_in.bot_token.scopes
    return Tokens(access=str(access), refresh=refresh_token(sign_in))
