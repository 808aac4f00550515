"""Who is here: people with an open socket. Never in a database."""

from __future__ import annotations

from collections import Counter


class Presence:
    """Counts the sockets of each person in this process."""

    def __init__(self) -> None:
        self._sockets: Counter[str] = Counter()

    def arrived(self, uid: str) -> bool:
        """Note a socket; true if it is the person's first."""
        self._sockets[uid] += 1
        return self._sockets[uid] == 1

    def left(self, uid: str) -> bool:
        """Note that a socket has gone; true if it was the person's last."""
        self._sockets[uid] -= 1
        if self._sockets[uid] > 0:
            return False
        del self._sockets[uid]
        return True

    def among(self, uids: frozenset[str]) -> list[str]:
        return sorted(uid for uid in uids if uid in self._sockets)
