"""Which tables a database has, told by the migrations that were applied to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from chatsite.ops.backup.errors import BackupError

MIGRATIONS = MigrationRecorder.Migration._meta.db_table
ORDER = {"messages": ("room", "seq"), "room_log": ("room_id", "seq")}
"""Read in this order, so that a gap is seen without keeping all numbers in memory."""
WORDS = ("messaging", "0011_columns_in_words")
LETTERS = {"file_id": "fid", "sha256": "sha"}
"""Columns of the table `files` as they were called before the migration WORDS."""
NEWER = (
    "The {what} was brought up to date by a newer version of Sotto ({name} is unknown here): use "
    "that version."
)

Migration = tuple[str, str]


def tables_of(applied: Iterable[Migration], *, what: str) -> list[str]:
    """The names of all tables after these migrations, Django's own among them.

    Args:
        applied: pairs of app and name.
        what: "database" or "backup", for the refusal.

    Raises:
        BackupError: this version does not know one of the migrations.
    """
    loader = MigrationLoader(None, replace_migrations=False)
    nodes = sorted(applied)
    unknown = [node for node in nodes if node not in loader.graph.nodes]
    if unknown:
        raise BackupError(NEWER.format(what=what, name=".".join(unknown[0])))
    models = loader.project_state(nodes).apps.get_models(include_auto_created=True)
    managed = {model._meta.db_table for model in models if model._meta.managed}
    return sorted({*managed, MIGRATIONS})


def columns_of_files(applied: Iterable[Migration], columns: Iterable[str]) -> tuple[str, ...]:
    """The names that columns of the table `files` have after these migrations.

    Args:
        applied: pairs of app and name.
        columns: by their present names.
    """
    names = {} if WORDS in set(applied) else LETTERS
    return tuple(names.get(column, column) for column in columns)


def last_of(applied: Iterable[Migration]) -> list[Migration]:
    """Those of these migrations that no other of them, in the same app, follows. Naming an
    earlier one, too, would tell Django to go back to it.
    """
    graph = MigrationLoader(None, replace_migrations=False).graph
    nodes = set(applied)
    followed = {
        parent.key
        for node in nodes
        for parent in graph.node_map[node].parents
        if parent.key[0] == node[0]
    }
    return sorted(nodes - followed)
