"""Batches concurrent loads into one query."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from messaging.live.executor import DatabaseExecutor

Key = TypeVar("Key")
Answer = TypeVar("Answer")
MOST = 500  # keys in one query


class DataLoader(Generic[Key, Answer]):
    """`ask(keys)` runs in a thread and returns a value for every key that has one. Keys that arrive
    meanwhile form the next batch: a lone load is never delayed, and under load queries are
    shared.
    """

    def __init__(
        self,
        threads: DatabaseExecutor,
        ask: Callable[[list[Key]], Mapping[Key, Answer]],
        *,
        pause: float = 0.0,
    ) -> None:
        self._threads = threads
        self._ask = ask
        self._pause = pause
        self._waiting: dict[Key, asyncio.Future[Answer | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def load(self, key: Key) -> Answer | None:
        """The value, from a query that begins after this call; None if there is none."""
        return await asyncio.shield(self.load_soon(key))

    def load_soon(self, key: Key) -> asyncio.Future[Answer | None]:
        """The same as a future. All callers share it, so it must not be cancelled."""
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None:
            self._asking = asyncio.create_task(self._answer_all())
        return self._waiting[key]

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:MOST]
                asked = {key: self._waiting.pop(key) for key in keys}
                await self._answer(asked)
                if len(asked) > 1:
                    await asyncio.sleep(self._pause)
        finally:
            self._asking = None

    async def _answer(self, asked: dict[Key, asyncio.Future[Answer | None]]) -> None:
        try:
            found = await self._threads.run(self._ask, list(asked))
        except Exception as error:  # the database is unreachable: every caller gets the error
            for future in asked.values():
                future.set_exception(error)
                future.exception()  # there may be no waiter
        else:
            for key, future in asked.items():
                future.set_result(found.get(key))
