"""Counts what is asked of databases, in whatever thread: SQL statements and MongoDB's commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.backends.utils import CursorWrapper
from pymongo import monitoring

KEPT_OPEN = {"hello", "ping", "endSessions"}  # commands of the driver itself


class Commands(monitoring.CommandListener):
    """pymongo tells every client made from now on of it, and never lets go of it: one a run."""

    def __init__(self) -> None:
        self.log: list[str] | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.log is not None and event.command_name not in KEPT_OPEN:
            self.log.append(f"mongo: {event.command_name}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


COMMANDS = Commands()
monitoring.register(COMMANDS)


@contextmanager
def counted() -> Iterator[list[str]]:
    """A list that grows by each statement and command, for as long as this lasts."""
    log: list[str] = []
    execute, executemany = CursorWrapper.execute, CursorWrapper.executemany

    def noting(run: Any) -> Any:
        def noted(cursor: CursorWrapper, sql: str, params: Any = None) -> Any:
            log.append(sql)
            return run(cursor, sql, params)

        return noted

    COMMANDS.log = log
    try:
        with (
            patch.object(CursorWrapper, "execute", noting(execute)),
            patch.object(CursorWrapper, "executemany", noting(executemany)),
        ):
            yield log
    finally:
        COMMANDS.log = None
