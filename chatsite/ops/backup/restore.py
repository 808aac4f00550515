"""Putting a backup in the place of what is there.

Everything is prepared beside the site's data first. Then a journal is written, and what was
prepared and what was there are exchanged by renaming; what was there is kept under
`replaced`. Until the journal is written the site is as it was.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from chatsite.lib.fsync import sync_tree
from chatsite.ops import cluster
from chatsite.ops.backup import (
    attachments,
    caches,
    disk,
    mongo,
    mongo_restore,
    notice,
    places,
    postgres,
    postgres_restore,
    records,
    sqlite,
)
from chatsite.ops.backup.check import check
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.journal import Journal
from chatsite.ops.backup.manifest import Manifest
from chatsite.ops.backup.settle import settle

NOT_WHOLE = "{folder} is not whole, and nothing was changed: {fault}{more}."
OTHER_ENGINES = (
    "That backup is of a site on {theirs}, this one is on {ours}: set DATABASE_URL and MONGODB_URL "
    "as they were."
)


@dataclass(frozen=True)
class Restored:
    """`made` says when the backup was made, `stamp` is in the names of what was replaced;
    `continued` if this restore was begun by another call.
    """

    made: str
    stamp: str
    continued: bool = False


def restore(folder: Path) -> list[Restored]:
    """Put the backup in `folder` in the place of the site's data.

    Returns:
        What was put in place: a restore that was interrupted before, and this one.

    Raises:
        BackupError: the backup is not whole, or of other engines or a newer version.
        cluster.Misfit: the site is running.
    """
    faults = check(folder)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise BackupError(NOT_WHOLE.format(folder=folder, fault=faults[0], more=more))
    manifest = Manifest.read(folder)
    _refuse_other_engines(manifest)
    with cluster.none_running():
        done = _complete_interrupted()
        _discard_leftovers()
        journal = _prepare(folder, manifest)
        journal.write()
        _exchange(journal)
    return [*done, Restored(journal.made, journal.stamp)]


def _refuse_other_engines(manifest: Manifest) -> None:
    ours = (connection.vendor, "mongodb" if mongo.in_use() else "database")
    theirs = (manifest.database, manifest.messages)
    if ours != theirs:
        named = [" and ".join(dict.fromkeys(engines)) for engines in (theirs, ours)]
        raise BackupError(OTHER_ENGINES.format(theirs=named[0], ours=named[1]))


def _complete_interrupted() -> list[Restored]:
    journal = Journal.read()
    if journal is None:
        return []
    _exchange(journal)
    return [Restored(journal.made, journal.stamp, continued=True)]


def _discard_leftovers() -> None:
    """Of restores that ended before they had a journal."""
    for target in _targets():
        for folder in target.parent.glob(f"{places.RESTORING}-*"):
            shutil.rmtree(folder)
    if connection.vendor != "sqlite":
        with postgres.opened() as database:
            for stamp in postgres_restore.leftovers(database):
                postgres_restore.discard(database, stamp)
    if mongo.in_use():
        mongo_restore.discard()


def _prepare(folder: Path, manifest: Manifest) -> Journal:
    stamp, now = disk.stamp(), time.time_ns() // 1_000_000
    try:
        old_tables = _prepare_database(folder, manifest, stamp)
        if mongo.in_use():
            mongo_restore.prepare(folder, manifest, stamp, _unsearched(folder, manifest))
        _prepare_files(folder, stamp)
    except BaseException:
        _discard_leftovers()
        raise
    if connection.vendor == "sqlite":
        connection.close()
        sqlite.write_logs(Path(settings.DATABASES["default"]["NAME"]))
    there = [path for one in _targets() for path in (*places.logs_of(one), one) if path.exists()]
    return Journal(
        stamp=stamp,
        made=manifest.made,
        files=places.Files(stamp, [str(path) for path in _targets()], [str(p) for p in there]),
        old_tables=old_tables,
        new_tables=[] if connection.vendor == "sqlite" else list(manifest.tables),
        old_collections=mongo_restore.present() if mongo.in_use() else [],
        new_collections=list(manifest.collections),
        notice=notice.make(manifest.at, now),
    )


def _exchange(journal: Journal) -> None:
    if mongo.in_use():
        mongo_restore.swap(journal.stamp, journal.old_collections, journal.new_collections)
    if connection.vendor != "sqlite":
        with postgres.opened() as database:
            postgres_restore.swap(database, journal.stamp, journal.old_tables, journal.new_tables)
    journal.files.swap()
    if settings.REDIS_URL:
        caches.forget()
    notice.add(journal.notice)
    journal.close()


def _targets() -> list[Path]:
    """The site's own files and folders that a backup replaces."""
    files = [attachments.location()]
    if connection.vendor != "sqlite":
        return files
    return [Path(settings.DATABASES["default"]["NAME"]), *files]


def _prepare_database(folder: Path, manifest: Manifest, stamp: str) -> list[str]:
    """The tables that are there now, where a database holds them."""
    if connection.vendor == "sqlite":
        _prepare_sqlite(folder, manifest, stamp)
        return []
    with (
        _records(folder, manifest) as found,
        postgres_restore.prepared(folder, manifest, stamp) as database,
    ):
        settle(database.execute, manifest, found)
    with postgres.opened() as database:
        return postgres_restore.present(database, _known_tables(manifest))


def _prepare_sqlite(folder: Path, manifest: Manifest, stamp: str) -> None:
    target = Path(settings.DATABASES["default"]["NAME"])
    staged = places.place(target, places.RESTORING, stamp)
    staged.parent.mkdir(mode=0o700, parents=True)
    shutil.copyfile(folder / sqlite.PART, staged)
    with _records(folder, manifest) as found, closing(sqlite3.connect(staged)) as database:

        def execute(query: str, values: Sequence[object]) -> None:
            database.execute(query.replace("%s", "?"), tuple(values))

        settle(execute, manifest, found)
        database.commit()
    sync_tree(staged.parent)


def _prepare_files(folder: Path, stamp: str) -> None:
    staged = places.place(attachments.location(), places.RESTORING, stamp)
    staged.mkdir(mode=0o700, parents=True)
    for file in attachments.read_index(folder):
        target = staged / file.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(folder / attachments.FOLDER / file.name, target)
        if not attachments.is_whole(file, target):
            raise BackupError(f"{target} was not written as it should be: check the disk.")
    sync_tree(staged.parent)


def _known_tables(manifest: Manifest) -> list[str]:
    """The site's own: those of this version, and those of the backup's."""
    ours = connection.introspection.django_table_names(only_existing=False)
    return sorted({*ours, *manifest.tables})


def _unsearched(folder: Path, manifest: Manifest) -> set[str]:
    """Rooms whose rules keep search off the server; perhaps only since their messages were read."""
    with _records(folder, manifest) as found:
        return found.unsearched()


@contextmanager
def _records(folder: Path, manifest: Manifest) -> Iterator[records.Records]:
    with records.opened(
        folder,
        database=manifest.database,
        in_mongo=manifest.messages == "mongodb",
        tables=manifest.tables,
    ) as found:
        yield found
