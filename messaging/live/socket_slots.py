"""Limits the sockets of one account in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

RELOAD_WITHIN = 2.0  # seconds
WAITING = 5  # sockets of an account


class TooManySockets(Exception):
    """The account has the most sockets that it may have."""


class AccountSlots:
    """Allows at most `most` sockets of an account and refuses further ones.

    A reloaded page may connect before its former socket is gone, so a few sockets wait `patience`
    seconds for a slot.
    """

    def __init__(self, most: int, *, patience: float = RELOAD_WITHIN) -> None:
        self._most = most
        self._patience = patience
        self._of: dict[str, _Account] = {}

    @asynccontextmanager
    async def taken(self, uid: str) -> AsyncIterator[None]:
        """Hold a slot of `uid`.

        Raises:
            TooManySockets: none became free.
        """
        account = self._of.setdefault(uid, _Account(self._most))
        account.sockets += 1
        try:
            await self._wait(account)
            try:
                yield
            finally:
                account.free.release()
        finally:
            account.sockets -= 1
            if not account.sockets:
                del self._of[uid]

    async def _wait(self, account: _Account) -> None:
        if account.sockets > self._most + WAITING:
            raise TooManySockets
        try:
            async with asyncio.timeout(self._patience):
                await account.free.acquire()
        except TimeoutError:
            raise TooManySockets from None


class _Account:
    def __init__(self, most: int) -> None:
        self.free = asyncio.Semaphore(most)
        self.sockets = 0  # with a slot, or waiting for one
