"""Receivers of account signals: blocks, and accounts about to be deleted."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from accounts.models import User
from accounts.signals import (
    blocked,
    departing,
    held_by_rooms,
    named_in_logs,
    owned_rooms,
    unblocked,
)
from rooms.models import InvitationSignUp, InvitationUse, Knock, LogEvent, Member, Wrap


@receiver(blocked)
def decline_requests(sender: type, user: User, uid: str, **kwargs: Any) -> None:
    """Decline a blocked person's requests."""
    Member.objects.asked().filter(user=user, asked_by=uid).update(declined_at=timezone.now())


@receiver(unblocked)
def restore_requests(sender: type, user: User, uid: str, **kwargs: Any) -> None:
    """Reopen declined requests after an unblock: a member of the log cannot be added again."""
    declined = Member.objects.exclude(declined_at=None)
    declined.filter(user=user, asked_by=uid).update(declined_at=None)


@receiver(held_by_rooms)
def rooms_to_leave(sender: type, user: User, **kwargs: Any) -> list[str]:
    """Open rooms with other members. Unanswered requests and those hidden by a block do not count:
    they need no answer before the account is deleted.
    """
    goes_on = Member.objects.active().filter(user=user, room__closed_at=None)
    return list(goes_on.values_list("room_id", flat=True))


@receiver(owned_rooms)
def rooms_to_hand_over(sender: type, user: User, **kwargs: Any) -> list[str]:
    """Open rooms that `user` owns, with other members."""
    mine = Member.objects.filter(user=user, role=Member.OWNER, room__closed_at=None)
    others = Member.objects.active().exclude(user=user)
    return list(
        mine.filter(room__in=others.values("room")).values_list("room_id", flat=True).distinct()
    )


@receiver(departing)
def drop_remains(sender: type, user: User, **kwargs: Any) -> None:
    """Delete the data that rooms keep of `user`. In an open room they stay a member until a leader
    removes them: the server's members are those of the signed log.
    """
    Member.objects.filter(user=user).exclude(room__closed_at=None).delete()
    Knock.objects.filter(user=user).delete()
    InvitationUse.objects.filter(user=user).delete()
    InvitationSignUp.objects.filter(user=user).update(user=None)
    Wrap.objects.filter(to_kid__in=_kids(user)).delete()


@receiver(named_in_logs)
def kids_in_logs(sender: type, user: User, **kwargs: Any) -> set[str]:
    """The kids of `user` that signed an event or were admitted by one."""
    kids = _kids(user)
    signed = LogEvent.objects.filter(kid__in=kids).values_list("kid", flat=True)
    admitted = LogEvent.objects.filter(to_kid__in=kids).values_list("to_kid", flat=True)
    return {*signed.distinct(), *admitted.distinct()}


def _kids(user: User) -> list[str]:
    return list(user.identities.values_list("kid", flat=True))
