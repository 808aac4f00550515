"""Saves the verified state, so that the next run can check the server against it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sotto.chain import Tip
from sotto.keys.trust import Trust
from sotto.profile.checkpoint import restore_checkpoint, seal_checkpoint
from sotto.profile.profile_dir import ProfileDir, RoomRecord
from sotto.room import Room
from sotto.sender import Sender

SAVE_AFTER = 0.5  # seconds


class Persistence:
    """Saves open rooms and trust to the profile's folder, if there is one: soon after a change, and
    at the end.
    """

    def __init__(self, profile_dir: ProfileDir | None, trust: Trust) -> None:
        self._profile_dir = profile_dir
        self._trust = trust
        trust.heads = self.heads
        self._rooms: dict[str, tuple[Room, Sender]] = {}
        self._removed: dict[str, RoomRecord] = {}
        """Records of rooms that the server took away: it may give them back."""
        self._sealed: dict[str, tuple[str, str]] = {}
        """The stored checkpoint of a room is of these: the log's newest event, and the profile."""
        self._task: asyncio.Task[None] | None = None

    def restore(self, room: Room) -> tuple[str, int, str] | None:
        """Fill a new room with its record.

        Returns:
            The end of the account's own message chain: dev, n and pm.
        """
        removed = self._removed.get(room.id, RoomRecord())
        record = self._profile_dir.room(room.id) if self._profile_dir is not None else removed
        room.known_head = record.head
        room.known_keys = record.keys
        room.sent, room.sent_at = dict(record.sent), dict(record.sent_at)
        room.known_last = record.last
        if self._profile_dir is not None:
            restore_checkpoint(room, self._profile_dir.checkpoint(room.id))
            self._sealed[room.id] = _sealed_of(room)
        if self._profile_dir is None or self._profile_dir.owns_device():
            return record.tip
        return None

    def track(self, room: Room, sender: Sender) -> None:
        """Save this room from now on."""
        self._rooms[room.id] = (room, sender)
        self.schedule_save()

    def untrack(self, room: str) -> None:
        """Save a room once more and keep its record."""
        tracked = self._rooms.pop(room, None)
        if tracked is not None:
            found, sender = tracked
            self._removed[room] = _record(found, sender.tip)
            self.save(found, sender.tip)

    def reset(self, room: str) -> None:
        """Drop the verified state of a room. The profile keeps its keys."""
        self._drop(room)
        if self._profile_dir is not None:
            self._profile_dir.reset_room(room)

    def erase(self, room: str) -> None:
        """Drop all that is kept of a room, its keys included."""
        self._drop(room)
        if self._profile_dir is not None:
            self._profile_dir.forget_room(room)

    def _drop(self, room: str) -> None:
        self._rooms.pop(room, None)
        self._removed.pop(room, None)
        self._sealed.pop(room, None)

    def heads(self) -> dict[str, int]:
        """The seq of the newest verified log event, by room."""
        stored = self._profile_dir.heads() if self._profile_dir is not None else {}
        removed = {room: record.head[0] for room, record in self._removed.items() if record.head}
        tracked = {id_: room.state.seq for id_, (room, _) in self._rooms.items()}
        return {**stored, **removed, **tracked}

    def schedule_save(self) -> None:
        """Save soon, once for many changes."""
        if self._profile_dir is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._save_later())

    async def close(self) -> None:
        """Save now."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._save()

    async def _save_later(self) -> None:
        await asyncio.sleep(SAVE_AFTER)
        self._save()

    def _save(self) -> None:
        if self._profile_dir is None:
            return
        self._profile_dir.store_trust(self._trust.record())
        for room, sender in self._rooms.values():
            self.save(room, sender.tip)

    def save(self, room: Room, tip: Tip | None) -> None:
        """Save a room now, unless it is frozen.

        Args:
            tip: the end of the account's own message chain, None if this program does not own it.
        """
        if self._profile_dir is not None and not room.frozen:
            moved = self._sealed.get(room.id) != _sealed_of(room)
            checkpoint = seal_checkpoint(room) if moved else None
            self._profile_dir.store_room(room.id, _record(room, tip), checkpoint)
            self._sealed[room.id] = _sealed_of(room)


def _sealed_of(room: Room) -> tuple[str, str]:
    """The facts that a checkpoint of a room depends on."""
    if room.log_seq < 0:
        return "", ""
    return room.state.hash, room.state.h if room.profile_plain is not None else ""


def _record(room: Room, tip: Tip | None) -> RoomRecord:
    last = room.highest if room.highest[0] > 0 else None
    head = (room.state.seq, room.state.hash)
    return RoomRecord(head, room.keys, room.sent, room.sent_at, last, tip)
