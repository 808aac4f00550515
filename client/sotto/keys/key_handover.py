"""Answers to members who ask for epoch keys.

Requests must not cost more than they need: all that arrive within a moment are answered in one HTTP
request, and a repeated request is ignored for a minute.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

ANSWER_WITHIN = 3.0  # seconds, at random, so that not all who hold a key answer at once
REPEAT_AFTER = 60.0  # seconds before the same request is answered again
MOST_REMEMBERED = 10_000  # answers


class KeyRequest(NamedTuple):
    """The key of epoch `e` of a room, for the identity `kid`."""

    room: str
    e: int
    kid: str


class KeyHandover:
    """Collects requests and answers them together.

    Args:
        give: hands keys over.
        clock: returns seconds and never goes back.
    """

    def __init__(
        self,
        give: Callable[[list[KeyRequest]], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._give = give
        self._clock = clock
        self._pending: dict[KeyRequest, None] = {}
        self._answered: dict[KeyRequest, float] = {}
        self._answering = False

    def request(self, request: KeyRequest) -> bool:
        """Add a request.

        Returns:
            True if the caller has to run `answer`; otherwise it already runs.
        """
        last = self._answered.get(request)
        if last is not None and self._clock() - last < REPEAT_AFTER:
            return False
        self._pending[request] = None
        starts, self._answering = not self._answering, True
        return starts

    def fulfilled(self, request: KeyRequest) -> None:
        """Another member has handed the key over."""
        if request in self._pending:
            del self._pending[request]
            self._remember(request)

    async def answer(self) -> None:
        """Hand keys over until no request is left."""
        try:
            while self._pending:
                await asyncio.sleep(random.uniform(0, ANSWER_WITHIN))  # noqa: S311 (no secret)
                requests, self._pending = list(self._pending), {}
                if requests:
                    await self._hand_over(requests)
        finally:
            self._answering = False

    async def _hand_over(self, requests: list[KeyRequest]) -> None:
        for request in requests:
            self._remember(request)  # before giving: they may ask again meanwhile
        try:
            await self._give(requests)
        except BaseException:
            for request in requests:
                self._answered.pop(request, None)
            raise

    def _remember(self, request: KeyRequest) -> None:
        self._answered[request] = self._clock()
        if len(self._answered) > MOST_REMEMBERED:
            del self._answered[next(iter(self._answered))]
