"""Bots begin and end, get tokens, and sign in by them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit.recording import record
from accounts.bots.models import BotToken
from accounts.bots.scopes import READ, SCOPES
from accounts.lifecycle import delete_account
from accounts.models import User
from accounts.sign_in import sign_ins
from accounts.sign_in.sign_ins import Tokens
from accounts.sign_in.user_agents import Place
from chatsite.lib import pubsub
from chatsite.lib.bus_events import SignInEnded
from chatsite.lib.errors import Conflict, Forbidden, NotFound, Refused, SignInNeeded

PREFIX = "sotto-bot"
SECRET_BYTES = 32
MOST_BOTS, MOST_TOKENS = 20, 10
LONGEST = 366  # days of a token


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, and its text, which nobody can show again."""

    row: BotToken
    text: str


def create_bot(owner: User, name: str) -> User:
    """Make a bot of `owner`: an account without a password.

    Raises:
        Forbidden: `bots_closed`, where this site lets others make bots, or nobody.
        Conflict: `too_many_bots`, `name_taken`.
        Refused: `invalid`, with a sentence that says what to change.
    """
    check_may_make(owner)
    bot = User(name=name.lower(), bot_of=owner)
    bot.set_unusable_password()
    try:
        bot.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="invalid") from None
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=owner.pk)  # two requests count one by one
            if owner.bots.filter(deleted_at=None).count() >= MOST_BOTS:
                raise Conflict(f"You have {MOST_BOTS} bots, the most.", code="too_many_bots")
            bot.save(force_insert=True)
            record("bot.created", by=owner, account=bot)
    except IntegrityError:
        raise Conflict("That user name is taken. Choose another.", code="name_taken") from None
    return bot


def check_may_make(owner: User) -> None:
    """Raise Forbidden, `bots_closed`, where this site lets others have bots, or nobody."""
    allowed = {"people": owner.bot_of_id is None, "administrators": owner.is_administrator}
    if not allowed.get(settings.BOTS, False):
        raise Forbidden("This site does not let you make bots.", code="bots_closed")


def bot_of(owner: User, uid: str) -> User:
    """A bot of `owner`. Raises NotFound, `no_such_bot`, for any other account."""
    bot = owner.bots.filter(pk=uid, deleted_at=None).first()
    if bot is None:
        raise NotFound("You have no such bot.", code="no_such_bot")
    return bot


def delete_bot(owner: User, uid: str) -> None:
    """End a bot of `owner` forever, with its tokens and sign-ins."""
    delete_account(bot_of(owner, uid), by=owner)


@transaction.atomic
def make_token(owner: User, uid: str, scopes: Sequence[str], days: int) -> NewToken:
    """Make a token for a bot of `owner`.

    Args:
        scopes: of `accounts.bots.scopes`, `read` among them.
        days: until it ends, 1 to LONGEST.

    Raises:
        Forbidden: `bots_closed`, as for a new bot. Tokens that are there go on.
        NotFound: `no_such_bot`.
        Conflict: `too_many_tokens`.
        Refused: `invalid`.
    """
    check_may_make(owner)
    bot = User.objects.select_for_update().get(pk=bot_of(owner, uid).pk)
    if READ not in scopes:
        raise Refused("Every token needs the scope `read`.", code="invalid")
    if not 1 <= days <= LONGEST:
        raise Refused(f"A token is good for 1 to {LONGEST} days.", code="invalid")
    if bot.bot_tokens.count() >= MOST_TOKENS:
        raise Conflict(
            f"This bot has {MOST_TOKENS} tokens, the most. Revoke one.", code="too_many_tokens"
        )
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = BotToken.objects.create(
        bot=bot,
        secret_hash=_hash(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days),
    )
    said = ".".join(row.scopes)
    record("bot.token", by=owner, account=bot, token=row.pk, scopes=said, days=days)
    return NewToken(row, f"{PREFIX}.{row.pk}.{secret}")


def revoke_token(owner: User, uid: str, token_id: str) -> None:
    """End a token of a bot of `owner`, as `end_token` does.

    Raises:
        NotFound: `no_such_bot`, `no_such_token`.
    """
    row = bot_of(owner, uid).bot_tokens.filter(pk=token_id).first()
    if row is None:
        raise NotFound("That bot has no such token.", code="no_such_token")
    end_token(row, by=owner)


@transaction.atomic
def end_token(row: BotToken, *, by: User) -> None:
    """End a token, with all sign-ins by it; their sockets close."""
    uid, token_id = row.bot_id, row.pk
    ended = list(row.sign_ins.values_list("pk", flat=True))
    row.delete()
    record("bot.token_revoked", by=by, account=uid, token=token_id)
    for sign_in in ended:
        pubsub.publish(SignInEnded(uid, sign_in=sign_in))


def sign_in_by_token(text: str, place: Place) -> tuple[User, Tokens]:
    """Sign a bot in.

    Raises:
        SignInNeeded: `bad_token`: forged, expired or revoked, or the bot or its owner has ended, or
            the owner was removed at the provider of single sign-on.
    """
    row = _good(text)
    if row is None:
        raise SignInNeeded("This token has ended or is not valid.", code="bad_token")
    BotToken.objects.filter(pk=row.pk).update(used_at=timezone.now())
    return row.bot, sign_ins.issue_tokens(row.bot, place, bot_token=row)


def _good(text: str) -> BotToken | None:
    prefix, _, rest = text.partition(".")
    token_id, _, secret = rest.partition(".")
    if prefix != PREFIX or not text.isascii() or len(text) > 128:
        return None
    found = BotToken.objects.select_related("bot__bot_of").filter(pk=token_id)
    row = found.filter(expires_at__gt=timezone.now(), bot__is_active=True).first()
    same = hmac.compare_digest(row.secret_hash if row else "", _hash(secret))
    stands = row is not None and row.bot.bot_of is not None and _may_have_bots(row.bot.bot_of)
    return row if same and stands else None


def _may_have_bots(owner: User) -> bool:
    """False for who is disabled, or got in by single sign-on alone and gets in no more."""
    if not owner.is_active or owner.has_usable_password():
        return owner.is_active
    identities = owner.external_identities.all()
    return not identities.exists() or identities.filter(ended_at=None).exists()


def forget_expired_tokens() -> int:
    """Delete tokens whose time is over; returns how many."""
    return BotToken.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _hash(secret: str) -> str:
    """As good as a slow hash: the secret has 256 random bits."""
    return sha256(b"sotto/bot-token|" + secret.encode()).hexdigest()
