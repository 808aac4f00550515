"""Requests: a person is added by name and has not answered yet."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.selectors import blocked_by
from chatsite.lib import pubsub
from chatsite.lib.bus_events import RequestMade
from chatsite.lib.errors import Refused
from rooms.models import Member, Room

MOST_SENT = 20  # not accepted yet, per sender
MOST_RECEIVED = 50  # unanswered, per receiver


def request_fields(by: User, to: User) -> dict[str, Any]:
    """The initial fields of a membership that another member added.

    A blocked sender notices nothing: the request is declined at once, but still counts as
    unanswered.

    Args:
        by: the sender.
        to: the added person.

    Returns:
        Fields for `Member`.

    Raises:
        Refused: `too_many_requests` or `requests_full`.
    """
    # Both rows are locked, so that requests made at once are counted one after another.
    list(User.objects.select_for_update().filter(pk__in=[by.pk, to.pk]).order_by("pk"))
    if Member.objects.filter(accepted=False, asked_by=by.pk).count() >= MOST_SENT:
        raise Refused(
            f"{MOST_SENT} of your requests have not been answered. Wait for answers first.",
            code="too_many_requests",
        )
    if Member.objects.asked().filter(user=to).count() >= MOST_RECEIVED:
        raise Refused(
            "They have too many requests to answer. Send them an invitation link instead.",
            code="requests_full",
        )
    declined = timezone.now() if by.pk in blocked_by(to.pk) else None
    return {"accepted": False, "asked_by": by.pk, "declined_at": declined}


def announce(room: Room, member: Member) -> None:
    """Notify the receiver's own sockets, and nobody else's, of a request."""
    if not member.accepted and member.declined_at is None:
        pubsub.publish(RequestMade(room.pk, member.user_id))
