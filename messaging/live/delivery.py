"""Delivers new messages to a process's sockets: each once, in order, without gaps.

Bus events may be lost or duplicated; the store is the source of truth. After a gap in a room's
numbers, or an unseen head, reads the missing messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from chatsite.lib import metrics
from chatsite.lib.bus_events import MessagesGone, MessagesStored
from messaging.live import frames
from messaging.live.bus import Bus
from messaging.live.cursor import RoomCursor
from messaging.live.executor import DatabaseExecutor
from messaging.live.registry import ConnectionRegistry
from messaging.search.indexing import seal_later
from messaging.store.base import Appended, MessageStore, NewMessage, Outcome, StoredMessage
from rooms.signals import messages_gone

REPAIR = 200  # messages read at once
log = logging.getLogger(__name__)


class Delivery:
    """`tell(room, event)` writes to a room's sockets, `spawn` starts a background task; `gone(room,
    below)` is called about erased messages.
    """

    def __init__(
        self,
        store: MessageStore,
        threads: DatabaseExecutor,
        registry: ConnectionRegistry,
        bus: Bus,
        *,
        tell: Callable[[str, str], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        gone: Callable[[str, int], None],
    ) -> None:
        self._store = store
        self._threads = threads
        self._registry = registry
        self._bus = bus
        self._tell = tell
        self._spawn = spawn
        self._gone = gone

    async def read(self, room: str, *, after: int, limit: int) -> list[StoredMessage]:
        return await self._threads.run(partial(self._store.page, room, after=after, limit=limit))

    def stored(self, messages: list[NewMessage], outcomes: list[Outcome]) -> None:
        """Send a durable batch to this process's sockets, then notify the other processes."""
        by_room: dict[str, list[StoredMessage]] = {}
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome, Appended) and outcome.fresh:
                sealed = (message.header, message.iv, message.ciphertext, message.signature)
                row = StoredMessage(outcome.seq, *sealed, message.refers_to, files=message.files)
                by_room.setdefault(message.room, []).append(row)
                if message.erase:
                    self._spawn(self._erased(message.room, message.erase))
        for room, rows in by_room.items():
            self._new(room, rows)

    def _new(self, room: str, rows: list[StoredMessage]) -> None:
        events = frames.messages(room, rows)
        metrics.messages.inc(len(rows))
        first, to = rows[0].seq, rows[-1].seq
        standing = sum(row.stands_alone for row in rows)
        self.deliver(room, first, to, events, standing)
        shape = self._store.index.shape
        if shape.segment(to + 1) > shape.segment(first):
            self._spawn(self._seal(room, to))
        if not self._bus.alone:
            self._spawn(self._bus.publish(MessagesStored(room, first, to, events, standing)))

    async def _erased(self, room: str, seqs: tuple[int, ...]) -> None:
        """Notify other components, which cache data derived from messages and count them."""
        await self._threads.run(partial(messages_gone.send, None, room_id=room, seqs=seqs))
        self._gone(room, max(seqs) + 1)
        await self._bus.publish(MessagesGone(room, max(seqs) + 1))

    async def _seal(self, room: str, head: int) -> None:
        """Have a full segment of the search index sealed, never before an ack."""
        try:
            await self._threads.run(seal_later, self._store, room, head)
        except Exception as error:  # the store is unreachable: the next full segment tells again
            log.warning("hub.seal_failed %s", type(error).__name__)

    def deliver(
        self, room: str, first: int, to: int, events: list[str], standing: int | None
    ) -> None:
        """Send new messages to the room's sockets, or read missing ones from the store.

        Args:
            standing: the number of them that can be unread; None to count the events.
        """
        cursor = self._registry.cursors.get(room)
        if cursor is None:
            return
        if standing is None:
            standing = sum(frames.standing(event) for event in events)
        if cursor.take(first, to, standing):
            for event in events:
                self._tell(room, event)
        self._repair_if_behind(room, cursor)

    def heard_of(self, heads: dict[str, int]) -> None:
        """Apply rooms' newest numbers, read from the store, and fetch messages that did not
        arrive.
        """
        for room, head in heads.items():
            cursor = self._registry.cursors.get(room)
            if cursor is not None:
                cursor.heard_of(head)
                self._repair_if_behind(room, cursor)

    def _repair_if_behind(self, room: str, cursor: RoomCursor) -> None:
        if cursor.behind and not cursor.repairing:
            cursor.repairing = True
            metrics.repairs.inc()
            self._spawn(self._repair(room, cursor))

    async def _repair(self, room: str, cursor: RoomCursor) -> None:
        try:
            while cursor.behind and self._registry.cursors.get(room) is cursor:
                found = await self.read(room, after=cursor.last, limit=REPAIR)
                rows = [row for row in found if row.seq > cursor.last]
                if not rows:
                    return  # not stored yet: the next event or check asks again
                cursor.move(rows[-1].seq, sum(row.stands_alone for row in rows))
                for event in frames.messages(room, rows):
                    self._tell(room, event)
        except Exception as error:  # the store is unreachable: the next event or check asks again
            log.warning("hub.repair_failed %s", type(error).__name__)
        finally:
            cursor.repairing = False
