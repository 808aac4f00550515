"""Tracks which members of a room are online, in all processes, and tells the room."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from chatsite.lib.bus_events import PresenceChanged
from messaging.live import frames
from messaging.live.bus import Bus
from messaging.live.presence.backends import PresenceBackend
from messaging.live.presence.local import Debouncer, Presence
from messaging.live.registry import ConnectionRegistry


class PresenceTracker:
    """`tell(room, event)` writes to a room's sockets, `spawn` starts a background task;
    `pause(people)` returns the seconds in which a room's changes are collected.
    """

    def __init__(
        self,
        registry: ConnectionRegistry,
        bus: Bus,
        backend: PresenceBackend,
        *,
        tell: Callable[[str, str], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        pause: Callable[[int], float],
    ) -> None:
        self.here = Presence()
        self._registry = registry
        self._bus = bus
        self._backend = backend
        self._others: dict[str, frozenset[str]] = {}
        self._announcer = Debouncer(lambda room: spawn(self._announce(room)))
        self._tell = tell
        self._pause = pause

    def online(self, room: str) -> list[str]:
        """The uids that the room's members may see here."""
        visible = self._registry.visible(room)
        others = self._others.get(room, frozenset()) & visible
        return sorted(others.union(self.here.among(visible)))

    def changed(self, rooms: Iterable[str]) -> None:
        """Announce that a member of these rooms came online or went offline."""
        for room in rooms:
            self._announcer.changed(room, after=self._pause(len(self._registry.sockets(room))))

    async def _announce(self, room: str) -> None:
        await self._meet(room)
        self._tell_all(room)
        await self._bus.publish(PresenceChanged(room))

    async def meet(self, room: str) -> None:
        """Exchange presence with the other processes; notify the room if theirs changed."""
        if await self._meet(room):
            self._tell_all(room)

    async def _meet(self, room: str) -> bool:
        here = self.here.among(self._registry.visible(room))
        return self._others_are(room, await self._backend.exchange(room, here))

    async def heard(self, room: str) -> None:
        """Handle another process's notice of a change in a room."""
        known = room in self._registry.cursors
        if known and self._others_are(room, await self._backend.read(room)):
            self._tell_all(room)

    def _others_are(self, room: str, others: frozenset[str]) -> bool:
        changed = self._others.get(room, frozenset()) != others
        if others and room in self._registry.cursors:
            self._others[room] = others
        else:
            self._others.pop(room, None)
        return changed

    def _tell_all(self, room: str) -> None:
        self._tell(room, frames.encode("presence", room=room, online=self.online(room)))

    async def close(self) -> None:
        self._announcer.close()
        await self._backend.close()
