"""What a signed-in person does over the socket. Every action begins with a door."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Any

from django.conf import settings

from accounts.access import session_alive
from chatsite.lib import ratelimit
from chatsite.lib.errors import NotFound, Refused, SignInNeeded, TooMany
from messaging import frames
from messaging.access import heads_for
from messaging.connection import Connection
from messaging.hub import Hub, in_thread
from messaging.store.base import Appended, Draft, Outcome
from rooms.access import Seat, move_read

RESUME_MOST = 500
PAGE = 100
DAY = 24 * 3600 * 1000
ALIVE_AGE = 5.0  # seconds


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Actor:
    """One connection's right to act: a sign-in that is looked at again every few seconds."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self._checked = time.monotonic()
        self._epoch_starts: dict[tuple[str, int], int] = {}

    @property
    def uid(self) -> str:
        return self.connection.ref.uid

    async def check_alive(self) -> None:
        """SignInNeeded if the sign-in has ended."""
        if time.monotonic() - self._checked < ALIVE_AGE:
            return
        if not await in_thread(session_alive, self.connection.ref):
            raise SignInNeeded
        self._checked = time.monotonic()

    def take(self, what: str) -> None:
        """Count one use of a limit; TooMany where there were too many."""
        many, seconds = settings.RATE_LIMITS[what]
        wait = ratelimit.allow(f"rate_limit:{self.uid}:{what}", many, seconds)
        if wait:
            raise TooMany(wait)

    async def hello(self) -> str:
        """The `ready` event: who I am, the server's clock, where each room stands."""
        rooms = sorted(self.hub.rooms_of(self.connection))
        heads = await in_thread(heads_for, self.uid)
        return frames.encode(
            "ready",
            sid=self.connection.sid,
            uid=self.uid,
            now=now_ms(),
            heads=heads,
            online={room: self.hub.online(room) for room in rooms},
        )

    async def send_message(self, frame: frames.SendFrame) -> Awaitable[str]:
        """Admit a message and hand it to the committer, both in the order of the calls.

        What is returned resolves to the `ack` event once the message is durable.
        """
        self.take("messages")
        draft, seat = await self.hub.admission.admit(self.uid, self.connection.sid, frame, now_ms())
        return self._ack(draft, seat, self.hub.committer.append(draft))

    async def _ack(self, draft: Draft, seat: Seat, stored: Awaitable[Outcome]) -> str:
        outcome = await stored
        if not isinstance(outcome, Appended):
            raise Refused(REJECTED[outcome.code], code=outcome.code, **outcome.extra)
        fields: dict[str, Any] = {"room": draft.room, "cid": draft.cid, "seq": outcome.seq}
        if await self._wants_rotation(seat, draft, outcome.seq):
            fields["rotate"] = 1
        return frames.encode("ack", **fields)

    async def _wants_rotation(self, seat: Seat, draft: Draft, seq: int) -> bool:
        """Whether the epoch has lasted longer than the room's policy asks."""
        if seat.rotate_days and now_ms() - seat.epoch_ts > seat.rotate_days * DAY:
            return True
        if not seat.rotate_n:
            return False
        key = (seat.room, draft.e)
        if key not in self._epoch_starts:
            self._epoch_starts = {key: await in_thread(self.hub.store.before_epoch, *key)}
        return seq - self._epoch_starts[key] >= seat.rotate_n

    async def typing(self, room: str, *, on: bool) -> None:
        self._require(room)
        name = "typing_start" if on else "typing_stop"
        self.hub.tell(room, frames.encode(name, room=room, uid=self.uid), but=self.uid)
        await self.hub.ring("typing", room=room, uid=self.uid, on=on)

    def _require(self, room: str) -> None:
        if room not in self.hub.rooms_of(self.connection):
            raise NotFound

    async def read(self, room: str, seq: int) -> None:
        """Move the read mark, never back and never past the newest message."""
        self._require(room)
        head = (await in_thread(self.hub.store.heads, [room]))[room]
        mark = await in_thread(move_read, self.uid, room, min(seq, head))
        self.hub.tell(room, frames.encode("read", room=room, uid=self.uid, seq=mark))
        await self.hub.ring("read", room=room, uid=self.uid, seq=mark)

    async def resume(self, rooms: dict[str, int]) -> None:
        """Bring what came after the last contiguous number of each room."""
        mine = self.hub.rooms_of(self.connection)
        heads = await in_thread(self.hub.store.heads, [room for room in rooms if room in mine])
        for room, last in rooms.items():
            if room not in mine:
                self.connection.push(frames.error(NotFound(), room=room))
            elif heads[room] - last > RESUME_MOST:
                self.connection.push(frames.encode("reset", room=room, msg=heads[room]))
            elif heads[room] > last:
                await self._catch_up(room, last, heads[room])

    async def _catch_up(self, room: str, last: int, head: int) -> None:
        store = self.hub.store
        while last < head:
            rows = await in_thread(lambda after=last: store.page(room, after=after, limit=PAGE))
            if not rows:
                return
            messages = [row.as_dict() for row in rows]
            self.connection.push(frames.encode("message_receive", room=room, messages=messages))
            last = rows[-1].seq

    async def pong(self) -> str:
        return frames.encode("pong", now=now_ms(), heads=await in_thread(heads_for, self.uid))


REJECTED = {
    "order": "Another message of this device came first.",
    "conflict": "Another message has this id.",
    "stale": "The room has moved on.",
}
