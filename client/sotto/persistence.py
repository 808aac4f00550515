"""What a run remembers for the next one: written soon after it changes, and at the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sotto.profile_dir import Home, Kept
from sotto.room import Room
from sotto.sender import Sender
from sotto.trust import Trust

WRITE_AFTER = 0.5  # seconds


class Keeper:
    """Between the open rooms and the profile's folder, if there is one."""

    def __init__(self, home: Home | None, trust: Trust) -> None:
        self._home = home
        self._trust = trust
        trust.heads = self.heads
        self._rooms: dict[str, tuple[Room, Sender]] = {}
        self._away: dict[str, Kept] = {}
        """What is known of rooms that the server took away: it may give them back."""
        self._task: asyncio.Task[None] | None = None

    def restore(self, room: Room) -> tuple[str, int, str] | None:
        """Tell a new room what was known of it; returns the tip of one's own chain."""
        away = self._away.get(room.id, Kept())
        kept = self._home.room(room.id) if self._home is not None else away
        room.known_head = kept.head
        room.known_keys = kept.keys
        room.sent, room.sent_at = dict(kept.sent), dict(kept.sent_at)
        room.known_last = kept.last
        return kept.tip if self._home is None or self._home.owns_device() else None

    def watch(self, room: Room, sender: Sender) -> None:
        """From now on what changes in this room is kept."""
        self._rooms[room.id] = (room, sender)
        self.changed()

    def forget(self, room: str, *, for_good: bool = False) -> None:
        held = self._rooms.pop(room, None)
        if not for_good and held is not None:
            self._away[room] = _kept(*held)
            self._keep(*held)
        if for_good:
            self._away.pop(room, None)
            if self._home is not None:
                self._home.forget_room(room)

    def heads(self) -> dict[str, int]:
        """How far the log of each room known here was verified, by room."""
        kept = self._home.heads() if self._home is not None else {}
        away = {room: known.head[0] for room, known in self._away.items() if known.head}
        here = {id_: room.state.seq for id_, (room, _) in self._rooms.items()}
        return {**kept, **away, **here}

    def changed(self) -> None:
        """Something did; writes a little later, once for many changes."""
        if self._home is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._write_later())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._write()

    async def _write_later(self) -> None:
        await asyncio.sleep(WRITE_AFTER)
        self._write()

    def _write(self) -> None:
        if self._home is None:
            return
        self._home.keep_trust(self._trust.record())
        for room, sender in self._rooms.values():
            self._keep(room, sender)

    def _keep(self, room: Room, sender: Sender) -> None:
        if self._home is not None and not room.frozen:
            self._home.keep_room(room.id, _kept(room, sender))


def _kept(room: Room, sender: Sender) -> Kept:
    last = room.highest if room.highest[0] > 0 else None
    return Kept(
        (room.state.seq, room.state.hash), room.keys, room.sent, room.sent_at, last, sender.tip
    )
