"""What rooms say when an account is to be deleted."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import departing, held_by_rooms, named_in_logs
from rooms.models import Knock, LogEvent, Member, Wrap


@receiver(held_by_rooms)
def rooms_to_leave(sender: type, user: User, **kwargs: Any) -> list[str]:
    """Every room that goes on; a closed one needs nobody's leave."""
    goes_on = Member.objects.filter(user=user, room__closed_at=None)
    return list(goes_on.values_list("room_id", flat=True))


@receiver(departing)
def drop_remains(sender: type, user: User, **kwargs: Any) -> None:
    Member.objects.filter(user=user).delete()
    Knock.objects.filter(user=user).delete()
    Wrap.objects.filter(to__in=_kids(user)).delete()


@receiver(named_in_logs)
def is_named(sender: type, user: User, **kwargs: Any) -> bool:
    """Whether an event is signed by, or admits, one of the user's keys."""
    kids = _kids(user)
    return LogEvent.objects.filter(Q(kid__in=kids) | Q(to__in=kids)).exists()


def _kids(user: User) -> list[str]:
    return list(user.identities.values_list("kid", flat=True))
