"""Password hashing that a burst of anonymous sign-ins cannot turn into gigabytes.

Argon2 needs its memory for as long as it runs, and every processor. All hashing of this process
goes through one short queue, whatever asks for it: a form, the API, the admin, or the hash that is
made for a name that nobody has. It runs in threads of low priority, so that other requests get a
processor when they need one.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from chatsite.lib import metrics, turns
from chatsite.lib.database import give_back
from chatsite.lib.errors import Unavailable

Result = TypeVar("Result")

QUEUE = 16  # hashes that may wait
PATIENCE = 10.0  # seconds that one waits
NICENESS = 10  # of Argon2's threads: eight together weigh about as much as one that serves
BUSY = "Too many people are signing in at this moment. Nothing was changed: try again shortly."


class HashQueue:
    """Runs `at_once` hashes at a time; at most `queue` others wait, each at most `patience`
    seconds.
    """

    def __init__(self, at_once: int, queue: int = QUEUE, patience: float = PATIENCE) -> None:
        self._running = threading.BoundedSemaphore(at_once)
        self._queue = queue
        self._patience = patience
        self._waiting = 0
        self._lock = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it.

        Raises:
            Unavailable: the queue is full, or the turn did not come in time.
        """
        if not (self._running.acquire(blocking=False) or self._wait()):
            metrics.limited.labels("password_hashes").inc()
            raise Unavailable(BUSY)
        try:
            yield
        finally:
            self._running.release()

    def _wait(self) -> bool:
        with self._lock:
            if self._waiting >= self._queue:
                return False
            self._waiting += 1
        try:
            return self._running.acquire(timeout=self._patience)
        finally:
            with self._lock:
                self._waiting -= 1


def _give_way() -> None:
    """Lower the priority of the current thread, which Argon2's own threads inherit."""
    if sys.platform == "linux":  # elsewhere, a priority is the whole process's
        os.nice(NICENESS)


class LowPriorityHashes:
    """Hashes, one for each turn of the queue, in threads that give way to all others."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, "hashes", initializer=_give_way)

    def run(self, hashing: Callable[..., Result], *arguments: object) -> Result:
        """Returns or raises what `hashing(*arguments)` does.

        Raises:
            Unavailable: its turn did not come.
        """
        give_back()  # a turn may take seconds to come
        with turns.paused(), queue.turn():
            return self._pool.submit(hashing, *arguments).result()


queue = HashQueue(max(1, settings.PASSWORD_HASHES_AT_ONCE))
"""The queue of this process."""

hashes = LowPriorityHashes(max(1, settings.PASSWORD_HASHES_AT_ONCE))


class QueuedArgon2(Argon2PasswordHasher):
    """Argon2id with RFC 9106's parameters for little memory: 64 MiB, three passes, four lanes.

    That is as much work as Django's default (100 MiB, two passes) and two thirds of its memory.
    """

    memory_cost = 64 * 1024  # KiB
    time_cost = 3
    parallelism = 4

    def encode(self, password: str, salt: str) -> str:
        return hashes.run(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return hashes.run(super().verify, password, encoded)

    def must_update(self, encoded: str) -> bool:
        """True only for less work than ours: another hash would end the person's sign-ins."""
        cost = self.decode(encoded)
        return cost["memory_cost"] * cost["time_cost"] < self.memory_cost * self.time_cost


class QueuedPBKDF2(PBKDF2PasswordHasher):
    """For hashes that were made elsewhere. Verifying encodes, so that it is queued, too."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return hashes.run(super().encode, password, salt, iterations)
