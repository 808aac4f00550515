"""PostgreSQL: a file a table, all read in one transaction that sees one moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from chatsite.lib.database import outside_pool
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import Table
from chatsite.ops.backup.schema import MIGRATIONS, ORDER, Migration

FOLDER = "database"
EMPTY = "The database of DATABASE_URL has no tables of Sotto: DATABASE_URL is wrong."
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPED = re.compile(r"\\(.)", re.S)
Database = psycopg.Connection[Any]


@contextmanager
def opened() -> Iterator[Database]:
    """A connection of its own to the site's database, as the driver has it."""
    wrapper = outside_pool()
    wrapper.ensure_connection()
    try:
        yield wrapper.connection
    finally:
        wrapper.close()


def copy(folder: Path, tables_of: Callable[[list[Migration]], list[str]]) -> dict[str, Table]:
    """Copy every table as it is at one moment, while others write.

    Args:
        folder: the backup's.
        tables_of: which tables a database with these migrations has.

    Raises:
        BackupError: the database holds no tables.
    """
    (folder / FOLDER).mkdir(mode=0o700)
    with opened() as database:
        database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        database.execute("SET LOCAL statement_timeout = 0")
        if database.execute("SELECT to_regclass(%s)", [MIGRATIONS]).fetchone() == (None,):
            raise BackupError(EMPTY)
        applied = list(database.execute(f"SELECT app, name FROM {MIGRATIONS}"))  # noqa: S608
        copied = {name: _copy_table(database, name, folder) for name in tables_of(applied)}
        database.execute("COMMIT")
    return copied


def part_of(table: str) -> str:
    return f"{FOLDER}/{table}.copy"


def _copy_table(database: Database, name: str, folder: Path) -> Table:
    found = database.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(name)))
    columns = [column.name for column in found.description or ()]
    query = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(name), _order(name)
    )
    rows = 0
    with (folder / part_of(name)).open("wb") as file, database.cursor().copy(query) as blocks:
        for block in blocks:
            rows += bytes(block).count(b"\n")  # within values it is escaped
            file.write(block)
    return Table(rows, columns)


def _order(table: str) -> sql.Composable:
    if table not in ORDER:
        return sql.SQL("")
    return sql.SQL(" ORDER BY ") + sql.SQL(", ").join(map(sql.Identifier, ORDER[table]))


class PostgresRows:
    """The rows of a backup's tables."""

    def __init__(self, folder: Path, tables: dict[str, Table]) -> None:
        self._folder = folder
        self._tables = tables

    def close(self) -> None:
        """Nothing is held open."""

    def migrations(self) -> list[Migration]:
        return [(app, name) for app, name in self.rows(MIGRATIONS, ("app", "name"))]

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """A table's rows, every value as text, None for NULL."""
        places = [self._tables[table].columns.index(column) for column in columns]
        for fields in self._fields(table):
            yield tuple(fields[place] for place in places)

    def faults(self, tables: dict[str, Table]) -> Iterator[str]:
        """Tables that cannot be read, or hold another number of rows."""
        for name, table in tables.items():
            try:
                found = sum(1 for _ in self._fields(name))
            except (OSError, ValueError) as error:
                yield f"{part_of(name)}: {error}"
                continue
            if found != table.rows:
                yield f"{part_of(name)}: {found} rows, not {table.rows}"

    def _fields(self, table: str) -> Iterator[list[str | None]]:
        many = len(self._tables[table].columns)
        with (self._folder / part_of(table)).open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, 1):
                fields = line.removesuffix("\n").split("\t")
                if len(fields) != many or not line.endswith("\n"):
                    raise ValueError(f"line {number} is no row of {many} columns")
                yield [None if field == r"\N" else _unescaped(field) for field in fields]


def _unescaped(field: str) -> str:
    """A value of COPY's text format as it was."""
    return ESCAPED.sub(lambda found: ESCAPES.get(found[1], found[1]), field)
