"""Whether a message may be stored: the door, the header, the signature.

Seats are cached: a log event empties the room's, and none is believed for more than a few
seconds, so that a lost doorbell cannot keep a door open.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from chatsite.lib import wire
from chatsite.lib.errors import ChatError, Refused
from messaging.frames import SendFrame
from messaging.store.base import Draft
from rooms.access import Seat, log_hash, seat_for

CLOCK_SLACK = 5 * 60 * 1000  # ms
SEAT_AGE = 5.0  # seconds
LEASE = 10.0  # seconds
MAX_CACHED = 20_000

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

InThread = Callable[..., Awaitable[Any]]


def bad_message(detail: str) -> Refused:
    return Refused(detail, code="bad_message")


@dataclass(slots=True)
class _Held:
    seat: Seat
    since: float


class Admission:
    """One per hub. `in_thread(function, *arguments)` runs what touches the database."""

    def __init__(self, in_thread: InThread, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_thread = in_thread
        self._clock = clock
        self._seats: dict[str, dict[str, _Held]] = {}
        self._hashes: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._leases: dict[str, tuple[str, float]] = {}

    def room_changed(self, room: str) -> None:
        """Forget what is cached of a room: its log has moved."""
        self._seats.pop(room, None)
        self._leases.pop(room, None)

    async def seat(self, uid: str, room: str, *, fresh: bool = False) -> Seat:
        """The seat of `uid`; NotFound if there is none. At most SEAT_AGE old."""
        held = self._seats.get(room, {}).get(uid)
        if held is not None and not fresh and self._clock() - held.since < SEAT_AGE:
            return held.seat
        since = self._clock()
        seat: Seat = await self._in_thread(seat_for, uid, room)
        if len(self._seats) > MAX_CACHED:
            self._seats.clear()
        self._seats.setdefault(room, {})[uid] = _Held(seat, since)
        return seat

    async def admit(self, uid: str, sid: str, frame: SendFrame, now: int) -> tuple[Draft, Seat]:
        """The draft to store, or a ChatError with one of the protocol's codes.

        `sid` names the connection, for the lease of a rotation; `now` in ms.
        """
        seat = await self.seat(uid, frame.room)
        header = read_header(frame, uid)
        if self._behind(seat, header):
            seat = await self.seat(uid, frame.room, fresh=True)
        if not seat.open:
            raise self._rotate(seat.room, sid)
        if header["e"] != seat.e or header["kid"] != seat.kid:
            raise Refused("The room has moved on.", code="stale", head=seat.head_seq)
        if not await self._on_log(seat, *header["lh"]):
            raise Refused("The room has moved on.", code="stale", head=seat.head_seq)
        if abs(header["ts"] - now) > CLOCK_SLACK:
            raise Refused("The clock of this device is off.", code="clock", now=now)
        return _verified(frame, header, seat, now), seat

    def _behind(self, seat: Seat, header: dict[str, Any]) -> bool:
        """Whether the client seems to know more of the log than the cached seat."""
        return (
            not seat.open
            or header["lh"][0] > seat.head_seq
            or (header["e"], header["kid"]) != (seat.e, seat.kid)
        )

    def _rotate(self, room: str, sid: str) -> ChatError:
        holder, until = self._leases.get(room, ("", 0.0))
        if holder not in ("", sid) and self._clock() < until:
            return Refused("Another member is renewing the room's key.", code="wait")
        self._leases[room] = (sid, self._clock() + LEASE)
        return Refused("The room needs a new key first.", code="rotate_first")

    async def _on_log(self, seat: Seat, seq: int, digest: str) -> bool:
        if seq == seat.head_seq:
            return digest == seat.head_hash
        if not seat.epoch_seq <= seq < seat.head_seq:
            return False
        key = (seat.room, seq)
        if key not in self._hashes:
            self._hashes[key] = await self._in_thread(log_hash, seat.room, seq) or ""
            while len(self._hashes) > MAX_CACHED:
                self._hashes.popitem(last=False)
        return self._hashes[key] == digest


def read_header(frame: SendFrame, uid: str) -> dict[str, Any]:
    """The exact header of a message that `uid` sends to the frame's room."""
    try:
        header = wire.parse_body(frame.h, HEADER)
    except wire.BadWire as error:
        raise bad_message(f"The header is malformed: {error}.") from None
    if header["room"] != frame.room or header["uid"] != uid:
        raise bad_message("The header is of another room or person.")
    if (header["n"] == 1) != (header["pm"] == ""):
        raise bad_message("The first message has no one before it, all others do.")
    return header


def _verified(frame: SendFrame, header: dict[str, Any], seat: Seat, now: int) -> Draft:
    sealed = wire.digest("message", frame.h.encode()) + frame.iv + sha256(frame.ct).digest()
    try:
        wire.verify(seat.ed, "sealed", sealed, frame.sig)
    except wire.BadWire:
        raise Refused("The signature is not good.", code="bad_signature") from None
    return Draft(
        room=frame.room,
        uid=header["uid"],
        dev=header["dev"],
        n=header["n"],
        pm=header["pm"],
        cid=header["cid"],
        e=header["e"],
        id=wire.b64(wire.digest("sealed", sealed)),
        h=frame.h,
        iv=frame.iv_text,
        ct=frame.ct_text,
        sig=frame.sig,
        at=now,
        re=frame.re,
        g=frame.g,
        tokens=frame.tokens,
    )
