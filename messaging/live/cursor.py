"""The position of one room's stream in this process: each message once, in order, without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """`last` is the newest number sent to the room's sockets; `standing` counts sent messages that
    can be unread (no tombstone, no `re`), from an arbitrary start.
    """

    last: int
    standing: int


@dataclass(frozen=True, slots=True)
class ReadState:
    """A person's read mark, and the stream's `standing` at that message."""

    read: int
    standing: int


class RoomCursor:
    """`head` is the newest known number, `log` the newest event of the room's log; `people` has the
    read marks of connected people.
    """

    def __init__(self, last: int, log: int = 0) -> None:
        self.position = Position(last, 0)
        self.head = last
        self.log = log
        self.people: dict[str, ReadState] = {}
        self.repairing = False

    @property
    def last(self) -> int:
        return self.position.last

    def take(self, first: int, to: int, standing: int = 0) -> bool:
        """True if messages `first` … `to`, of which `standing` can be unread, are sent now. If not,
        they were sent before, or others are missing before them: see `behind`.
        """
        self.heard_of(to)
        if first != self.last + 1:
            return False
        self.move(to, standing)
        return True

    def move(self, to: int, standing: int) -> None:
        """Advance to message `to`; `standing` of the messages sent can be unread."""
        self.position = Position(to, self.position.standing + standing)

    def heard_of(self, head: int) -> None:
        self.head = max(self.head, head)

    def heard_of_log(self, seq: int) -> None:
        self.log = max(self.log, seq)

    @property
    def behind(self) -> bool:
        """True if the store has messages that were not sent yet."""
        return self.head > self.last
