"""The position of one room's stream in this process: each message once, in order, without holes."""

from __future__ import annotations


class RoomCursor:
    """`last` has gone out to the room's sockets; `head` is the newest number heard of."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.head = last
        self.repairing = False

    def take(self, first: int, to: int) -> bool:
        """Take messages `first` … `to`; True if they go out now.

        If not, they went out before, or others are missing before them: see `behind`.
        """
        self.heard_of(to)
        if first != self.last + 1:
            return False
        self.last = to
        return True

    def heard_of(self, head: int) -> None:
        self.head = max(self.head, head)

    @property
    def behind(self) -> bool:
        """True if the store has messages that have not gone out."""
        return self.head > self.last
