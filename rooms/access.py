"""Access checks. A room is found through the user; absent, foreign and removed look alike."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from accounts.models import Identity, User
from accounts.selectors import ended_among
from chatsite.lib.errors import Forbidden, NotFound
from chatsite.lib.paging import Bytes, batched, fitting
from rooms.models import Knock, LogEvent, Member, ProfileBox, Room

ASKED_AT_ONCE = 500
TAKE_OUT = ("remove", "succeed")  # events that end the membership of their `uid`
NOT_ACCEPTED = "Accept the request first. Until then the others learn nothing of you."
STOPPED = (
    "The operator of this server stopped this room. Nothing new is stored in it; all that was "
    "written stays readable."
)
LISTED_PROFILES = 64 * 1024  # bytes of a room's profile boxes in a list of rooms


@dataclass(frozen=True, slots=True)
class MembershipSnapshot:
    """The state that decides if a member's message is accepted now.

    `version` follows the log's head: a membership is valid while the room's version is the same.
    `epoch_seq` is the seq of the log event that began epoch `e`, `g` the generation of its search
    key; times in ms.
    """

    room: str
    uid: str
    name: str
    kid: str
    ed: bytes
    role: str
    since: int
    e: int
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
    g: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class RoomHead:
    room: str
    head_seq: int
    read: int


def room_for_member(user: User, room_id: str) -> Member:
    """The membership of `user`, with its room.

    Raises:
        NotFound: they are not a member, or have declined the request.
    """
    found = Member.objects.listed().select_related("room")
    member = found.filter(user=user, room_id=room_id).first()
    if member is None:
        raise NotFound
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
    if last is None:
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
        (member.user_id, member.room_id): _seat(
            member, present[member.room_id], bytes(eds[member.kid])
        )
        for member in found
    }


def _seat(member: Member, room: Room, ed: bytes) -> MembershipSnapshot:
    return MembershipSnapshot(
        room=room.pk,
        uid=member.user_id,
        name=member.user.name,
        kid=member.kid,
        ed=ed,
        role=member.role,
        since=member.since,
        e=room.epoch,
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
        g=room.generation,
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


def log_hash(room_id: str, seq: int) -> str | None:
    """The hash of one log event, or None."""
    return LogEvent.objects.filter(room_id=room_id, seq=seq).values_list("hash", flat=True).first()


def rooms_that_forget() -> list[tuple[str, int]]:
    """Rooms whose messages expire, and after how many days."""
    rooms = Room.objects.filter(policy__ttl__gt=0, closed_at=None)
    return [(room, policy["ttl"]) for room, policy in rooms.values_list("pk", "policy")]


def disclosure(room_id: str, seq: int) -> dict[str, Any] | None:
    """The content of a `disclose` event at `seq`: by, from, to, model; None if there is none."""
    text = LogEvent.objects.filter(room_id=room_id, seq=seq, type="disclose")
    found = text.values_list("event", flat=True).first()
    if found is None:
        return None
    event = json.loads(found)
    return {key: event[key] for key in ("by", "from", "to", "model")}


def generations(room_id: str) -> dict[int, int]:
    """The generation of the search key of each epoch, according to the log. An epoch that began
    while the room was open and removed nobody continues the generation before it.
    """
    policy = Room.objects.filter(pk=room_id).values_list("policy", flat=True).get()
    closing = {"leave"} if policy["history"] == "all" else {"leave", "join", "add"}
    begins = Q(type__in=("epoch", "remove", "reset", "succeed"))
    demotes = Q(type="role", event__contains='"members":"')  # only a demotion has that key
    found, e, is_open = {1: 1}, 1, True
    moves = LogEvent.objects.filter(Q(type__in=closing) | begins | demotes, room_id=room_id)
    for t in moves.order_by("seq").values_list("type", flat=True):
        if t in closing:
            is_open = False
            continue
        e, goes_on = e + 1, t == "epoch" and is_open
        found[e] = found[e - 1] if goes_on else e
        is_open = True
    return found


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


def move_read(uid: str, room_id: str, seq: int) -> int:
    """Move a read mark forward, never back; returns its position."""
    mine = Member.objects.active().filter(user_id=uid, room_id=room_id)
    mine.filter(read_seq__lt=seq).update(read_seq=seq)
    mark = mine.values_list("read_seq", flat=True)
    if not mark:
        raise NotFound
    return mark[0]


def describe(member: Member) -> dict[str, Any]:
    """A member's room as the API shows it, without the message store's fields."""
    return _described(member.user_id, [member])[0]


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


def describe_rooms(uid: str, room_ids: Iterable[str]) -> list[dict[str, Any]]:
    """The given rooms of `uid` as the API lists them, newest membership first, without the message
    store's fields.
    """
    members = Member.objects.listed().filter(user_id=uid, room_id__in=list(room_ids))
    return _described(uid, list(members.select_related("room").order_by("-pk")))


def newest_profiles(room_ids: Iterable[str], most: int) -> list[ProfileBox]:
    """The newest profile boxes of each room, at most `most` bytes together but at least one; by
    epoch, ascending. Older ones are usually of former names.
    """
    kept = [pk for sizes in _fitting_profiles(room_ids, most).values() for pk in sizes]
    return list(ProfileBox.objects.filter(pk__in=kept).order_by("epoch"))


def profile_sizes(room_ids: Iterable[str]) -> dict[str, int]:
    """The bytes of rooms' profile boxes in a list of rooms; rooms without boxes are left out."""
    found = _fitting_profiles(room_ids, LISTED_PROFILES)
    return {room: sum(sizes.values()) for room, sizes in found.items()}


def _fitting_profiles(room_ids: Iterable[str], most: int) -> dict[str, dict[int, int]]:
    """The boxes of `newest_profiles` by room, and their bytes in a response."""
    boxes = ProfileBox.objects.filter(room_id__in=list(room_ids)).order_by("-epoch")
    sizes: dict[str, dict[int, int]] = {}
    for pk, room, size in boxes.values_list("pk", "room_id", Bytes(F("box"))):
        sizes.setdefault(room, {})[pk] = size + 32
    return {
        room: {pk: of_room[pk] for pk in fitting(of_room, of_room, most)}
        for room, of_room in sizes.items()
    }


def _described(uid: str, found: list[Member]) -> list[dict[str, Any]]:
    rooms = [member.room_id for member in found]
    boxes: dict[str, list[dict[str, Any]]] = {}
    for box in newest_profiles(rooms, LISTED_PROFILES):
        boxes.setdefault(box.room_id, []).append({"e": box.epoch, "box": box.box})
    asked, peers, knocks, ended = (
        _asked(found),
        _peers(uid, found),
        _knocks(found),
        _ended(found),
    )
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


def _knocks(members: list[Member]) -> dict[str, int]:
    """The number of requests to join, for members who may admit people."""
    may = [member.room_id for member in members if member.leads or member.room.kind == "direct"]
    waiting = Knock.objects.filter(room_id__in=may, refused=False).values_list("room_id", flat=True)
    return Counter(waiting)
