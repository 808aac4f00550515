"""Sockets of this process by room and by person."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from messaging.live.connection import Connection
from messaging.live.cursor import RoomCursor
from messaging.live.executor import DatabaseExecutor
from messaging.store.base import MessageStore
from rooms.memberships import log_heads, members_of, read_marks, rooms_of


class ConnectionRegistry:
    """A room is registered as long as one of its members has a socket.

    Members are read one reader at a time, so an older answer never replaces a newer one.
    """

    def __init__(self, threads: DatabaseExecutor, store: MessageStore) -> None:
        self.cursors: dict[str, RoomCursor] = {}
        self._threads = threads
        self._store = store
        self._reading = asyncio.Lock()
        self._rooms_of: dict[Connection, set[str]] = {}
        self._people: dict[str, set[Connection]] = {}
        self._sockets: dict[str, set[Connection]] = {}
        self._members: dict[str, frozenset[str]] = {}

    # --- questions -------------------------------------------------------------------------

    def rooms_of(self, connection: Connection) -> Collection[str]:
        return self._rooms_of.get(connection, ())

    def sockets(self, room: str) -> Collection[Connection]:
        return self._sockets.get(room, ())

    def visible(self, room: str) -> frozenset[str]:
        """The people whose presence a room's members may see: members who have accepted the
        room.
        """
        return self._members.get(room, frozenset())

    def of_person(self, uid: str) -> list[Connection]:
        return list(self._people.get(uid, ()))

    def everybody(self) -> list[Connection]:
        return list(self._rooms_of)

    # --- changes ---------------------------------------------------------------------------

    async def add(self, connection: Connection) -> None:
        uid = connection.ref.uid
        self._rooms_of[connection] = set()
        self._people.setdefault(uid, set()).add(connection)
        async with self._reading:
            rooms = [head.room for head in await self._threads.run(rooms_of, uid)]
            while unknown := [room for room in rooms if room not in self.cursors]:
                await self._open(await self._threads.run(members_of, unknown))
            for room in rooms:
                if uid in self._members[room]:
                    self._enter(connection, room)
                self._forget_if_empty(room)

    async def refresh(self, rooms: Collection[str]) -> set[str]:
        """Read the members of rooms again and register new members' sockets.

        Former members stay until `drop_former`.

        Returns:
            The registered rooms whose members have changed.
        """
        async with self._reading:
            members = await self._threads.run(members_of, rooms)
            changed = {room: now for room, now in members.items() if now != self._members.get(room)}
            here = {room: now & self._people.keys() for room, now in changed.items()}
            await self._open(
                {room: now for room, now in changed.items() if here[room] or room in self.cursors}
            )
            for room, uids in here.items():
                for uid in uids:
                    for connection in self._people.get(uid, ()):
                        self._enter(connection, room)
                self._forget_if_empty(room)
            return changed.keys() & self.cursors.keys()

    async def read_marks(self) -> dict[str, dict[str, int]]:
        """The read marks of connected people, by room and uid. An unregistered room was joined
        while an event was lost.
        """
        return await self._threads.run(read_marks, list(self._people))

    async def _open(self, rooms: dict[str, frozenset[str]]) -> None:
        """Register rooms, or replace their members."""
        unknown = [room for room in rooms if room not in self.cursors]
        heads = await self._threads.run(self._store.heads, unknown) if unknown else {}
        logs = await self._threads.run(log_heads, unknown) if unknown else {}
        for room, members in rooms.items():
            self._members[room] = members
            if room not in self.cursors:
                self.cursors[room] = RoomCursor(heads[room], logs.get(room, 0))

    def _enter(self, connection: Connection, room: str) -> None:
        if connection in self._rooms_of:  # it may have closed meanwhile
            self._rooms_of[connection].add(room)
            self._sockets.setdefault(room, set()).add(connection)

    def drop_former(self, room: str) -> None:
        """Remove the sockets of people who are no longer members."""
        members = self.visible(room)
        for connection in list(self.sockets(room)):
            if connection.ref.uid not in members:
                self._rooms_of[connection].discard(room)
                self._forget_read_state(connection, room)
                self._leave(connection, room)

    def remove(self, connection: Connection) -> set[str]:
        """Remove a socket; returns the rooms it was in."""
        rooms = self._rooms_of.pop(connection, set())
        mine = self._people.get(connection.ref.uid, set())
        mine.discard(connection)
        if not mine:
            self._people.pop(connection.ref.uid, None)
        for room in rooms:
            if not mine:
                self._forget_read_state(connection, room)
            self._leave(connection, room)
        return rooms

    def _forget_read_state(self, connection: Connection, room: str) -> None:
        if room in self.cursors:
            self.cursors[room].people.pop(connection.ref.uid, None)

    def _leave(self, connection: Connection, room: str) -> None:
        self._sockets.get(room, set()).discard(connection)
        self._forget_if_empty(room)

    def _forget_if_empty(self, room: str) -> None:
        if not self._sockets.get(room):
            self._sockets.pop(room, None)
            self._members.pop(room, None)
            self.cursors.pop(room, None)
