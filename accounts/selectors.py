"""Reads of accounts, for their people and for the apps above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import Block, Identity, SealedKit, SignIn, User, password_mark
from accounts.signals import held_by_rooms, owned_rooms
from chatsite.lib import wire
from chatsite.lib.errors import NotFound

DELETED, DISABLED = "deleted", "disabled"


def how_ended(deleted_at: datetime | None) -> str:
    """DELETED or DISABLED, for an account that is no longer active.

    A deleted account never comes back; a disabled one may.
    """
    return DELETED if deleted_at else DISABLED


def has_ended(uid: str) -> bool:
    """True if an account was deleted or is disabled: nobody can act as `uid`."""
    return User.objects.filter(pk=uid, is_active=False).exists()


def identities_by_kid(kids: list[str]) -> list[dict[str, Any]]:
    """Public identities, for any signed-in person: `[{body, sig}]`."""
    for kid in kids:
        wire.unb64(kid, 32)
    found = Identity.objects.filter(kid__in=kids).values_list("body", "signature")
    return [{"body": body, "sig": sig} for body, sig in found]


def present_kid(uid: str) -> str | None:
    """The id of an account's present identity; None without one."""
    kids = Identity.objects.filter(user=uid).order_by("-number").values_list("kid", flat=True)
    return kids.first()


def present_keys(user: User) -> dict[str, Any] | None:
    """The account's present identity, and when (ms) and from where it was published; None without
    one. For the account alone.
    """
    found = user.identities.order_by("-number").values_list("kid", "created_at", "agent", "address")
    for kid, made, agent, address in found[:1]:
        at = int(made.timestamp() * 1000)
        return {"kid": kid, "made": at, "agent": agent, "address": address}
    return None


def rooms_to_leave(user: User) -> list[str]:
    """The ids of rooms that `user` has to leave before deleting the account."""
    answers: list[tuple[Any, Any]] = held_by_rooms.send(User, user=user)
    return sorted({room for _, held in answers for room in held})


def rooms_to_hand_over(user: User) -> list[str]:
    """The ids of rooms with others in them that only `user` owns: name a successor there first."""
    answers: list[tuple[Any, Any]] = owned_rooms.send(User, user=user)
    return sorted({room for _, owned in answers for room in owned})


def sign_ins_of(user: User) -> QuerySet[SignIn]:
    """A user's sign-ins that stand, the last used first."""
    mark = password_mark(user.password)
    return user.sign_ins.in_time().filter(password_mark=mark).order_by("-seen_at", "pk")


def described_sign_ins(rows: Iterable[SignIn]) -> list[dict[str, Any]]:
    """Sign-ins as their user sees them."""
    return [
        {
            "id": row.pk,
            "kind": "program" if row.program else "browser",
            "agent": row.agent,
            "address": row.address,
            "made": row.created_at,
            "seen": max(row.seen_at, row.created_at),  # the same moment, noted twice
        }
        for row in rows
    ]


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
        raise NotFound("This server has no recovery kit of yours.", code="no_kit")
    return kept.kit


def has_kit(user: User) -> bool:
    """True if a user has left a recovery kit here."""
    return SealedKit.objects.filter(user=user).exists()


def blocks_of(user: User) -> QuerySet[Block]:
    """Whom a user blocks, with the accounts that are blocked."""
    return Block.objects.filter(user=user).select_related("blocked")


def blocked_by(uid: str) -> set[str]:
    """The uids that `uid` blocks."""
    return set(Block.objects.filter(user_id=uid).values_list("blocked_id", flat=True))
