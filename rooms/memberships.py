"""The state that live connections keep of rooms, read for many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Identity
from chatsite.lib.paging import batched
from rooms.models import Member, Room

ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MembershipSnapshot:
    """The state that decides if a member's message is accepted now.

    `version` follows the log's head: a membership is valid while the room's version is the same.
    `epoch_seq` is the seq of the log event that began the epoch, `generation`
    that of its search key; times in ms.
    """

    room: str
    uid: str
    name: str
    kid: str
    signing_key: bytes
    role: str
    since: int
    epoch: int
    open: bool
    closed: bool
    stopped: bool
    epoch_seq: int
    epoch_ts: int
    head_seq: int
    head_hash: str
    version: int
    rotate_n: int
    rotate_days: int
    search: str
    generation: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class RoomHead:
    room: str
    head_seq: int
    read: int


def membership_snapshots(
    asked: Iterable[tuple[str, str]],
) -> dict[tuple[str, str], MembershipSnapshot]:
    """Snapshots by `(uid, room)`; non-members are left out."""
    wanted = set(asked)
    uids, rooms = {uid for uid, _ in wanted}, {room for _, room in wanted}
    members = Member.objects.listed().filter(
        user_id__in=uids, room_id__in=rooms, user__is_active=True
    )
    found = [
        member
        for member in members.select_related("user")
        if (member.user_id, member.room_id) in wanted
    ]
    kids = Identity.objects.filter(kid__in={member.kid for member in found})
    eds = dict(kids.values_list("kid", "ed25519_key"))
    present = Room.objects.in_bulk({member.room_id for member in found})
    return {
        (member.user_id, member.room_id): _snapshot(
            member, present[member.room_id], bytes(eds[member.kid])
        )
        for member in found
    }


def _snapshot(member: Member, room: Room, ed: bytes) -> MembershipSnapshot:
    return MembershipSnapshot(
        room=room.pk,
        uid=member.user_id,
        name=member.user.name,
        kid=member.kid,
        signing_key=ed,
        role=member.role,
        since=member.since,
        epoch=room.epoch,
        open=room.is_open,
        closed=room.closed_at is not None,
        stopped=room.stopped_at is not None,
        epoch_seq=room.epoch_seq,
        epoch_ts=room.epoch_ms,
        head_seq=room.head_seq,
        head_hash=room.head_hash,
        version=_version(room.head_seq, room.stopped_at),
        rotate_n=room.policy["n"],
        rotate_days=room.policy["days"],
        search=room.policy["search"],
        generation=room.generation,
        accepted=member.accepted,
    )


def rooms_of(uid: str) -> list[RoomHead]:
    """Every room that a user has accepted, with its log head and the user's read mark."""
    rows = Member.objects.active().filter(user_id=uid)
    return [RoomHead(*row) for row in rows.values_list("room_id", "room__head_seq", "read_seq")]


def read_marks(uids: Iterable[str]) -> dict[str, dict[str, int]]:
    """The read marks of people in every room that they have accepted, by room and uid."""
    found: dict[str, dict[str, int]] = {}
    for some in batched(uids, ASKED_AT_ONCE):
        active = Member.objects.active().filter(user_id__in=some)
        for room, uid, seq in active.values_list("room_id", "user_id", "read_seq"):
            found.setdefault(room, {})[uid] = seq
    return found


def members_of(room_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """The uids of members who have accepted, by room. Pending invitees are hidden from the room,
    and the room from them.
    """
    found: dict[str, set[str]] = {room: set() for room in room_ids}
    for some in batched(list(found), ASKED_AT_ONCE):
        active = Member.objects.active().filter(room_id__in=some)
        for room, uid in active.values_list("room_id", "user_id"):
            found[room].add(uid)
    return {room: frozenset(uids) for room, uids in found.items()}


def room_versions(room_ids: Iterable[str]) -> dict[str, int]:
    """The versions of rooms: they change with the log's head, and when the operator stops a room or
    lets it go on.
    """
    found: dict[str, int] = {}
    for some in batched(room_ids, ASKED_AT_ONCE):
        rows = Room.objects.filter(pk__in=some).values_list("pk", "head_seq", "stopped_at")
        found.update({pk: _version(seq, stopped_at) for pk, seq, stopped_at in rows})
    return found


def _version(head_seq: int, stopped_at: datetime | None) -> int:
    return head_seq if stopped_at is None else -1 - head_seq


def log_heads(room_ids: Iterable[str]) -> dict[str, int]:
    """The seq of the newest log event, by room."""
    found: dict[str, int] = {}
    for some in batched(room_ids, ASKED_AT_ONCE):
        found.update(Room.objects.filter(pk__in=some).values_list("pk", "head_seq"))
    return found
