"""Presence in this process: people with an open socket. Never in a database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

SOON = 0.25  # seconds
PER_PERSON = 0.004  # seconds: a thousand people are notified of each other every four


class Presence:
    """Counts the sockets of each person in this process. `backends` has the other processes."""

    def __init__(self) -> None:
        self._sockets: Counter[str] = Counter()

    def arrived(self, uid: str) -> bool:
        """Add a socket; returns True if it is the person's first."""
        self._sockets[uid] += 1
        return self._sockets[uid] == 1

    def left(self, uid: str) -> bool:
        """Remove a socket; returns True if it was the person's last."""
        self._sockets[uid] -= 1
        if self._sockets[uid] > 0:
            return False
        del self._sockets[uid]
        return True

    def among(self, uids: frozenset[str]) -> list[str]:
        return sorted(uid for uid in uids if uid in self._sockets)


def pause(people: int) -> float:
    """The seconds in which changes are collected: notifying everybody of everybody grows as the
    square.
    """
    return max(SOON, people * PER_PERSON)


class Debouncer:
    """Calls `announce(room)` some time after a change; announces changes in between together."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._due: dict[str, asyncio.TimerHandle] = {}

    def changed(self, room: str, *, after: float) -> None:
        if room not in self._due:
            loop = asyncio.get_running_loop()
            self._due[room] = loop.call_later(after, self._tell, room)

    def _tell(self, room: str) -> None:
        del self._due[room]
        self._announce(room)

    def close(self) -> None:
        for timer in self._due.values():
            timer.cancel()
        self._due.clear()
