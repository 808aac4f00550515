"""PostgreSQL's part of a restore: tables are made and filled in a schema of their own, then
exchanged with the site's in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from chatsite.ops.backup import postgres
from chatsite.ops.backup.disk import CHUNK
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import Manifest
from chatsite.ops.backup.places import REPLACED, RESTORING
from chatsite.ops.backup.postgres import Database
from chatsite.ops.backup.schema import last_of

OTHER_TABLES = (
    "This version of Sotto cannot make the tables of that backup ({table} is another): use the "
    "version that wrote it."
)


def schema_of(kind: str, stamp: str) -> str:
    return f"{kind}_{stamp.lower()}"


def present(database: Database, tables: Iterable[str]) -> list[str]:
    """Which of these tables the site has now."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return sorted({name for (name,) in database.execute(query)} & set(tables))


@contextmanager
def prepared(folder: Path, manifest: Manifest, stamp: str) -> Iterator[Database]:
    """The backup's tables, filled, in a schema of their own: a transaction that ends with the
    block.
    """
    schema = schema_of(RESTORING, stamp)
    with postgres.opened() as database:
        database.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        _make_tables(schema, manifest)
        with _looking_in(database, schema), database.transaction():
            database.execute("SET LOCAL statement_timeout = 0")
            _fill(database, folder, manifest)
            yield database


def discard(database: Database, stamp: str) -> None:
    """Drop what was prepared."""
    schema = sql.Identifier(schema_of(RESTORING, stamp))
    database.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))


def leftovers(database: Database) -> list[str]:
    """Stamps of restores that ended before they exchanged anything."""
    query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE %s"
    found = database.execute(query, [f"{RESTORING}\\_%"])
    return [name.removeprefix(f"{RESTORING}_") for (name,) in found]


def swap(database: Database, stamp: str, replacing: list[str], tables: list[str]) -> None:
    """Put the prepared tables where the site's are, and keep those. All or nothing; again is no
    error.
    """
    here = sql.Identifier(_one(database, "SELECT current_schema()"))
    prepared, kept = schema_of(RESTORING, stamp), schema_of(REPLACED, stamp)
    if _one(database, "SELECT to_regnamespace(%s)::text", prepared) is None:
        return
    with database.transaction():
        if replacing:
            database.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(kept)))
        for name in replacing:
            _move(database, sql.Identifier(name), here, sql.Identifier(kept))
        for name in tables:
            _move(database, sql.Identifier(name), sql.Identifier(prepared), here)
        database.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(prepared)))


def _move(database: Database, table: sql.Identifier, source: Any, target: Any) -> None:
    """Its indexes, constraints and sequences go with it."""
    query = sql.SQL("ALTER TABLE {}.{} SET SCHEMA {}")
    database.execute(query.format(source, table, target))


def _make_tables(schema: str, manifest: Manifest) -> None:
    """By the migrations that the backup's database had; whatever they run on `connection` finds
    that schema and never the site's.
    """

    def look_in(connection: Any, **_: object) -> None:
        _look_in(connection.connection, schema)

    connection.close()
    connection_created.connect(look_in)
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(last_of([(app, name) for app, name in manifest.migrations]))
    finally:
        connection_created.disconnect(look_in)
        _look_at_home(connection.connection)
        connection.close()


@contextmanager
def _looking_in(database: Database, schema: str) -> Iterator[None]:
    _look_in(database, schema)
    try:
        yield
    finally:
        _look_at_home(database)


def _look_at_home(database: Database | None) -> None:
    """A connection may go back to a pool, and must not find the wrong tables when it comes out."""
    with suppress(psycopg.Error):
        if database is not None:
            database.execute("RESET search_path")


def _look_in(database: Database, schema: str) -> None:
    database.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))


def _fill(database: Database, folder: Path, manifest: Manifest) -> None:
    tables = present(database, manifest.tables)
    names = sql.SQL(", ").join(map(sql.Identifier, tables))
    database.execute(sql.SQL("TRUNCATE {}").format(names))
    for name, table in manifest.tables.items():
        if name not in tables:
            raise BackupError(OTHER_TABLES.format(table=name))
        _load(database, name, table.columns, folder / postgres.part_of(name))
        if _one(database, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))) != (
            table.rows
        ):
            raise BackupError(OTHER_TABLES.format(table=name))
        _continue_numbers(database, name, table.columns)


def _load(database: Database, name: str, columns: list[str], part: Path) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), listed)
    with part.open("rb") as file, database.cursor().copy(query) as target:
        while block := file.read(CHUNK):
            target.write(block)


def _continue_numbers(database: Database, name: str, columns: list[str]) -> None:
    """Ids that are counted go on after the highest."""
    quoted = sql.Identifier(name).as_string(database)
    for column in columns:
        query = "SELECT pg_get_serial_sequence(%s, %s)"
        sequence = _one(database, query, quoted, column)
        if sequence is not None:
            highest = sql.SQL("SELECT setval(%s, max({}) + 1, false) FROM {} HAVING count(*) > 0")
            named = highest.format(sql.Identifier(column), sql.Identifier(name))
            database.execute(named, [sequence])


def _one(database: Database, query: Any, *parameters: object) -> Any:
    found = database.execute(query, parameters or None).fetchone()
    return found[0] if found else None
