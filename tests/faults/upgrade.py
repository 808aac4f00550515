"""Upgrades a SQLite database in processes that are killed at chosen statements; prints how each
try ended. `python -m tests.faults.upgrade`, with SOTTO_DATA set.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django

RANDOM_POINTS, RECORDS = 3, 3  # how many kills at any statement, and just before a record


class Killer:
    """An execute wrapper that ends its process before the statement number `at`. `records` are the
    statements that record a migration whose indexes were made last: left to itself, Django has
    committed the migration by then.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.records: list[int] = []
        self._last_change = ""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        if self._last_change.startswith("CREATE INDEX") and 'INTO "django_migrations"' in sql:
            self.records.append(self.seen)
        if sql.startswith(("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")):
            self._last_change = sql
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1
        return execute(sql, params, *rest)


def upgrade_once(killer: Killer) -> None:
    from django.db import connection

    from chatsite.ops import schema

    with connection.execute_wrapper(killer):
        schema.upgrade(lambda line: None)


def in_a_child(work: Callable[[], None]) -> int:
    """The child's exit status, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            sys.stdout.write(f"failed: {error!r}\n")
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def fresh() -> None:
    for path in Path(os.environ["SOTTO_DATA"]).glob("sotto.sqlite3*"):
        path.unlink()


def count() -> tuple[int, list[int]]:
    """How many statements an upgrade has, and which of them record a migration."""
    reader, writer = os.pipe()

    def work() -> None:
        killer = Killer(-1)
        upgrade_once(killer)
        os.write(writer, f"{killer.seen} {' '.join(map(str, killer.records))}".encode())

    assert in_a_child(work) == 0
    total, *records = map(int, os.read(reader, 65536).split())
    return total, records


def main() -> None:
    django.setup()
    total, records = count()
    chance = random.Random(os.environ.get("SEED"))
    points = chance.sample(range(total), RANDOM_POINTS) + chance.sample(records, RECORDS)
    for point in sorted(points):
        fresh()
        killed = in_a_child(partial(upgrade_once, Killer(point)))
        again = in_a_child(partial(upgrade_once, Killer(-1)))
        sys.stdout.write(f"{point}/{total}: {killed} {again}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
