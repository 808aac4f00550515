"""SQLite: one file, copied in one transaction while others write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import Table
from chatsite.ops.backup.schema import MIGRATIONS, ORDER, Migration

PART = "database.sqlite3"
ABSENT = "There is no database at {path}: SOTTO_DATA or DATABASE_URL names another place."
EMPTY = "The database at {path} has no tables of Sotto: SOTTO_DATA or DATABASE_URL is wrong."


def copy(source: Path, folder: Path) -> None:
    """Copy a database that may be in use into `folder`.

    Raises:
        BackupError: there is no database, or one without tables.
    """
    if not source.is_file():
        raise BackupError(ABSENT.format(path=source))
    try:
        with closing(_opened(source)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            if MIGRATIONS not in names:
                raise BackupError(EMPTY.format(path=source))
            database.execute("VACUUM INTO ?", [str(folder / PART)])
    except sqlite3.Error as error:
        raise BackupError(f"The database at {source} cannot be read: {error}.") from None


def write_logs(path: Path) -> None:
    """Write what a database's logs hold into it, and delete them. A damaged one stays as it is."""
    with suppress(sqlite3.Error), closing(_opened(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _opened(path: Path) -> sqlite3.Connection:
    # rw, unlike sqlite3's default, makes no new file.
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=60)


class SqliteRows:
    """The rows of a backup's database."""

    def __init__(self, folder: Path) -> None:
        address = f"file:{quote(str(folder / PART))}?mode=ro&immutable=1"
        self._database = sqlite3.connect(address, uri=True)

    def close(self) -> None:
        self._database.close()

    def migrations(self) -> list[Migration]:
        return [(app, name) for app, name in self.rows(MIGRATIONS, ("app", "name"))]

    def describe(self, tables: Sequence[str]) -> dict[str, Table]:
        """The number of rows of each table."""
        return {name: Table(self._count(name)) for name in tables}

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """A table's rows: numbers as numbers, JSON as text."""
        named = ", ".join(f'"{column}"' for column in columns)
        order = ", ".join(f'"{column}"' for column in ORDER.get(table, ()))
        query = f'SELECT {named} FROM "{table}"{f" ORDER BY {order}" if order else ""}'  # noqa: S608
        for row in self._database.execute(query):  # noqa: UP028 (it closes the cursor, too)
            yield row

    def faults(self, tables: dict[str, Table]) -> Iterator[str]:
        """Problems that SQLite itself finds, and tables with another number of rows."""
        try:
            for (line,) in self._database.execute("PRAGMA integrity_check"):
                if line != "ok":
                    yield f"{PART}: {line}"
            for table, row, target, _ in self._database.execute("PRAGMA foreign_key_check"):
                yield f"{PART}: row {row} of {table} names a row of {target} that is not there"
            for name, table in tables.items():
                found = self._read_all(name)
                if found != table.rows:
                    yield f"{PART}: {name} has {found} rows, not {table.rows}"
        except sqlite3.Error as error:
            yield f"{PART}: {error}"

    def _read_all(self, table: str) -> int:
        return sum(1 for _ in self._database.execute(f'SELECT * FROM "{table}"'))  # noqa: S608

    def _count(self, table: str) -> int:
        query = f'SELECT count(*) FROM "{table}"'  # noqa: S608
        return int(self._database.execute(query).fetchone()[0])
