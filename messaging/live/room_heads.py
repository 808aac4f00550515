"""Heads of a connected person's rooms: log, newest message, read mark, unread count.

Clients ask every half minute, so the answer comes from memory. It is read from the databases when a
person connects and updated by events: delivered messages, moved read marks, log events. Counts that
cannot be derived from these are queried again, for many people in one query: after a mark that
moved back from the end, and after erased messages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from messaging.live.connection import Connection
from messaging.live.cursor import Position, ReadState, RoomCursor
from messaging.live.dataloader import DataLoader
from messaging.live.executor import DatabaseExecutor
from messaging.live.registry import ConnectionRegistry
from messaging.selectors import heads_for
from messaging.store.base import MessageStore, NewMessage, Span

PAUSE = 0.05  # seconds between two queries that count
Heads = dict[str, dict[str, int]]
log = logging.getLogger(__name__)


class RoomHeads:
    """Heads of all connected people; one per hub. `spawn` starts a background task."""

    def __init__(
        self,
        store: MessageStore,
        threads: DatabaseExecutor,
        registry: ConnectionRegistry,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._store = store
        self._threads = threads
        self._registry = registry
        self._counts = DataLoader(threads, store.unread, pause=PAUSE)
        self._spawn = spawn
        self._uncounted: set[tuple[str, str]] = set()  # (uid, room): the next check counts

    async def read(self, connection: Connection) -> Heads:
        """Read the heads of a person's rooms from the databases and cache them."""
        uid = connection.ref.uid
        rooms = self._registry.rooms_of(connection)
        before = {room: self._registry.cursors[room].position for room in rooms}
        heads = await self._threads.run(heads_for, uid, self._store)
        for room, head in heads.items():
            cursor = self._registry.cursors.get(room)
            if cursor is None or room not in before:
                continue
            cursor.heard_of_log(head["log"])
            if head["msg"] == before[room].last:
                self._remember(uid, cursor, head["read"], before[room], head["unread"])
            else:  # the cursor here is at another position: it counts itself
                self._count_soon(uid, room, head["read"])
        return heads

    async def known(self, connection: Connection) -> Heads:
        """The same from memory. Rooms joined a moment ago may have to be read."""
        uid = connection.ref.uid
        found: Heads = {}
        for room in self._registry.rooms_of(connection):
            cursor = self._registry.cursors[room]
            state = cursor.people.get(uid)
            if state is None:
                return await self.read(connection)
            found[room] = {
                "log": cursor.log,
                "msg": cursor.head,
                "read": state.read,
                "unread": max(0, cursor.position.standing - state.standing),
            }
        return found

    def read_moved(self, room: str, uid: str, seq: int) -> None:
        """Apply a read mark's move to `seq`."""
        cursor = self._registry.cursors.get(room)
        state = cursor.people.get(uid) if cursor is not None else None
        if cursor is None or state is None or seq <= state.read:
            return
        if seq == cursor.last:
            self._remember(uid, cursor, seq, cursor.position, 0)
        else:
            self._count_soon(uid, room, seq)

    def written(
        self, room: str, messages: Sequence[tuple[int, NewMessage]]
    ) -> list[tuple[str, int]]:
        """Move the marks of authors who had read everything before their own message.

        Args:
            messages: new ones of the room with their numbers, in order, before they are delivered.

        Returns:
            Authors with the numbers that their marks move to.
        """
        cursor = self._registry.cursors.get(room)
        if cursor is None or not messages or messages[0][0] != cursor.last + 1:
            return []  # others are missing before them
        standing = cursor.position.standing
        moved: dict[str, int] = {}
        for seq, message in messages:
            state = cursor.people.get(message.uid)
            is_next = state is not None and state.read < seq and state.standing == standing
            standing += not message.refers_to
            if is_next:
                cursor.people[message.uid] = ReadState(seq, standing)
                moved[message.uid] = seq
        return list(moved.items())

    def gone(self, room: str, below: int) -> None:
        """Handle erased or expired messages below a number: some may have been unread."""
        cursor = self._registry.cursors.get(room)
        if cursor is not None:
            for uid, state in cursor.people.items():
                if state.read < below - 1:
                    self._count_soon(uid, room, state.read)

    def check(self, marks: Mapping[str, Mapping[str, int]], logs: Mapping[str, int]) -> None:
        """Apply values read from the database: marks by room and uid, log heads by room."""
        for room, seq in logs.items():
            if room in self._registry.cursors:
                self._registry.cursors[room].heard_of_log(seq)
        uncounted, self._uncounted = self._uncounted, set()
        for room, people in marks.items():
            for uid, seq in people.items():
                if (uid, room) in uncounted:
                    self._count_soon(uid, room, seq)
                else:
                    self.read_moved(room, uid, seq)

    def _count_soon(self, uid: str, room: str, read: int) -> None:
        self._spawn(self._count(uid, room, read))

    async def _count(self, uid: str, room: str, read: int) -> None:
        cursor = self._registry.cursors.get(room)
        if cursor is None:
            return
        position = cursor.position
        if read > position.last:  # the messages before the mark were not sent here
            self._uncounted.add((uid, room))
            return
        try:
            unread = await self._counts.load(Span(room, read, position.last)) or 0
        except Exception as error:  # the store is unreachable: the next check counts
            self._uncounted.add((uid, room))
            log.warning("heads.count_failed %s", type(error).__name__)
            return
        self._remember(uid, cursor, read, position, unread)

    def _remember(
        self, uid: str, cursor: RoomCursor, read: int, position: Position, unread: int
    ) -> None:
        """Does nothing if the person has disconnected or a later mark is known."""
        state = cursor.people.get(uid)
        if self._registry.of_person(uid) and (state is None or state.read <= read):
            cursor.people[uid] = ReadState(read, position.standing - unread)
