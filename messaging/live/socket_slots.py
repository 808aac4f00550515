"""Limits the sockets of one account, and of one sign-in, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

RELOAD_WITHIN = 2.0  # seconds
WAITING = 5  # sockets of an owner


class TooManySockets(Exception):
    """The owner has the most sockets that it may have."""


class SocketSlots:
    """Allows at most `most` sockets of an owner and refuses further ones.

    A reloaded page may connect before its former socket is gone, so a few sockets wait `patience`
    seconds for a slot.
    """

    def __init__(self, most: int, *, patience: float = RELOAD_WITHIN) -> None:
        self._most = most
        self._patience = patience
        self._of: dict[str, _Held] = {}

    @asynccontextmanager
    async def taken(self, owner: str) -> AsyncIterator[None]:
        """Hold a slot of `owner`.

        Raises:
            TooManySockets: none became free.
        """
        held = self._of.setdefault(owner, _Held(self._most))
        held.sockets += 1
        try:
            await self._wait(held)
            try:
                yield
            finally:
                held.free.release()
        finally:
            held.sockets -= 1
            if not held.sockets:
                del self._of[owner]

    async def _wait(self, held: _Held) -> None:
        if held.sockets > self._most + WAITING:
            raise TooManySockets
        try:
            async with asyncio.timeout(self._patience):
                await held.free.acquire()
        except TimeoutError:
            raise TooManySockets from None


class _Held:
    def __init__(self, most: int) -> None:
        self.free = asyncio.Semaphore(most)
        self.sockets = 0  # with a slot, or waiting for one
