"""Where one room's stream stands in this process: each message once, in order, without holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """`last` has gone out to the room's sockets; `standing` counts messages that can be unread
    (no tombstone, no `re`), from an arbitrary beginning."""

    last: int
    standing: int


@dataclass(frozen=True, slots=True)
class ReadState:
    """A person's read mark, and the `standing` that the stream had there."""

    read: int
    standing: int


class RoomCursor:
    """`head` is the newest number heard of, `log` the newest event of the room's log; `people` has
    where those who are connected have read to."""

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
        """Whether messages `first` … `to`, of which `standing` can be unread, go out now. If not,
        they came before, or others are missing before them: see `behind`."""
        self.heard_of(to)
        if first != self.last + 1:
            return False
        self.move(to, standing)
        return True

    def move(self, to: int, standing: int) -> None:
        """Everything up to `to` goes out; `standing` of it can be unread."""
        self.position = Position(to, self.position.standing + standing)

    def heard_of(self, head: int) -> None:
        self.head = max(self.head, head)

    def heard_of_log(self, seq: int) -> None:
        self.log = max(self.log, seq)

    @property
    def behind(self) -> bool:
        """Whether the store has what has not gone out."""
        return self.head > self.last
