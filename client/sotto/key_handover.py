"""Answers to members who ask for epoch keys.

What others ask for must not cost more than it needs: all that was asked within a moment goes in
one request, and nobody gets the same key twice within a minute.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

ANSWER_WITHIN = 3.0  # seconds, at random, so that not all who hold a key answer at once
ASKED_AGAIN = 60.0  # seconds before the same request counts again
REMEMBERED = 10_000  # answers


class Wanted(NamedTuple):
    """The key of epoch `e` of a room, for the identity `kid`."""

    room: str
    e: int
    kid: str


class Handover:
    """`give` hands keys over; `clock` returns seconds that never go back."""

    def __init__(
        self,
        give: Callable[[list[Wanted]], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._give = give
        self._clock = clock
        self._wanted: dict[Wanted, None] = {}
        self._answered: dict[Wanted, float] = {}
        self._answering = False

    def ask(self, wanted: Wanted) -> bool:
        """Note a request; whether `answer` has to be called for it."""
        last = self._answered.get(wanted)
        if last is not None and self._clock() - last < ASKED_AGAIN:
            return False
        self._wanted[wanted] = None
        starts, self._answering = not self._answering, True
        return starts

    def was_given(self, wanted: Wanted) -> None:
        """Somebody else has handed a key over."""
        if wanted in self._wanted:
            del self._wanted[wanted]
            self._note(wanted)

    async def answer(self) -> None:
        """Hand over what was asked for, until nothing is left."""
        try:
            while self._wanted:
                await asyncio.sleep(random.uniform(0, ANSWER_WITHIN))  # noqa: S311 (no secret)
                wanted, self._wanted = list(self._wanted), {}
                if wanted:
                    await self._hand_over(wanted)
        finally:
            self._answering = False

    async def _hand_over(self, wanted: list[Wanted]) -> None:
        for one in wanted:
            self._note(one)  # now: they may ask again while this is under way
        try:
            await self._give(wanted)
        except BaseException:
            for one in wanted:
                self._answered.pop(one, None)
            raise

    def _note(self, wanted: Wanted) -> None:
        self._answered[wanted] = self._clock()
        if len(self._answered) > REMEMBERED:
            del self._answered[next(iter(self._answered))]
