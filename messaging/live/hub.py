"""The hub: one in each process. It knows the sockets of this process, encodes an event once and
writes the same text to every socket of the room. Events of the other processes are hints that may
be lost: sign-ins, members and heads are read again periodically (`check`).
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
from accounts.site_settings import current
from chatsite.lib import command_events, metrics
from chatsite.lib.bus_events import Event, ReadMoved, SignInEnded, TypingChanged
from chatsite.lib.errors import NotFound
from chatsite.lib.ws_framing import text_frame
from messaging.live.admission import Admission
from messaging.live.arrivals import Arrivals
from messaging.live.bus import Bus
from messaging.live.committer import Committer
from messaging.live.connection import Connection
from messaging.live.dataloader import DataLoader
from messaging.live.delivery import Delivery
from messaging.live.event_handlers import EventHandlers
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
from messaging.store.base import Appended, MessageStore, NewMessage, Outcome
from rooms.memberships import log_heads

RECHECK = 30.0  # seconds
TURN = 0.05  # seconds: the senders' turn of the loop
LOOK_EVERY = 2.0  # seconds: at the site's settings, and at what commands have done
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
        self._bus = Bus(get_channel_layer(), self._handle_event)
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
        self.committer = Committer(store, self._writer, self._stored)
        self._events = EventHandlers(
            store,
            self._writer,
            self.registry,
            presence=self.presence,
            heads=self.heads,
            delivery=self.delivery,
            admission=self.admission,
            rotation=self.rotation,
            tell=self.tell,
            spawn=self._spawn,
        )
        self.slots = SocketSlots(settings.SOCKETS_PER_PERSON)
        self.arrivals = Arrivals()
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
        self._spawn(self._keep_looking())

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

    def _stored(self, messages: list[NewMessage], outcomes: list[Outcome]) -> None:
        """Move their authors' read marks, and deliver the messages of a durable batch."""
        fresh: dict[str, list[tuple[int, NewMessage]]] = {}
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome, Appended) and outcome.fresh:
                fresh.setdefault(message.room, []).append((outcome.seq, message))
        for room, written in fresh.items():
            for uid, seq in self.heads.written(room, written):
                self.receipts.move(uid, room, seq, own=True)
        self.delivery.stored(messages, outcomes)

    # --- typing, read receipts -------------------------------------------------------------

    def typing(self, room: str, uid: str, *, on: bool) -> None:
        event = TypingChanged(room, uid, on)
        self._events.typing_changed(event)
        self._spawn(self._bus.publish(event))

    def _read_moved(self, room: str, uid: str, seq: int) -> None:
        event = ReadMoved(room, uid, seq)
        self._events.read_moved(event)
        self._spawn(self._bus.publish(event))

    async def _handle_event(self, event: Event) -> None:
        await self._events.handle(event)

    # --- periodic checks: events may be lost ------------------------------------------------

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self._recheck)
            try:
                await self.check()
            except Exception as error:  # the database is unreachable: the next check retries
                log.warning("hub.check_failed %s", type(error).__name__)

    async def _keep_looking(self) -> None:
        """Read the site's settings for the event loop, which limits frames by them, and take the
        events of commands.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if self.connections():
                    await self.threads.run(current.row)
                    await self.take_command_events()
            except Exception as error:  # the last answer counts
                log.warning("hub.look_failed %s", type(error).__name__)

    async def take_command_events(self) -> None:
        """Apply the events that commands have left. Somebody whose sign-ins a command has ended may
        have signed in again since: each is read again.
        """
        events = await self.threads.run(command_events.take)
        ended = {event.uid for event in events if isinstance(event, SignInEnded)}
        for event in events:
            if not isinstance(event, SignInEnded):
                await self._handle_event(event)
        await self._check_sign_ins([one for uid in ended for one in self.registry.of_person(uid)])

    async def _check_sign_ins(self, connections: list[Connection]) -> None:
        asked = [self._alive.load_soon(connection.ref) for connection in connections]
        for connection, answer in zip(connections, asked, strict=True):
            if not await answer:
                connection.sign_out()

    async def check(self) -> None:
        """Read sign-ins, memberships and heads again."""
        await self._bus.join()
        await self._check_sign_ins(self.connections())
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
