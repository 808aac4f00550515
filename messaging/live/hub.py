"""The hub: one in each process. It knows this process's sockets, encodes an event once, and
writes the same text to every socket of the room. What it hears from the other processes are
doorbells, which may be lost: what matters is read again, every so often (`check`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from accounts.access import alive_among
from chatsite.lib import metrics
from chatsite.lib.errors import NotFound
from chatsite.lib.ws_framing import text_frame
from messaging.live import frames
from messaging.live.admission import Admission
from messaging.live.bus import Bus
from messaging.live.committer import Committer
from messaging.live.connection import Connection
from messaging.live.dataloader import DataLoader
from messaging.live.delivery import Delivery
from messaging.live.executor import DatabaseExecutor
from messaging.live.presence.backends import LocalPresence, PresenceBackend
from messaging.live.presence.local import pause
from messaging.live.presence.tracker import PresenceTracker
from messaging.live.read_receipts import ReadReceipts
from messaging.live.registry import ConnectionRegistry
from messaging.live.rotation import Rotation
from messaging.live.sessions import SessionMonitor
from messaging.live.socket_slots import AccountSlots
from messaging.receivers import ENDS
from messaging.store.base import MessageStore

RECHECK = 30.0  # seconds
TURN = 0.05  # seconds: the senders' turn of the loop
SIGNED_OUT = 4401
THREADS = 4
log = logging.getLogger(__name__)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """`start` and `stop` bracket its life in one event loop. `now` tells the time in ms,
    `ticks` seconds that never go back."""

    def __init__(
        self,
        store: MessageStore,
        *,
        recheck: float = RECHECK,
        now: Callable[[], int] = now_ms,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[int], float] = pause,
        elsewhere: PresenceBackend | None = None,
    ) -> None:
        self.store = store
        self.now = now
        self.ticks = ticks
        self.threads = DatabaseExecutor(THREADS, "hub")
        self._writer = DatabaseExecutor(1, "commit")
        self.marks = ReadReceipts(self._writer, self._read_moved)
        self.admission = Admission(self.threads, ticks)
        self.rotation = Rotation(store, self.threads, ticks)
        self._alive = DataLoader(self.threads, alive_among, pause=0.02)
        self.watch = SessionMonitor(self._alive, lambda: self.ticks())
        self._registry = ConnectionRegistry(self.threads, store)
        self._bus = Bus(get_channel_layer(), self._heard)
        self.presence = PresenceTracker(
            self._registry,
            self._bus,
            elsewhere or LocalPresence(),
            tell=self.tell,
            spawn=self._spawn,
            pause=pause,
        )
        self.delivery = Delivery(
            store, self.threads, self._registry, self._bus, tell=self.tell, spawn=self._spawn
        )
        self.committer = Committer(store, self._writer, self.delivery.stored)
        self.slots = AccountSlots(settings.SOCKETS_PER_PERSON)
        self._recheck = recheck
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        metrics.sockets.set_function(lambda: len(self._registry.everybody()))
        metrics.rooms.set_function(lambda: len(self._registry.cursors))
        metrics.outbox.set_function(lambda: sum(self._waiting()))
        metrics.behind.set_function(lambda: sum(many > 0 for many in self._waiting()))
        await self._bus.open()
        self._spawn(self._keep_checking())

    async def drain(self) -> None:
        """What has come is durable, and the acks have been handed to the network."""
        await self.committer.close()
        await asyncio.sleep(TURN)
        for connection in self._registry.everybody():
            await connection.drained()

    async def stop(self) -> None:
        await self.committer.close()
        await self.marks.close()
        self.watch.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.presence.close()
        await self._bus.close()
        self.threads.close()
        self._writer.close()

    def _waiting(self) -> list[int]:
        return [connection.waiting for connection in self._registry.everybody()]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- sockets ---------------------------------------------------------------------------

    async def add(self, connection: Connection) -> None:
        """Let a signed-in socket in: from here on it gets its rooms' events."""
        uid = connection.ref.uid
        self.watch.begin(connection.ref)
        first = self.presence.here.arrived(uid)
        await self._registry.add(connection)
        if first:
            self.presence.changed(self._registry.rooms_of(connection))

    def remove(self, connection: Connection) -> None:
        """Forget a socket that was given to `add`, however that ended."""
        rooms = self._registry.remove(connection)
        if self.presence.here.left(connection.ref.uid):
            self.presence.changed(rooms)

    def head(self, connection: Connection, room: str) -> int:
        """The newest number that a room's sockets have been given; NotFound to strangers."""
        cursor = self._registry.cursors.get(room)
        if cursor is None or room not in self._registry.rooms_of(connection):
            raise NotFound
        return cursor.last

    def tell(self, room: str, event: str, *, but: str = "") -> None:
        """Write one encoded event to every socket of a room (but those of one person)."""
        frame = text_frame(event)
        here = self._registry.sockets(room)
        metrics.deliveries.inc(len(here))
        for connection in here:
            if connection.ref.uid != but:
                connection.share(event, frame)

    # --- typing, read marks ----------------------------------------------------------------

    def typing(self, room: str, uid: str, *, on: bool) -> None:
        self._tell_typing(room, uid, on=on)
        self._spawn(self._bus.ring("typing", room=room, uid=uid, on=on))

    def _tell_typing(self, room: str, uid: str, *, on: bool) -> None:
        name = "typing_start" if on else "typing_stop"
        self.tell(room, frames.encode(name, room=room, uid=uid), but=uid)

    def _read_moved(self, room: str, uid: str, seq: int) -> None:
        self.tell(room, frames.encode("read", room=room, uid=uid, seq=seq))
        self._spawn(self._bus.ring("read", room=room, uid=uid, seq=seq))

    # --- the bus ---------------------------------------------------------------------------

    async def _heard(self, event: dict[str, Any]) -> None:
        kind, room = event["kind"], event.get("room", "")
        if kind in TOLD:
            fields = {key: event[key] for key in TOLD[kind]}
            self.tell(room, frames.encode(kind, room=room, **fields))
        elif kind in HEARD:
            await HEARD[kind](self, room, event)

    async def _heard_messages(self, room: str, event: dict[str, Any]) -> None:
        self.delivery.deliver(room, event["first"], event["to"], event["events"])

    async def _heard_typing(self, room: str, event: dict[str, Any]) -> None:
        self._tell_typing(room, event["uid"], on=event["on"])

    async def _heard_presence(self, room: str, event: dict[str, Any]) -> None:
        await self.presence.heard(room)

    async def _heard_key_request(self, room: str, event: dict[str, Any]) -> None:
        asked = {key: event[key] for key in ("e", "uid", "kid")}
        self.tell(room, frames.encode("key_request", room=room, **asked), but=event["uid"])

    async def _heard_request(self, room: str, event: dict[str, Any]) -> None:
        """Somebody was asked into a room: it is not theirs yet, so only they hear of it."""
        for connection in self._registry.of_person(event["uid"]):
            connection.push(frames.encode("request", room=room))

    async def _heard_accepted(self, room: str, event: dict[str, Any]) -> None:
        if await self._registry.refresh(room):
            self.presence.changed([room])
        for connection in self._registry.of_person(event["uid"]):
            connection.push(frames.encode("resync", room=room))  # it has missed what came before

    async def _heard_summary(self, room: str, event: dict[str, Any]) -> None:
        """One's own request has ended, or somebody has shared a summary with the room."""
        if not event["rid"]:
            self.tell(room, frames.encode("summary_ready", room=room))
            return
        ready = frames.encode("summary_ready", room=room, rid=event["rid"])
        for connection in self._registry.of_person(event["uid"]):
            connection.push(ready)

    async def _heard_identity(self, room: str, event: dict[str, Any]) -> None:
        for connection in self._registry.of_person(event["uid"]):
            connection.push(frames.encode("identity", uid=event["uid"]))

    async def _heard_log(self, room: str, event: dict[str, Any]) -> None:
        """Who came in hears of it, and so does, for the last time, who left."""
        t = event["t"]
        self.admission.room_changed(room)
        if event.get("begins"):
            self.rotation.renewed(room)
        if t in ENDS:
            self._spawn(self._end(ENDS[t], event))
        changed = await self._registry.refresh(room)
        name = {"join": "user_join", "leave": "user_leave"}.get(t, "room_event")
        self.tell(room, frames.encode(name, room=room, event=event["event"], sig=event["sig"]))
        self._registry.drop_former(room)
        if changed:
            self.presence.changed([room])

    async def _end(self, end: Callable[[MessageStore, dict[str, Any]], None], event: Any) -> None:
        """Once more after the room's own receiver, behind the messages that were being written."""
        try:
            await self._writer.run(end, self.store, event)
        except Exception as error:  # the store is away
            log.error("hub.end_failed %s", type(error).__name__)

    async def _heard_revoked(self, room: str, event: dict[str, Any]) -> None:
        """One sign-in has ended; if none is named, all of the person's, `but` perhaps one."""
        ended, stays = event.get("sign_in"), event.get("but")
        for connection in self._registry.of_person(event["uid"]):
            here = connection.ref.sign_in
            if ended in (None, here) and here != stays:
                sign_out(connection)

    # --- what no doorbell may be trusted with ------------------------------------------------

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self._recheck)
            try:
                await self.check()
            except Exception as error:  # the database is away: look again next time
                log.warning("hub.check_failed %s", type(error).__name__)

    async def check(self) -> None:
        """Sign-ins, memberships and heads, read afresh."""
        await self._bus.join()
        here = self._registry.everybody()
        asked = [self._alive.load_soon(connection.ref) for connection in here]
        for connection, answer in zip(here, asked, strict=True):
            if not await answer:
                sign_out(connection)
        for room in [*self._registry.cursors, *await self._registry.unheard_of()]:
            if await self._registry.refresh(room):
                self.admission.room_changed(room)
                self._registry.drop_former(room)
                self.presence.changed([room])
            await self.presence.meet(room)
        self.delivery.heard_of(
            await self.threads.run(self.store.heads, list(self._registry.cursors))
        )


TOLD = {"read": ("uid", "seq"), "wraps": ("e", "to"), "knock": ("uid",)}
HEARD: dict[str, Callable[[Hub, str, dict[str, Any]], Coroutine[Any, Any, None]]] = {
    "message": Hub._heard_messages,
    "log": Hub._heard_log,
    "typing": Hub._heard_typing,
    "presence": Hub._heard_presence,
    "key_request": Hub._heard_key_request,
    "request": Hub._heard_request,
    "accepted": Hub._heard_accepted,
    "identity": Hub._heard_identity,
    "summary": Hub._heard_summary,
    "revoked": Hub._heard_revoked,
}


def sign_out(connection: Connection) -> None:
    connection.close(SIGNED_OUT, frames.encode("session_revoked"))
