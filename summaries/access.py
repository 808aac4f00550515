"""Doors: whose a request is, and if it is still allowed."""

from __future__ import annotations

from chatsite.lib.errors import Forbidden, NotFound
from rooms.access import room_for_active_member
from rooms.events import WORKER_MAY_READ
from rooms.models import Member
from summaries.models import SummaryRequest


def own_request(member: Member, rid: str) -> SummaryRequest:
    mine = SummaryRequest.objects.filter(room=member.room_id, user=member.user)
    found = mine.filter(id=rid).first()
    if found is None:
        raise NotFound
    return found


def still_allowed(request: SummaryRequest) -> bool:
    """True if the asker is still a member of a room whose rules allow summaries and that goes on:
    the request may have waited for long.
    """
    try:
        member = room_for_active_member(request.user, request.room)
    except (Forbidden, NotFound):
        return False
    room = member.room
    return (
        room.closed_at is None and room.stopped_at is None and room.policy["ai"] in WORKER_MAY_READ
    )
