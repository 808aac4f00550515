"""Runs blocking calls beside the event loop, in threads that keep their database connections.

Opening one for each call would cost ten times what most calls do, and closing the last one of
SQLite in WAL mode writes a checkpoint.
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
    """A few threads. Calls to a single one run in the order in which they came."""

    def __init__(self, many: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(many, name, initializer=keep_outside_pool)

    async def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Returns or raises what `function(*arguments)` does."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _call, function, arguments)

    def close(self) -> None:
        """Wait for what is under way. The connections go with their threads."""
        self._pool.shutdown()


def _call(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    try:
        return function(*arguments)
    except (DatabaseError, InterfaceError):
        connections.close_all()  # it may be broken: the next call opens another
        raise
