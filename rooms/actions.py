"""Writes to rooms. Every change is a signed event appended to the room's log."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import storage
from accounts.models import Identity, User
from chatsite.lib import disk, pubsub, wire
from chatsite.lib.bus_events import KeyRequested, KeyWrapped, LogAppended, RequestAccepted
from chatsite.lib.errors import Conflict, Gone, NotFound, Refused
from rooms import rules
from rooms.access import require_active, require_running, room_for_member
from rooms.events import begins_epoch, parse_event
from rooms.models import (
    Invitation,
    InvitationItem,
    InvitationUse,
    LogEvent,
    LogIdentity,
    Member,
    Room,
    Wrap,
)
from rooms.rules.epochs import extend_links
from rooms.submissions import BoxGiven, EventSubmission, LinkKeys, WrapGiven

CLOCK_SLACK = 5 * 60 * 1000  # ms
GROWING = {"create", "profile", "invite", "add", "policy", "epoch", "disclose"}
"""Events that are refused if their author has no storage left."""
CLOSE_FIRST = (
    "This room is open, and yours. To end it for everybody, append a signed `close` event to its "
    "log, and delete it then; or make another member its owner and leave."
)
LEAVE = "This room is open: append a signed `leave` event to its log instead."
MOST_ITEMS = 5000  # of 60 sealed bytes each, in one answer
ITEMS_AFTER_CLOSE = timedelta(hours=24)
WHILE_STOPPED = frozenset({"leave", "close"})
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
        head_hash=wire.digest64("event", sent.event),
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
    if mine >= settings.ROOMS_PER_PERSON:
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
        raise Conflict("The room has moved on.", code="head", head=room.head)
    _check_clock(event, room.head_ms)
    identity = _signer(user, event, sent)
    if member is not None and member.kid != event["kid"]:
        raise rules.bad("Signed with a key that is not this member's.")
    rules.RULES[event["t"]](rules.Append(room, user, identity, member, event, sent, now_ms()))
    room.head_seq, room.head_ms = event["seq"], event["ts"]
    room.head_hash = wire.digest64("event", sent.event)
    room.save()
    _record(room, event, sent)
    _count(user, event, sent)
    return room


def _check_clock(event: dict[str, Any], before: int | None) -> None:
    now = now_ms()
    if before is not None and event["ts"] < before:
        raise rules.bad("Events do not go back in time.")
    if event["ts"] != before and abs(event["ts"] - now) > CLOCK_SLACK:
        raise Refused("The clock of this device is off.", code="clock", now=now)


def _signer(user: User, event: dict[str, Any], sent: EventSubmission) -> Identity:
    """The present identity of `user`, after checking its signature over the event."""
    identity = user.current_identity
    if identity is None or event["by"] != user.pk or event["kid"] != identity.kid:
        raise rules.bad("The event is not signed as you.")
    try:
        wire.verify(bytes(identity.ed25519_key), "event", sent.event.encode("ascii"), sent.sig)
    except wire.BadWire:
        raise Refused("The signature is not good.", code="bad_signature") from None
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
        signature=sent.sig,
        hash=room.head_hash,
    )
    named = {event["kid"], event["to"]} if event["t"] in NAMES_IDENTITY else {event["kid"]}
    LogIdentity.objects.bulk_create(
        (LogIdentity(room=room, identity_id=kid) for kid in sorted(named)), ignore_conflicts=True
    )
    pubsub.publish(
        LogAppended(
            room.pk,
            event=sent.event,
            sig=sent.sig,
            t=event["t"],
            begins=begins_epoch(event),
        )
    )


# --- membership without an event ----------------------------------------------------------------


def accept(member: Member) -> None:
    """Accept a room that another member has added the user to. Idempotent."""
    if not Member.objects.listed().filter(pk=member.pk).update(accepted=True):
        raise NotFound  # removed, or declined, a moment ago
    pubsub.publish(RequestAccepted(member.room_id, member.user_id))


@transaction.atomic
def put_away(member: Member) -> None:
    """Remove a closed room from the user's list, without an event: its log has ended."""
    if member.room.closed_at is None:
        raise Conflict(CLOSE_FIRST if member.role == Member.OWNER else LEAVE, code="room_open")
    member.delete()


# --- the operator's ------------------------------------------------------------------------------


def set_stopped(room_id: str, stopped: bool) -> Room:
    """Stop a room, or let it go on. Idempotent.

    The server cannot sign, so the room's log does not change: a stopped room takes no messages,
    files, newcomers or events but `leave` and `close`. Its members go on to read it.

    Raises:
        NotFound: there is no such room.
        Gone: its owner closed it for good.
    """
    with transaction.atomic():
        room = Room.objects.select_for_update().filter(pk=room_id).first()
        if room is None:
            raise NotFound("There is no room of that id.")
        if room.closed_at is not None:
            raise Gone("This room was closed for good.", code="room_closed")
        if (room.stopped_at is not None) != stopped:
            room.stopped_at = timezone.now() if stopped else None
            room.save(update_fields=["stopped_at"])
    return room


# --- keys ---------------------------------------------------------------------------------------


@transaction.atomic
def give_wraps(member: Member, wraps: Sequence[WrapGiven]) -> None:
    """Store wraps to present members, or to the user, each entitled to the epoch."""
    room, user = member.room, member.user
    present = list(room.members.values_list("kid", "since", "user_id"))
    if user.pk not in (uid for *_, uid in present):
        raise NotFound  # removed a moment ago
    since = {kid: first for kid, first, _ in present}
    added = 0
    for wrap in wraps:
        if wrap.to not in since or not since[wrap.to] <= wrap.e <= room.epoch:
            raise Refused("A wrap for somebody who is not entitled to it.", code="bad_wraps")
        _, fresh = Wrap.objects.update_or_create(
            room=room,
            epoch=wrap.e,
            to_kid=wrap.to,
            giver=user.pk,
            defaults={"ciphertext": wrap.ct},
        )
        added += len(wrap.ct) if fresh else 0
    storage.take("log", user.pk, added, always=True)  # others ask for it
    for e, to in {(wrap.e, wrap.to) for wrap in wraps}:
        pubsub.publish(KeyWrapped(room.pk, e, to))


def ask_for_keys(member: Member, epochs: list[int]) -> None:
    """Ask the online members for keys of epochs that the member is entitled to."""
    for e in epochs:
        if not member.since <= e <= member.room.epoch:
            raise Refused("No key of that epoch is yours to have.", code="bad_epoch")
        pubsub.publish(KeyRequested(member.room_id, e, member.user_id, member.kid))


@transaction.atomic
def finish_boxes(member: Member, profile: BoxGiven | None, invites: Sequence[LinkKeys]) -> None:
    """Complete the boxes of an interrupted rotation. Only missing boxes are stored."""
    room = member.room
    if profile is not None:
        if profile.e != room.epoch or not room.profile_hash:
            raise Refused("That is not the present epoch.", code="bad_epoch")
        _, fresh = room.profiles.get_or_create(epoch=profile.e, defaults={"box": profile.box})
        if fresh:
            storage.take("log", member.user_id, len(profile.box))
    extend_links(room, invites)


# --- invitations --------------------------------------------------------------------------------


def items_for_joiner(user: User, iid: str, *, after: int) -> dict[str, Any]:
    """A page of the keys that a link carries, of the epochs after `after`, for a member who joined
    by it, until a day after it closed. `more` is the page's last epoch if others follow.
    """
    use = (
        InvitationUse.objects.select_related("invitation")
        .filter(invitation_id=iid, user=user)
        .first()
    )
    if use is None:
        raise NotFound("This invitation is not known here.", code="invite_unknown")
    room_for_member(user, use.invitation.room_id)
    kept = use.invitation.items.exclude(_items_are_over()).filter(epoch__gt=after)
    found = list(kept.order_by("epoch")[: MOST_ITEMS + 1])
    page = found[:MOST_ITEMS]
    return {
        "items": [{"e": item.epoch, "box": item.item} for item in page],
        "more": page[-1].epoch if len(found) > len(page) else None,
    }


def forget_old_items() -> int:
    """Delete the keys of links that ended, and return how many. `manage.py tidy` calls it every
    hour. Until then nobody can fetch them.
    """
    return InvitationItem.objects.filter(_items_are_over()).delete()[0]


def _items_are_over() -> Q:
    """Links that closed or expired at least a day ago."""
    edge = timezone.now() - ITEMS_AFTER_CLOSE
    expired = Q(invitation__expires_ms__lt=int(edge.timestamp() * 1000))
    return Q(invitation__closed_at__lt=edge) | expired
