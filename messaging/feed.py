"""One room's stream in this process: each message once, in order, without holes."""

from __future__ import annotations

from messaging.store.base import Row

REPAIR = 200  # messages read at once


class Feed:
    """Takes rows as doorbells bring them, in any order and more than once, and gives them out
    in the order of their numbers. `missing` says that the store must be asked."""

    def __init__(self, room: str, last: int) -> None:
        self.room = room
        self.last = last
        self._early: dict[int, Row] = {}

    def take(self, rows: list[Row]) -> list[Row]:
        """The rows that may go out now."""
        for row in rows:
            if row.seq > self.last:
                self._early[row.seq] = row
        ready = []
        while self.last + 1 in self._early:
            self.last += 1
            ready.append(self._early.pop(self.last))
        return ready

    @property
    def missing(self) -> bool:
        """Whether later rows wait for an earlier one."""
        return bool(self._early)

    def behind(self, head: int) -> bool:
        """Whether the store has more than has come, given its newest number."""
        return head > self.last
