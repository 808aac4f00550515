"""The schema of the database: upgraded in one transaction, and never newer than the code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from chatsite.ops import cluster

LOOK_EVERY = 2.0  # seconds
SAY_EVERY = 60.0  # seconds
NEWER = (
    "The database was upgraded by a newer version of Sotto ({app} {name} is not known here): start "
    "that version, or restore the backup that was made before the upgrade."
)
WAITING = "Waiting for a web process to upgrade the database …"


class DatabaseIsNewer(Exception):
    """The database has migrations that this code does not know. The text is one sentence."""


def refuse_newer() -> None:
    """Refuse a database that a newer version has upgraded: this code would fail at some request,
    or write what the newer version no longer expects.

    Raises:
        DatabaseIsNewer: with the first migration that is not known.
    """
    if not MigrationRecorder(connection).has_table():
        return
    known = set(MigrationExecutor(connection).loader.graph.nodes)
    replaced = MigrationExecutor(connection).loader.replacements
    known.update(name for one in replaced.values() for name in one.replaces)
    unknown = sorted(MigrationRecorder(connection).applied_migrations().keys() - known)
    if unknown:
        app, name = unknown[0]
        raise DatabaseIsNewer(NEWER.format(app=app, name=name))


def is_current() -> bool:
    """True if no migration of this code is missing in the database."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def upgrade(say: Callable[[str], object]) -> None:
    """Apply the missing migrations; processes that start together do so one after the other.

    All of them are one transaction: Django alone commits a migration before it records it, and a
    process that is killed in between leaves tables that the next start tries to make again.

    Raises:
        DatabaseIsNewer: see `refuse_newer`.
    """
    with cluster.one_at_a_time():
        refuse_newer()
        if not is_current():
            say("Preparing the database …")
            with _one_transaction():
                call_command("migrate", interactive=False, verbosity=0)
    connection.close()


@contextmanager
def _one_transaction() -> Iterator[None]:
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        # Only outside a transaction, and needed by the schema editor. It checks constraints itself
        # at the end of every migration.
        connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                # A deferred check that is pending would forbid later migrations to alter its table.
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield
    finally:
        if connection.vendor == "sqlite":
            connection.enable_constraint_checking()


def wait_until_current(say: Callable[[str], object]) -> None:
    """For processes that do not upgrade: return once a web process has made the tables.

    Raises:
        DatabaseIsNewer: see `refuse_newer`.
    """
    said = float("-inf")
    while not _looks_current():
        if time.monotonic() - said >= SAY_EVERY:
            said = time.monotonic()
            say(WAITING)
        time.sleep(LOOK_EVERY)


def _looks_current() -> bool:
    """A database that becomes unreachable while this process waits is waited for, too."""
    try:
        refuse_newer()
        return is_current()
    except DatabaseError:
        return False
    finally:
        connection.close()
