"""Writes to rooms. Every change is a signed event appended to the room's log."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import storage
from accounts.audit.recording import record
from accounts.models import Identity, User
from accounts.site_settings import current
from chatsite.lib import disk, pubsub, signatures, wire
from chatsite.lib.bus_events import LogAppended, RequestAccepted, RoomStopped
from chatsite.lib.errors import BadSignature, Conflict, Forbidden, Gone, NotFound, Refused
from rooms import rules
from rooms.access import require_active, require_running
from rooms.events import begins_epoch, parse_event
from rooms.models import (
    Invitation,
    LogEvent,
    LogIdentity,
    Member,
    Room,
)
from rooms.submissions import EventSubmission

CLOCK_SLACK = 5 * 60 * 1000  # ms
GROWING = {"create", "profile", "invite", "add", "policy", "epoch", "disclose"}
"""Events that are refused if their author has no storage left."""
CLOSE_FIRST = (
    "This room is open, and yours. To end it for everybody, append a signed `close` event to its "
    "log, and delete it then; or make another member its owner and leave."
)
LEAVE = "This room is open: append a signed `leave` event to its log instead."
WHILE_STOPPED = frozenset({"leave", "close"})
AUDITED = frozenset(
    {
        *("create", "close", "policy"),
        *("join", "add", "remove", "leave", "role", "ban", "reset", "succeed"),
    }
)
"""Events that make or end a room, change its rules, or who is in it and as what."""
NAMES_IDENTITY = frozenset({"add", "reset"})  # their `to` is a kid


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@transaction.atomic
def create_room(user: User, sent: EventSubmission) -> Room:
    """Create a room from its `create` event and the owner's wrap."""
    event = parse_event(sent.event)
    if event["t"] != "create" or event["seq"] != 0 or event["prev"] != "":
        raise rules.bad("A room begins with its create event.")
    if Room.objects.filter(pk=event["room"]).exists():
        raise Conflict("This room exists already.", code="room_exists")
    room = Room(
        pk=event["room"],
        kind=event["kind"],
        policy=event["policy"],
        head_ms=event["ts"],
        head_hash=signatures.digest64("event", sent.event),
        epoch_ms=event["ts"],
    )
    _check_clock(event, None)
    identity = _signer(user, event, sent)
    _check_rooms(user)
    room.save(force_insert=True)
    rules.RULES["create"](rules.Append(room, user, identity, None, event, sent, now_ms()))
    _record(room, event, sent)
    _count(user, event, sent)
    return room


def _check_rooms(user: User) -> None:
    mine = Member.objects.filter(user=user, role=Member.OWNER, room__closed_at=None).count()
    if mine >= current.rooms_per_person():
        raise Refused(
            "You own as many rooms as anybody may here. Close one, or hand it over.",
            code="too_many_rooms",
        )


def _count(user: User, event: dict[str, Any], sent: EventSubmission) -> None:
    """Charge an event's bytes to its author.

    Called last, because it locks a contended row. Events that remove a member or a key are accepted
    even above the author's budget.
    """
    always = event["t"] not in GROWING
    if not always:
        disk.check_floor()
    storage.take("log", user.pk, sent.size, always=always)


def append_event(member: Member, sent: EventSubmission, *, allowed: set[str]) -> Room:
    """Append one event by a member; `allowed` are the types that this endpoint accepts.

    A member who has not answered a request may only decline it, by leaving.
    """
    if not member.accepted and parse_event(sent.event)["t"] != "leave":
        require_active(member)
    return _append(member.user, member.room_id, sent, allowed=allowed)


def join_room(user: User, iid: str, sent: EventSubmission) -> Room:
    """Append the `join` event of a user who holds an open invitation."""
    invitation = rules.require_open(Invitation.objects.filter(pk=iid).first(), now_ms())
    event = parse_event(sent.event)
    if event.get("iid") != iid:
        raise rules.bad("The event names another invitation.")
    return _append(user, invitation.room_id, sent, allowed={"join"})


@transaction.atomic
def _append(user: User, room_id: str, sent: EventSubmission, *, allowed: set[str]) -> Room:
    event = parse_event(sent.event)
    if event["t"] not in allowed:
        raise rules.bad("This kind of event does not belong here.")
    room = Room.objects.select_for_update().filter(pk=room_id).first()
    if room is None or event["room"] != room.pk:
        raise NotFound
    member = Member.objects.filter(room=room, user=user).first()
    if member is None and event["t"] != "join":
        raise NotFound
    if room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    if event["t"] not in WHILE_STOPPED:
        require_running(room)
    if (event["seq"], event["prev"]) != (room.head_seq + 1, room.head_hash):
        raise Conflict(
            "The room has changed. Load what is new and try again.", code="head", head=room.head
        )
    _check_clock(event, room.head_ms)
    identity = _signer(user, event, sent)
    if member is not None and member.kid != event["kid"]:
        raise rules.bad("Signed with a key that is not this member's.")
    rules.RULES[event["t"]](rules.Append(room, user, identity, member, event, sent, now_ms()))
    room.head_seq, room.head_ms = event["seq"], event["ts"]
    room.head_hash = signatures.digest64("event", sent.event)
    room.save()
    _record(room, event, sent)
    _count(user, event, sent)
    return room


def _check_clock(event: dict[str, Any], before: int | None) -> None:
    now = now_ms()
    if before is not None and event["ts"] < before:
        raise rules.bad("Events do not go back in time.")
    if event["ts"] != before and abs(event["ts"] - now) > CLOCK_SLACK:
        raise Refused(
            "The clock of this device is wrong. Set it and try again.", code="clock", now=now
        )


def _signer(user: User, event: dict[str, Any], sent: EventSubmission) -> Identity:
    """The present identity of `user`, after checking its signature over the event."""
    identity = user.current_identity
    if identity is None or event["by"] != user.pk or event["kid"] != identity.kid:
        raise rules.bad("The event is not signed as you.")
    try:
        key, body = bytes(identity.ed25519_key), sent.event.encode("ascii")
        signatures.verify(key, "event", body, sent.signature)
    except wire.BadWire:
        raise BadSignature from None
    return identity


def _record(room: Room, event: dict[str, Any], sent: EventSubmission) -> None:
    LogEvent.objects.create(
        room=room,
        seq=event["seq"],
        type=event["t"],
        author=event["by"],
        kid=event["kid"],
        to_kid=event["to"] if event["t"] in NAMES_IDENTITY else "",
        event=sent.event,
        signature=sent.signature,
        hash=room.head_hash,
    )
    named = {event["kid"], event["to"]} if event["t"] in NAMES_IDENTITY else {event["kid"]}
    LogIdentity.objects.bulk_create(
        (LogIdentity(room=room, identity_id=kid) for kid in sorted(named)), ignore_conflicts=True
    )
    if event["t"] in AUDITED:
        concerned = event.get("uid", event["by"])
        record(
            f"room.{event['t']}", by=event["by"], account=concerned, room=room.pk, seq=event["seq"]
        )
    pubsub.publish(
        LogAppended(
            room.pk,
            event=sent.event,
            sig=sent.signature,
            t=event["t"],
            begins=begins_epoch(event),
        )
    )


# --- membership without an event ----------------------------------------------------------------


def accept(member: Member) -> None:
    """Accept a room that another member has added the user to. Idempotent.

    Raises:
        Forbidden: `room_stopped`: a stopped room takes no newcomers.
    """
    if not member.accepted:
        require_running(member.room)
    if not Member.objects.listed().filter(pk=member.pk).update(accepted=True):
        raise NotFound  # removed, or declined, a moment ago
    pubsub.publish(RequestAccepted(member.room_id, member.user_id))


@transaction.atomic
def put_away(member: Member) -> None:
    """Remove a closed room from the user's list, without an event: its log has ended."""
    if member.room.closed_at is None:
        raise Conflict(CLOSE_FIRST if member.role == Member.OWNER else LEAVE, code="room_open")
    member.delete()


def move_read(uid: str, room_id: str, seq: int) -> int:
    """Move a read mark forward, never back; returns its position."""
    mine = Member.objects.active().filter(user_id=uid, room_id=room_id)
    mine.filter(read_seq__lt=seq).update(read_seq=seq)
    mark = mine.values_list("read_seq", flat=True)
    if not mark:
        raise NotFound
    return mark[0]


# --- the operator's ------------------------------------------------------------------------------


def set_stopped(room_id: str, stopped: bool, *, by: User | None) -> Room:
    """Stop a room, or let it go on. Idempotent.

    The server cannot sign, so the room's log does not change: a stopped room takes no messages,
    files, newcomers or events but `leave` and `close`. Its members go on to read it.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` is no administrator.
        NotFound: there is no such room.
        Gone: its owner closed it for good.
    """
    _check_administrator(by)
    with transaction.atomic():
        room = _locked(room_id)
        if (room.stopped_at is not None) != stopped:
            room.stopped_at = timezone.now() if stopped else None
            room.save(update_fields=["stopped_at"])
            record("room.stopped" if stopped else "room.resumed", by=by, room=room.pk)
            pubsub.publish(RoomStopped(room.pk, stopped))
    return room


def set_files_most(room_id: str, most: int | None, *, by: User | None) -> Room:
    """Limit the bytes that all files of a room may have together; None lifts it.

    What is there already stays. Messages count against their senders' storage alone.

    Args:
        by: who did it, for the record; None for a command on the server.

    Raises:
        Forbidden: `by` is no administrator.
        NotFound: there is no such room.
        Gone: its owner closed it for good.
    """
    _check_administrator(by)
    with transaction.atomic():
        room = _locked(room_id)
        if room.files_most != most:
            room.files_most = most
            room.save(update_fields=["files_most"])
            told = "default" if most is None else most
            record("room.quota", by=by, room=room.pk, bytes=told)
    return room


def _check_administrator(by: User | None) -> None:
    if by is not None and not by.is_administrator:
        raise Forbidden("Only administrators may do that to a room.", code="not_your_role")


def _locked(room_id: str) -> Room:
    room = Room.objects.select_for_update().filter(pk=room_id).first()
    if room is None:
        raise NotFound("There is no room of that id.")
    if room.closed_at is not None:
        raise Gone("This room was closed for good.", code="room_closed")
    return room
