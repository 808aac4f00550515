"""A person's list of rooms, without the message store's fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.selectors import DELETED, how_ended
from rooms.join_requests import own_knocks
from rooms.models import Knock, LogIdentity, Member
from rooms.selectors import listed_profiles, profile_boxes


@dataclass(frozen=True, slots=True)
class Listed:
    """A room in a person's list. `mark` is the cursor for the rooms after it."""

    mark: int
    room: str


def memberships_after(uid: str, after: int | None, many: int) -> list[Listed]:
    """The next `many` rooms of `uid` after a cursor, newest membership first."""
    members = Member.objects.listed().filter(user_id=uid).order_by("-pk")
    if after is not None:
        members = members.filter(pk__lt=after)
    return [Listed(*row) for row in members.values_list("pk", "room_id")[:many]]


def describe(member: Member) -> dict[str, Any]:
    """A member's room as the API shows it, without the message store's fields. Unlike in the list,
    `ended` has former members whose accounts were deleted, too.
    """
    profiles = listed_profiles([member.room_id]).get(member.room_id, {})
    room = _described(member.user_id, [member], profiles)[0]
    return {**room, "ended": {**_deleted_in_log(member.room_id), **room["ended"]}}


def _deleted_in_log(room: str) -> dict[str, str]:
    """The people whom a room's log names and whose accounts were deleted. Whether a former member's
    account is disabled is no longer the room's business.
    """
    named = LogIdentity.objects.filter(room_id=room, identity__user__is_active=False)
    deleted = named.exclude(identity__user__deleted_at=None)
    return dict.fromkeys(deleted.values_list("identity__user_id", flat=True), DELETED)


def describe_rooms(
    uid: str, room_ids: Iterable[str], profiles: Iterable[int]
) -> list[dict[str, Any]]:
    """The given rooms of `uid` as the API lists them, newest membership first, without the message
    store's fields.

    Args:
        profiles: Primary keys of the profile boxes to bring along, as `listed_profiles` chose them.
    """
    members = Member.objects.listed().filter(user_id=uid, room_id__in=list(room_ids))
    return _described(uid, list(members.select_related("room").order_by("-pk")), profiles)


def _described(uid: str, found: list[Member], profiles: Iterable[int]) -> list[dict[str, Any]]:
    boxes: dict[str, list[dict[str, Any]]] = {}
    for box in profile_boxes(profiles):
        boxes.setdefault(box.room_id, []).append({"e": box.epoch, "box": box.box})
    asked, others, knocks = _asked(found), _others(uid, found), _knocks(found)
    own = own_knocks(uid, [member.room_id for member in found])
    return [
        {
            "id": member.room_id,
            "kind": member.room.kind,
            "role": member.role,
            "kid": member.kid,
            "head": member.room.head,
            "e": member.room.epoch,
            "open": member.room.is_open,
            "closed": member.room.closed_at is not None,
            "stopped": member.room.stopped_at is not None,
            "accepted": member.accepted,
            "asked_by": asked.get(member.room_id),
            "peer": others[member.room_id].peer,
            "knocks": knocks.get(member.room_id, 0),
            "own_knock": own.get(member.room_id),
            "ended": others[member.room_id].ended,
            "bots": others[member.room_id].bots,
            "unanswered": others[member.room_id].unanswered,
            "read": member.read_seq,
            "profiles": boxes.get(member.room_id, []),
        }
        for member in found
    ]


def _asked(members: list[Member]) -> dict[str, dict[str, str]]:
    """The sender of a pending request, by room."""
    by = {member.room_id: member.asked_by for member in members if not member.accepted}
    if not by:
        return {}
    names = dict(User.objects.filter(pk__in=by.values()).values_list("pk", "name"))
    return {room: {"uid": uid, "name": names[uid]} for room, uid in by.items() if uid in names}


@dataclass(slots=True)
class _Others:
    """Other members of a room, as a list tells of them.

    Attributes:
        peer: The other person of a direct room.
        ended: How the accounts of members have ended, by uid.
        bots: The uids of members that are bots.
        unanswered: For an owner, the uids of members who have not accepted: they cannot be handed
            the room. Declined requests count as unanswered, so that nobody learns of a block.
    """

    peer: dict[str, str] | None = None
    ended: dict[str, str] = field(default_factory=dict)
    bots: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)


def _others(uid: str, members: list[Member]) -> dict[str, _Others]:
    """The other members to tell of, by room: one query for all rooms."""
    direct = {member.room_id for member in members if member.room.kind == "direct"}
    owned = {member.room_id for member in members if member.role == Member.OWNER}
    told = (
        Q(user__is_active=False)
        | Q(user__bot_of__isnull=False)
        | Q(room_id__in=direct)
        | Q(room_id__in=owned, accepted=False)
    )
    rows = Member.objects.filter(told, room_id__in=[member.room_id for member in members])
    found = {member.room_id: _Others() for member in members}
    for other in rows.exclude(user_id=uid).select_related("user").order_by("pk"):
        about = found[other.room_id]
        if other.room_id in direct:
            about.peer = {"uid": other.user_id, "name": other.user.name}
        if not other.user.is_active:
            about.ended[other.user_id] = how_ended(other.user.deleted_at)
        if other.user.is_bot:
            about.bots.append(other.user_id)
        if other.room_id in owned and not other.accepted:
            about.unanswered.append(other.user_id)
    return found


def _knocks(members: list[Member]) -> dict[str, int]:
    """The number of requests to join, for members who may admit people."""
    may = [member.room_id for member in members if member.leads or member.room.kind == "direct"]
    if not may:
        return {}
    waiting = Knock.objects.filter(room_id__in=may, refused=False).values_list("room_id", flat=True)
    return Counter(waiting)
