"""Decides if a message may be stored: membership, header, signature.

Membership snapshots are cached: a log event clears the room's. The room's version is read again
every few seconds, so that a lost event cannot keep a former member in.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chatsite.lib import signatures, wire
from chatsite.lib.errors import (
    BadSignature,
    ChatError,
    Forbidden,
    Gone,
    NotFound,
    Refused,
)
from messaging.live.dataloader import DataLoader
from messaging.live.executor import DatabaseExecutor
from messaging.live.frames import SendFrame
from messaging.store.base import NewMessage
from rooms.access import NOT_ACCEPTED, STOPPED
from rooms.memberships import MembershipSnapshot, membership_snapshots, room_versions
from rooms.selectors import log_hash

CLOCK_SLACK = 5 * 60 * 1000  # ms
SNAPSHOT_AGE = 5.0  # seconds
MAX_CACHED = 20_000
LEADERS = {"owner", "moderator"}  # they may erase what others wrote

HEADER: wire.Schema = (
    ("v", wire.one_of(1)),
    ("room", wire.ident),
    ("e", wire.integer(1)),
    ("uid", wire.ident),
    ("kid", wire.hash64),
    ("dev", wire.ident),
    ("n", wire.integer(1)),
    ("pm", wire.or_empty(wire.hash64)),
    ("lh", wire.pair(wire.integer(), wire.hash64)),
    ("sh", wire.pair(wire.integer(), wire.or_empty(wire.hash64))),
    ("cid", wire.ident),
    ("ts", wire.integer()),
)

Header = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """A message with a valid shape. `sealed` are the bytes that its signature covers, `id` is their
    hash.
    """

    frame: SendFrame
    header: Header
    sealed: bytes
    id: str


def parse_message(frame: SendFrame, uid: str) -> ParsedMessage:
    """The exact header of a message that `uid` sends to the frame's room, or `bad_message`."""
    try:
        header = wire.parse_body(frame.header, HEADER)
    except wire.BadWire as error:
        raise _bad(f"The header is malformed: {error}.") from None
    if header["room"] != frame.room or header["uid"] != uid:
        raise _bad("The header is of another room or person.")
    if (header["n"] == 1) != (header["pm"] == ""):
        raise _bad("The first message has no one before it, all others do.")
    if (header["sh"][0] == 0) != (header["sh"][1] == ""):
        raise _bad("A message that was seen has a number and an id.")
    if frame.generation > header["e"]:
        raise _bad("The tokens are of a generation to come.")
    sealed = (
        signatures.digest("message", frame.header.encode())
        + frame.iv
        + sha256(frame.ciphertext).digest()
    )
    return ParsedMessage(frame, header, sealed, wire.b64(signatures.digest("sealed", sealed)))


def verified_message(
    message: ParsedMessage, membership: MembershipSnapshot, now: int
) -> NewMessage:
    """Checks the signature and returns the message to store. `now` is in ms."""
    frame, header = message.frame, message.header
    try:
        signatures.verify(membership.signing_key, "sealed", message.sealed, frame.signature)
    except wire.BadWire:
        raise BadSignature(code="bad_message") from None
    indexed = membership.search == "server"
    if indexed and message.frame.generation not in (0, membership.generation):
        raise _bad("The tokens are of another generation than the room's.")
    return NewMessage(
        room=frame.room,
        uid=header["uid"],
        device=header["dev"],
        chain_number=header["n"],
        previous_id=header["pm"],
        client_message_id=header["cid"],
        epoch=header["e"],
        message_id=message.id,
        header=frame.header,
        iv=frame.iv_text,
        ciphertext=frame.ciphertext_text,
        signature=frame.signature,
        stored_ms=now,
        refers_to=frame.refers_to,
        generation=frame.generation if indexed else 0,
        tokens=frame.tokens if indexed else (),
        token_version=frame.token_version if indexed and frame.generation else 1,
        erase=frame.erase,
        leads=membership.role in LEADERS,
        files=frame.files,
    )


def _bad(detail: str) -> Refused:
    return Refused(detail, code="bad_message")


@dataclass(slots=True)
class _RoomSnapshots:
    """One room's memberships at `version`; that was still its version at `since` (seconds)."""

    version: int | None
    since: float
    taken: dict[str, MembershipSnapshot] = field(default_factory=dict)


class Admission:
    """Admits or refuses messages; one per hub. `ticks` is a monotonic clock in seconds."""

    def __init__(
        self, threads: DatabaseExecutor, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._threads = threads
        self.ticks = ticks
        self._rooms: dict[str, _RoomSnapshots] = {}
        self._versions = DataLoader(threads, room_versions)
        self._snapshots = DataLoader(threads, membership_snapshots)
        self._hashes: OrderedDict[tuple[str, int], str] = OrderedDict()

    def room_changed(self, room: str) -> None:
        """Drop a room's cached memberships after an event of its log."""
        self._rooms.pop(room, None)

    async def membership(self, uid: str, room: str, *, fresh: bool = False) -> MembershipSnapshot:
        """Returns the membership of `uid`, at most SNAPSHOT_AGE seconds old.

        Raises:
            NotFound: `uid` is not a member of the room.
        """
        snapshots = await self._present(room, fresh=fresh)
        membership = snapshots.taken.get(uid)
        if membership is None:
            membership = await self._snapshots.load((uid, room))
            if membership is None:
                raise NotFound
            if membership.version == snapshots.version and membership.accepted:
                snapshots.taken[uid] = membership  # unused if the log moved meanwhile
        return membership

    async def _present(self, room: str, *, fresh: bool) -> _RoomSnapshots:
        held, now = self._rooms.get(room), self.ticks()
        if held is not None and not fresh and now - held.since < SNAPSHOT_AGE:
            return held
        version = await self._versions.load(room)
        if held is not None and self._rooms.get(room) is held and held.version == version:
            held.since = now
            return held
        if len(self._rooms) > MAX_CACHED:
            self._rooms.clear()
        self._rooms[room] = _RoomSnapshots(version, now)
        return self._rooms[room]

    async def membership_for(self, uid: str, header: Header) -> MembershipSnapshot:
        """Returns the membership to check a message against.

        Reads it again if the sender has seen a newer log than the cache.
        """
        membership = await self.membership(uid, header["room"])
        as_cached = membership.open and (header["e"], header["kid"]) == (
            membership.epoch,
            membership.kid,
        )
        if as_cached and header["lh"][0] <= membership.head_seq:
            return membership
        return await self.membership(uid, header["room"], fresh=True)

    async def reject_reason(
        self, membership: MembershipSnapshot, header: Header, now: int
    ) -> ChatError | None:
        """The reason to refuse a message in its room's present state; `rotate_first` if that is
        closed.
        """
        if not membership.accepted:
            return Forbidden(NOT_ACCEPTED, code="not_accepted")
        if membership.closed:
            return Gone("This room was closed for good.", code="room_closed")
        if membership.stopped:
            return Forbidden(STOPPED, code="room_stopped")
        if not membership.open:
            return Refused(code="rotate_first")
        current = (header["e"], header["kid"]) == (membership.epoch, membership.kid)
        if not current or not await self._on_log(membership, *header["lh"]):
            return Refused(
                "The room has changed. Load what is new and try again.",
                code="stale",
                head=membership.head_seq,
            )
        if abs(header["ts"] - now) > CLOCK_SLACK:
            return Refused(
                "The clock of this device is wrong. Set it and try again.", code="clock", now=now
            )
        return None

    async def _on_log(self, membership: MembershipSnapshot, seq: int, digest: str) -> bool:
        """True if the log has this event, and the epoch had begun with it."""
        if seq == membership.head_seq:
            return digest == membership.head_hash
        if not membership.epoch_seq <= seq < membership.head_seq:
            return False
        key = (membership.room, seq)
        if key not in self._hashes:
            found = await self._threads.run(log_hash, *key)
            self._hashes[key] = found or ""
            while len(self._hashes) > MAX_CACHED:
                self._hashes.popitem(last=False)
        return self._hashes[key] == digest
