"""The hub: one in each process. It knows the sockets of this process, encodes an event once and
writes the same text to every socket of the room. Events of the other processes are hints that may
be lost: sign-ins, members and heads are read again periodically (`check`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from accounts.access import alive_among
from chatsite.lib import metrics
from chatsite.lib.bus_events import (
    Event,
    IdentityPublished,
    KeyRequested,
    KeyWrapped,
    KnockChanged,
    LogAppended,
    MessagesGone,
    MessagesStored,
    PresenceChanged,
    ReadMoved,
    RequestAccepted,
    RequestMade,
    RoomEvent,
    SignInEnded,
    SummaryChanged,
    TypingChanged,
)
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
from messaging.live.room_heads import RoomHeads
from messaging.live.rotation import Rotation
from messaging.live.sessions import SessionMonitor
from messaging.live.socket_slots import SocketSlots
from messaging.receivers import ENDS
from messaging.store.base import MessageStore
from rooms.memberships import log_heads

RECHECK = 30.0  # seconds
TURN = 0.05  # seconds: the senders' turn of the loop
SIGNED_OUT = 4401
THREADS = 4
log = logging.getLogger(__name__)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """Lives in one event loop between `start` and `stop`. `now` returns the time in ms, `ticks` is
    a monotonic clock in seconds.
    """

    def __init__(
        self,
        store: MessageStore,
        *,
        recheck: float = RECHECK,
        now: Callable[[], int] = now_ms,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[int], float] = pause,
        presence_backend: PresenceBackend | None = None,
    ) -> None:
        self.store = store
        self.now = now
        self.ticks = ticks
        self.threads = DatabaseExecutor(THREADS, "hub")
        self._writer = DatabaseExecutor(1, "commit")
        self.receipts = ReadReceipts(self._writer, self._read_moved)
        self.admission = Admission(self.threads, ticks)
        self.rotation = Rotation(store, self.threads, ticks)
        self._alive = DataLoader(self.threads, alive_among, pause=0.02)
        self.sessions = SessionMonitor(self._alive, lambda: self.ticks())
        self.registry = ConnectionRegistry(self.threads, store)
        self._bus = Bus(get_channel_layer(), self._handle)
        self.presence = PresenceTracker(
            self.registry,
            self._bus,
            presence_backend or LocalPresence(),
            tell=self.tell,
            spawn=self._spawn,
            pause=pause,
        )
        self.heads = RoomHeads(store, self.threads, self.registry, spawn=self._spawn)
        self.delivery = Delivery(
            store,
            self.threads,
            self.registry,
            self._bus,
            tell=self.tell,
            spawn=self._spawn,
            gone=self.heads.gone,
        )
        self.committer = Committer(store, self._writer, self.delivery.stored)
        self.slots = SocketSlots(settings.SOCKETS_PER_PERSON)
        self.sign_in_slots = SocketSlots(settings.SOCKETS_PER_PERSON)
        self._recheck = recheck
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        metrics.sockets.set_function(lambda: len(self.connections()))
        metrics.rooms.set_function(lambda: len(self.registry.cursors))
        metrics.outbox.set_function(lambda: sum(self._waiting()))
        metrics.behind.set_function(lambda: sum(many > 0 for many in self._waiting()))
        await self._bus.open()
        self._spawn(self._keep_checking())

    async def drain(self) -> None:
        """Wait until received messages are durable and their acks are passed to the network."""
        await self.committer.close()
        await asyncio.sleep(TURN)
        for connection in self.connections():
            await connection.drained()

    async def stop(self) -> None:
        await self.committer.close()
        await self.receipts.close()
        self.sessions.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.presence.close()
        await self._bus.close()
        self.threads.close()
        self._writer.close()

    def connections(self) -> list[Connection]:
        """The signed-in sockets of this process."""
        return self.registry.everybody()

    def _waiting(self) -> list[int]:
        return [connection.waiting for connection in self.connections()]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- sockets ---------------------------------------------------------------------------

    async def add(self, connection: Connection) -> None:
        """Register a signed-in socket, which then receives its rooms' events."""
        uid = connection.ref.uid
        self.sessions.begin(connection.ref)
        first = self.presence.here.arrived(uid)
        await self.registry.add(connection)
        if first:
            self.presence.changed(self.registry.rooms_of(connection))

    def remove(self, connection: Connection) -> None:
        """Unregister a socket that was passed to `add`, even if that failed."""
        rooms = self.registry.remove(connection)
        if self.presence.here.left(connection.ref.uid):
            self.presence.changed(rooms)

    def head(self, connection: Connection, room: str) -> int:
        """The newest number sent to a room's sockets. Raises NotFound for non-members."""
        cursor = self.registry.cursors.get(room)
        if cursor is None or room not in self.registry.rooms_of(connection):
            raise NotFound
        return cursor.last

    def tell(self, room: str, event: str, *, but: str = "") -> None:
        """Write one encoded event to every socket of a room, except those of one person."""
        frame = text_frame(event)
        here = self.registry.sockets(room)
        metrics.deliveries.inc(len(here))
        for connection in here:
            if connection.ref.uid != but:
                connection.share(event, frame)

    # --- typing, read receipts -------------------------------------------------------------

    def typing(self, room: str, uid: str, *, on: bool) -> None:
        event = TypingChanged(room, uid, on)
        self._tell_typing(event)
        self._spawn(self._bus.publish(event))

    def _tell_typing(self, event: TypingChanged) -> None:
        name = "typing_start" if event.on else "typing_stop"
        self.tell(event.room, frames.encode(name, room=event.room, uid=event.uid), but=event.uid)

    def _read_moved(self, room: str, uid: str, seq: int) -> None:
        event = ReadMoved(room, uid, seq)
        self.heads.read_moved(room, uid, seq)
        self._tell_as_it_is(event)
        self._spawn(self._bus.publish(event))

    # --- events of the other processes -----------------------------------------------------

    async def _handle(self, event: Event) -> None:
        handler = HANDLERS.get(type(event))
        if handler is not None:
            await handler(self, event)

    def _tell_as_it_is(self, event: RoomEvent) -> None:
        """The frame that members receive has the event's kind and fields."""
        self.tell(event.room, frames.encode(event.kind, **asdict(event)))

    async def _on_told(self, event: RoomEvent) -> None:
        self._tell_as_it_is(event)

    async def _on_messages(self, event: MessagesStored) -> None:
        self.delivery.deliver(event.room, event.first, event.to, event.events, event.standing)

    async def _on_messages_gone(self, event: MessagesGone) -> None:
        self.heads.gone(event.room, event.below)

    async def _on_read_moved(self, event: ReadMoved) -> None:
        self.heads.read_moved(event.room, event.uid, event.seq)
        self._tell_as_it_is(event)

    async def _on_typing(self, event: TypingChanged) -> None:
        self._tell_typing(event)

    async def _on_presence(self, event: PresenceChanged) -> None:
        await self.presence.heard(event.room)

    async def _on_key_requested(self, event: KeyRequested) -> None:
        self.tell(event.room, frames.encode("key_request", **asdict(event)), but=event.uid)

    async def _on_request_made(self, event: RequestMade) -> None:
        """Notify only the added person: the room is hidden until they accept."""
        for connection in self.registry.of_person(event.uid):
            connection.push(frames.encode("request", room=event.room))

    async def _on_request_accepted(self, event: RequestAccepted) -> None:
        self.presence.changed(await self.registry.refresh([event.room]))
        for connection in self.registry.of_person(event.uid):  # they missed earlier events
            connection.push(frames.encode("resync", room=event.room))

    async def _on_summary(self, event: SummaryChanged) -> None:
        """Handle the end of a person's request, or a summary shared with the room."""
        if not event.rid:
            self.tell(event.room, frames.encode("summary_ready", room=event.room))
            return
        ready = frames.encode("summary_ready", room=event.room, rid=event.rid)
        for connection in self.registry.of_person(event.uid):
            connection.push(ready)

    async def _on_identity(self, event: IdentityPublished) -> None:
        for connection in self.registry.of_person(event.uid):
            connection.push(frames.encode("identity", uid=event.uid))

    async def _on_log(self, event: LogAppended) -> None:
        """New members receive the event too, and former members receive it as their last one."""
        room = event.room
        self.admission.room_changed(room)
        if event.begins:
            self.rotation.renewed(room)
        if event.t in ENDS:
            self._spawn(self._end(ENDS[event.t], event))
        changed = await self.registry.refresh([room])
        cursor = self.registry.cursors.get(room)
        if cursor is not None:
            cursor.heard_of_log(json.loads(event.event)["seq"])
        name = {"join": "user_join", "leave": "user_leave"}.get(event.t, "room_event")
        self.tell(room, frames.encode(name, room=room, event=event.event, sig=event.sig))
        self.registry.drop_former(room)
        self.presence.changed(changed)

    async def _end(
        self, end: Callable[[MessageStore, LogAppended], None], event: LogAppended
    ) -> None:
        """Repeat the room receiver's deletions after messages that were still being written."""
        try:
            await self._writer.run(end, self.store, event)
            if room_cursor := self.registry.cursors.get(event.room):
                self.heads.gone(event.room, room_cursor.last + 1)
        except Exception as error:  # the store is unreachable
            log.error("hub.end_failed %s", type(error).__name__)

    async def _on_sign_in_ended(self, event: SignInEnded) -> None:
        for connection in self.registry.of_person(event.uid):
            here = connection.ref.sign_in
            if event.sign_in in (None, here) and here != event.but:
                sign_out(connection)

    # --- periodic checks: events may be lost ------------------------------------------------

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self._recheck)
            try:
                await self.check()
            except Exception as error:  # the database is unreachable: the next check retries
                log.warning("hub.check_failed %s", type(error).__name__)

    async def check(self) -> None:
        """Read sign-ins, memberships and heads again."""
        await self._bus.join()
        here = self.connections()
        asked = [self._alive.load_soon(connection.ref) for connection in here]
        for connection, answer in zip(here, asked, strict=True):
            if not await answer:
                sign_out(connection)
        marks = await self.registry.read_marks()
        rooms = list({*self.registry.cursors, *marks})
        for room in await self.registry.refresh(rooms):
            self.admission.room_changed(room)
            self.registry.drop_former(room)
            self.presence.changed([room])
        for room in rooms:
            await self.presence.meet(room)
        known = list(self.registry.cursors)
        self.heads.check(marks, await self.threads.run(log_heads, known))
        self.delivery.heard_of(await self.threads.run(self.store.heads, known))


HANDLERS: dict[type[Event], Callable[[Hub, Any], Coroutine[Any, Any, None]]] = {
    IdentityPublished: Hub._on_identity,
    KeyRequested: Hub._on_key_requested,
    KeyWrapped: Hub._on_told,
    KnockChanged: Hub._on_told,
    LogAppended: Hub._on_log,
    MessagesGone: Hub._on_messages_gone,
    MessagesStored: Hub._on_messages,
    PresenceChanged: Hub._on_presence,
    ReadMoved: Hub._on_read_moved,
    RequestAccepted: Hub._on_request_accepted,
    RequestMade: Hub._on_request_made,
    SignInEnded: Hub._on_sign_in_ended,
    SummaryChanged: Hub._on_summary,
    TypingChanged: Hub._on_typing,
}


def sign_out(connection: Connection) -> None:
    connection.close(SIGNED_OUT, frames.encode("session_revoked"))
