"""Turns for requests: a few run at a time. Small requests go first, and of those that cost alike
the address that has used the least.

Threads of one process share one interpreter. If every request had a thread at once, each step of
the event loop would wait for all of them, and a crowd's requests would slow down everybody's.
Costs are compared with one another and with no fixed time: on a slow or busy machine everything
costs more.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import floor, inf, log2

from django.conf import settings
from django.db import connection

from chatsite.lib import metrics
from chatsite.lib.errors import Unavailable

PATIENCE = 10.0  # seconds that a request waits
SHUTDOWN = 5.0  # seconds
HALF_LIFE = 10.0  # seconds
FORGOTTEN = 0.001  # seconds of use
REMEMBERED = 4096  # addresses
QUEUED = 1024  # requests that wait in a process
QUEUED_PER_ADDRESS = 128
KINDS = 512  # of requests
LEAST = 0.0001  # CPU seconds; what costs less costs as much
STEPS = 2  # levels from a cost to twice that cost
OLDEST = 4  # of so many turns, one is for who has waited longest, whatever it costs
BUSY = "The site has too much to do at this moment. Nothing was changed: try again shortly."


class Usage:
    """CPU seconds that each address has used lately: half of them count after HALF_LIFE seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}

    def of(self, address: str) -> float:
        seconds, at = self._used.get(address, (0.0, 0.0))
        return seconds * 0.5 ** ((self._clock() - at) / HALF_LIFE) if seconds else 0.0

    def add(self, address: str, seconds: float) -> None:
        if len(self._used) > REMEMBERED:
            self._used = {one: of for one, of in self._used.items() if self.of(one) > FORGOTTEN}
        self._used[address] = (self.of(address) + seconds, self._clock())


class Costs:
    """CPU seconds that each kind of request takes, on average of about the last ten."""

    def __init__(self) -> None:
        self._average: dict[str, float] = {}

    def of(self, kind: str) -> float:
        """Infinite for a kind that is not known yet."""
        return self._average.get(kind, inf)

    def level(self, kind: str) -> float:
        """Equal for kinds that cost about the same, higher for those that cost more."""
        cost = self.of(kind)
        return cost if cost == inf else floor(STEPS * log2(max(cost, LEAST)))

    def learn(self, kind: str, seconds: float) -> None:
        if kind in self._average or len(self._average) < KINDS:
            before = self._average.get(kind, seconds)
            self._average[kind] = before + (seconds - before) / 10


@dataclass(frozen=True)
class Asker:
    """An address that waits for turns, with the kind of its requests."""

    address: str
    kind: str
    """Such as the method and path without ids."""
    costly: bool
    """True if the kind is known to cost more than its thread's time shows."""


@dataclass(frozen=True, eq=False)
class Waiting:
    """A request that waits, by the order in which they came."""

    number: int
    turn: asyncio.Future[None]


class Turns:
    """Hands out `at_once` turns. Used by the event loop's thread alone.

    Args:
        at_once: how many there are.
        patience: seconds that a request waits for one.
    """

    def __init__(self, at_once: int, patience: float = PATIENCE) -> None:
        self.costs = Costs()
        self._free = at_once
        self._patience = patience
        self._waiting: dict[Asker, deque[Waiting]] = {}
        self._numbers = count()
        self._queued: Counter[str] = Counter()  # of each address
        self._handed = 0
        self._held: Counter[str] = Counter()
        self._usage = Usage()

    async def take(self, asker: Asker) -> None:
        """Wait for a turn.

        Raises:
            Unavailable: none came in time, or too many wait already.
        """
        if self._free:
            self._hand_to(asker)
            return
        if self._queued.total() >= QUEUED or self._queued[asker.address] >= QUEUED_PER_ADDRESS:
            raise self._refusal()
        turn = asyncio.get_running_loop().create_future()
        waiting = Waiting(next(self._numbers), turn)
        self._waiting.setdefault(asker, deque()).append(waiting)
        self._queued[asker.address] += 1
        try:
            async with asyncio.timeout(self._patience):
                await turn
        except (TimeoutError, asyncio.CancelledError) as ended:
            self._leave(asker, waiting)
            if turn.done() and not turn.cancelled():
                self.give(asker, 0.0)  # it came at the same moment
            if isinstance(ended, asyncio.CancelledError):
                raise
            raise self._refusal() from None

    def _refusal(self) -> Unavailable:
        metrics.limited.labels("requests").inc()
        return Unavailable(BUSY)

    def give(self, asker: Asker, seconds: float) -> None:
        """Take back a turn in which `asker` used `seconds` of CPU; hand it to the next."""
        self._held[asker.address] -= 1
        if not self._held[asker.address]:
            del self._held[asker.address]
        self._usage.add(asker.address, seconds)
        self._free += 1
        while self._waiting and self._free:
            following = min(self._waiting, key=self._rank)
            waiting = self._waiting[following][0]
            self._leave(following, waiting)
            if not waiting.turn.done():  # its request may just have ended
                self._hand_to(following)
                waiting.turn.set_result(None)

    def _rank(self, asker: Asker) -> tuple[float, float, float]:
        """Small requests first; of those of a level, the address that holds and has used the least.
        Each OLDESTth turn is for who has waited longest.
        """
        if self._handed % OLDEST == 0:
            return self._waiting[asker][0].number, 0, 0
        level = inf if asker.costly else self.costs.level(asker.kind)
        return level, self._held[asker.address], self._usage.of(asker.address)

    def _hand_to(self, asker: Asker) -> None:
        self._free -= 1
        self._handed += 1
        self._held[asker.address] += 1

    def _leave(self, asker: Asker, waiting: Waiting) -> None:
        of_asker = self._waiting.get(asker)
        if of_asker and waiting in of_asker:
            of_asker.remove(waiting)
            self._queued -= Counter([asker.address])
        if not of_asker:
            self._waiting.pop(asker, None)


class Turn:
    """The turn of one request, which runs in a thread.

    Args:
        turns: where it comes from.
        asker: whose request it is, and of which kind.
    """

    def __init__(self, turns: Turns, asker: Asker) -> None:
        self._turns = turns
        self._asker = asker
        self._used = 0.0  # CPU seconds of the request's thread, so far
        self._loop = asyncio.get_running_loop()
        self._begun = False
        self._over = False
        self._held = False
        self._since = 0.0

    async def __aenter__(self) -> Turn:
        """Wait for the turn.

        Raises:
            Unavailable: none came in time.
        """
        await self._take()
        _current.set(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give it back. A thread that has begun does so itself, since it outlives its client."""
        if not self._begun:
            self._give(0.0)

    @contextmanager
    def used_by_thread(self) -> Iterator[None]:
        """In the request's thread: what it does with the turn, which ends with this."""
        self._begun = True
        self._since = time.thread_time()
        try:
            yield
        finally:
            self._over = True
            self._finish()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """In the request's thread: lets others go."""
        self._finish()
        try:
            yield
        finally:
            retaken = asyncio.run_coroutine_threadsafe(self._take(), self._loop)
            retaken.result(PATIENCE + SHUTDOWN)
            self._since = time.thread_time()

    def _finish(self) -> None:
        used = time.thread_time() - self._since
        self._used += used
        self._loop.call_soon_threadsafe(self._give, used)

    def learn(self) -> None:
        """In the request's thread, at its end: remember what this kind of request costs."""
        self._loop.call_soon_threadsafe(self._turns.costs.learn, self._asker.kind, self._used)

    async def _take(self) -> None:
        await self._turns.take(self._asker)
        self._held = True
        if self._over:  # it came too late
            self._give(0.0)

    def _give(self, seconds: float) -> None:
        if self._held:
            self._held = False
            self._turns.give(self._asker, seconds)


_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


def current() -> Turn | None:
    """The turn of the request that is under way."""
    return _current.get()


def paused() -> AbstractContextManager[None]:
    """Gives the current request's turn to others while its thread waits for something.

    Does nothing inside a transaction.

    Raises:
        Unavailable: when it is over, no new turn came in time.
    """
    turn = current()
    if turn is None or connection.in_atomic_block:  # others would wait for its locks
        return nullcontext()
    return turn.paused()


@lru_cache(maxsize=1)
def request_turns() -> Turns:
    """Those of this process."""
    return Turns(settings.REQUESTS_AT_ONCE)
