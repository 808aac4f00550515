"""Runs blocking calls in threads that keep their database connections.

Opening a connection per call would cost ten times as much as most calls, and closing SQLite's last
one in WAL mode writes a checkpoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, connections

from chatsite.lib.database import keep_outside_pool

Result = TypeVar("Result")


class DatabaseExecutor:
    """A small thread pool. With one thread, calls run in the order of submission."""

    def __init__(self, many: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(many, name, initializer=keep_outside_pool)

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run `function(*arguments)` in a thread; returns its result or raises its exception."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _call, function, arguments)

    def close(self) -> None:
        """Wait for running calls. The connections close with their threads."""
        self._pool.shutdown()


def _call(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    try:
        return function(*arguments)
    except (DatabaseError, InterfaceError):
        connections.close_all()  # it may be broken: the next call opens a new one
        raise
