"""A process's cache of the last messages of rooms and senders."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 50_000  # entries of each kind, some 10 MB together

Person = tuple[str, str]  # room, uid
Sender = tuple[str, str, str]  # room, uid, dev
ChainHead = tuple[int, str]  # n and id of a sender's last message


@dataclass(slots=True)
class HeadCache:
    """Cached heads. `rooms`: newest number and its epoch. `senders`: each device's last message."""

    rooms: dict[str, tuple[int, int]] = field(default_factory=dict)
    senders: dict[Sender, ChainHead] = field(default_factory=dict)

    def update(self, newer: HeadCache) -> None:
        """Apply the heads of a committed batch. Stale or missing entries are harmless."""
        if len(self.rooms) > MOST:
            self.rooms.clear()
        if len(self.senders) > MOST:
            self.senders.clear()
        self.rooms.update(newer.rooms)
        self.senders.update(newer.senders)

    def forget(self, room: str) -> None:
        """Drop the heads of a room."""
        self.rooms.pop(room, None)
        for sender in [sender for sender in list(self.senders) if sender[0] == room]:
            self.senders.pop(sender, None)
