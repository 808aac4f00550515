"""A person's list of rooms, without the message store's fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.selectors import ended_among
from rooms.models import Knock, Member
from rooms.selectors import LISTED_PROFILES, newest_profiles


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
    """A member's room as the API shows it, without the message store's fields."""
    return _described(member.user_id, [member])[0]


def describe_rooms(uid: str, room_ids: Iterable[str]) -> list[dict[str, Any]]:
    """The given rooms of `uid` as the API lists them, newest membership first, without the message
    store's fields.
    """
    members = Member.objects.listed().filter(user_id=uid, room_id__in=list(room_ids))
    return _described(uid, list(members.select_related("room").order_by("-pk")))


def _described(uid: str, found: list[Member]) -> list[dict[str, Any]]:
    rooms = [member.room_id for member in found]
    boxes: dict[str, list[dict[str, Any]]] = {}
    for box in newest_profiles(rooms, LISTED_PROFILES):
        boxes.setdefault(box.room_id, []).append({"e": box.epoch, "box": box.box})
    asked, peers, knocks = _asked(found), _peers(uid, found), _knocks(found)
    ended, unanswered = _ended(found), _unanswered(found)
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
            "peer": peers.get(member.room_id),
            "knocks": knocks.get(member.room_id, 0),
            "ended": ended.get(member.room_id, {}),
            "unanswered": unanswered.get(member.room_id, []),
            "read": member.read_seq,
            "profiles": boxes.get(member.room_id, []),
        }
        for member in found
    ]


def _asked(members: list[Member]) -> dict[str, dict[str, str]]:
    """The sender of a pending request, by room."""
    by = {member.room_id: member.asked_by for member in members if not member.accepted}
    names = dict(User.objects.filter(pk__in=by.values()).values_list("pk", "name"))
    return {room: {"uid": uid, "name": names[uid]} for room, uid in by.items() if uid in names}


def _peers(uid: str, members: list[Member]) -> dict[str, dict[str, str]]:
    """The other person of each direct room."""
    direct = [member.room_id for member in members if member.room.kind == "direct"]
    others = Member.objects.filter(room_id__in=direct).exclude(user_id=uid).select_related("user")
    return {other.room_id: {"uid": other.user_id, "name": other.user.name} for other in others}


def _ended(members: list[Member]) -> dict[str, dict[str, str]]:
    """The members whose accounts have ended and how, by room."""
    rooms = [member.room_id for member in members]
    gone = Member.objects.filter(room_id__in=rooms, user__is_active=False)
    found = list(gone.values_list("room_id", "user_id"))
    how = ended_among(uid for _, uid in found)
    by_room: dict[str, dict[str, str]] = {}
    for room, uid in found:
        by_room.setdefault(room, {})[uid] = how[uid]
    return by_room


def _unanswered(members: list[Member]) -> dict[str, list[str]]:
    """The uids of members who have not accepted, by room, for owners: they cannot be handed a room.
    Declined requests count as unanswered, so that nobody learns of a block.
    """
    owned = [member.room_id for member in members if member.role == Member.OWNER]
    found: dict[str, list[str]] = {}
    rows = Member.objects.filter(room_id__in=owned, accepted=False).order_by("pk")
    for room, uid in rows.values_list("room_id", "user_id"):
        found.setdefault(room, []).append(uid)
    return found


def _knocks(members: list[Member]) -> dict[str, int]:
    """The number of requests to join, for members who may admit people."""
    may = [member.room_id for member in members if member.leads or member.room.kind == "direct"]
    waiting = Knock.objects.filter(room_id__in=may, refused=False).values_list("room_id", flat=True)
    return Counter(waiting)
