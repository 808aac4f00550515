"""Requests: somebody is added by name without having asked, and has not answered yet."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.access import blocked_by
from accounts.models import User
from chatsite.lib import pubsub
from chatsite.lib.bus_events import RequestMade
from chatsite.lib.errors import Refused
from rooms.models import Member, Room

MOST_SENT = 20  # that others have not accepted, per sender
MOST_RECEIVED = 50  # that wait for an answer, per receiver


def request_fields(by: User, to: User) -> dict[str, Any]:
    """The first fields of a membership that its person did not ask for.

    A sender whom the receiver blocks notices nothing: the request is declined as it is made, and
    goes on counting as one that was not answered.

    Args:
        by: who adds them.
        to: who is added.

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
    """Tell somebody's own sockets, and nobody else's, that a request waits."""
    if not member.accepted and member.declined_at is None:
        pubsub.publish(RequestMade(room.pk, member.user_id))
