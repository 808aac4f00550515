"""Access checks. A room is found through the user; absent, foreign and removed look alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.models import User
from chatsite.lib.errors import Forbidden, NotFound
from rooms.models import LogEvent, Member, Room

TAKE_OUT = ("remove", "succeed")  # events that end the membership of their `uid`
NOT_ACCEPTED = "Accept the request first. Until then the others learn nothing of you."
STOPPED = (
    "The operator of this server stopped this room. Nothing new is stored in it; all that was "
    "written stays readable."
)


def room_for_member(user: User, room_id: str) -> Member:
    """The membership of `user`, with its room.

    Raises:
        NotFound: they are not a member, or have declined the request.
    """
    found = Member.objects.listed().select_related("room")
    try:
        member = found.get(user=user, room_id=room_id)
    except Member.DoesNotExist:
        raise NotFound from None
    member.user = user
    return member


@dataclass(frozen=True, slots=True)
class LogReader:
    """A room whose log somebody may read. `end`: `[seq, hash]` of the last event that they may see,
    None for all.
    """

    room: Room
    end: list[Any] | None


def log_reader(user: User, room_id: str) -> LogReader:
    """The log as `user` may read it: all of it for members; for former members up to the event
    that took them out, so that they can prove who did that and when.

    A request that was declined by a block ends the reading, also when a leader then removes the
    person from the log: what happened after the block was never theirs to see.

    Raises:
        NotFound: they never were a member, or have declined the request.
    """
    member = Member.objects.select_related("room").filter(user=user, room_id=room_id).first()
    if member is not None:
        if member.declined_at is not None:
            raise NotFound
        return LogReader(member.room, None)
    taken_out = Q(type__in=TAKE_OUT, event__contains=f'"uid":"{user.pk}"')
    exits = LogEvent.objects.filter(Q(type="leave", author=user.pk) | taken_out, room_id=room_id)
    last = exits.select_related("room").order_by("-seq").first()
    if last is None or user.pk in last.room.declined:
        raise NotFound
    return LogReader(last.room, [last.seq, last.hash])


def room_for_active_member(user: User, room_id: str) -> Member:
    """The membership of a user who has accepted the room; required before anything that others
    could notice.

    Raises:
        NotFound: as `room_for_member`.
        Forbidden: `not_accepted`, if they have not answered the request yet.
    """
    member = room_for_member(user, room_id)
    require_active(member)
    return member


def require_running(room: Room) -> None:
    """Raise Forbidden, `room_stopped`, for a room that the operator has stopped."""
    if room.stopped_at is not None:
        raise Forbidden(STOPPED, code="room_stopped")


def require_active(member: Member) -> None:
    """Raise Forbidden, `not_accepted`, for a user who has not answered the request yet."""
    if not member.accepted:
        raise Forbidden(NOT_ACCEPTED, code="not_accepted")
