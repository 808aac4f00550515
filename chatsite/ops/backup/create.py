"""Making a backup of a site that may be running.

Messages in MongoDB come first, then the database, attachments last: whatever a part names is in a
part that is newer. In SQLite and PostgreSQL all rows are of one moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from chatsite.ops.backup import attachments, disk, journal, mongo, postgres, records, sqlite
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import Manifest, Part, Table
from chatsite.ops.backup.records import Records
from chatsite.ops.backup.schema import Migration, tables_of

NO_ACCOUNT = (
    "The database holds no account, so there is nothing to back up: DATABASE_URL or SOTTO_DATA may "
    "name another place than the site uses."
)
OTHER_MESSAGES = (
    "Room {room} has messages up to {read} that people have read, but MongoDB holds it up to "
    "{newest} only: MONGODB_URL or MONGODB_DATABASE names another place than the site uses."
)
LOST = (
    "{many} attachments are not in {folder} as they were stored, the first {first}: SOTTO_DATA may "
    "name another place than the site uses. If they are lost, add --without-lost-files."
)


@dataclass(frozen=True)
class Rooms:
    """`newest` message and log `heads` of each room; `dropped` rooms have lost their messages
    since these were read.
    """

    newest: dict[str, int]
    heads: dict[str, list[Any]]
    dropped: list[str]


@dataclass(frozen=True)
class Files:
    """The number of attachments `copied`, the ones deleted meanwhile (`gone`), and the ones that
    the site has `lost`, each as room/id.
    """

    copied: int
    gone: list[str]
    lost: list[str]


def create(folder: Path, *, without_lost_files: bool = False) -> Path:
    """Back up the site of these settings into a new folder in `folder`.

    Args:
        folder: where backups are kept; made if it is absent.
        without_lost_files: go on where the site itself lacks attachments.

    Returns:
        The backup's own folder, named after the moment it began.

    Raises:
        BackupError: a source is absent, empty, or not this site's. Nothing is left in `folder`.
    """
    if journal.is_open():
        raise BackupError(journal.UNFINISHED)
    began = datetime.now(UTC)
    with disk.whole_folder(folder, disk.stamp(began)) as partial:
        _fill(partial, began, without_lost_files=without_lost_files)
    return folder / disk.stamp(began)


def _fill(folder: Path, began: datetime, *, without_lost_files: bool) -> None:
    collections = mongo.copy(folder) if mongo.in_use() else {}
    applied, tables = _copy_database(folder)
    with records.opened(
        folder, database=connection.vendor, in_mongo=mongo.in_use(), tables=tables
    ) as found:
        if found.accounts() == 0:
            raise BackupError(NO_ACCOUNT)
        rooms = _rooms(found)
        files = _copy_files(found, set(rooms.dropped), folder)
    if files.lost and not without_lost_files:
        raise BackupError(_lost(files.lost))
    Manifest(
        at=int(began.timestamp() * 1000),
        made=began.isoformat(timespec="seconds"),
        build=settings.BUILD,
        database=connection.vendor,
        messages="mongodb" if mongo.in_use() else "database",
        migrations=[list(node) for node in sorted(applied)],
        tables=tables,
        collections=collections,
        newest=rooms.newest,
        heads=rooms.heads,
        files=files.copied,
        gone=files.gone,
        lost=files.lost,
        dropped=rooms.dropped,
        parts=_parts(folder),
    ).write(folder)


def _copy_database(folder: Path) -> tuple[list[Migration], dict[str, Table]]:
    if connection.vendor == "sqlite":
        sqlite.copy(Path(settings.DATABASES["default"]["NAME"]), folder)
        rows = sqlite.SqliteRows(folder)
        try:
            applied = rows.migrations()
            return applied, rows.describe(tables_of(applied, what="database"))
        finally:
            rows.close()
    tables = postgres.copy(folder, lambda applied: tables_of(applied, what="database"))
    return postgres.PostgresRows(folder, tables).migrations(), tables


def _rooms(found: Records) -> Rooms:
    rooms = {room.id: room for room in found.rooms()}
    newest: dict[str, int] = {}
    for message in found.messages():
        newest[message.room] = message.seq
    dropped = sorted(id_ for id_ in newest if id_ not in rooms or rooms[id_].closed)
    if mongo.in_use():
        open_rooms = {id_ for id_, room in rooms.items() if not room.closed}
        _refuse_other_messages(found, newest, open_rooms)
    heads: dict[str, list[Any]] = {id_: [room.seq, room.hash] for id_, room in rooms.items()}
    return Rooms(newest, heads, dropped if mongo.in_use() else [])


def _refuse_other_messages(found: Records, newest: dict[str, int], rooms: set[str]) -> None:
    """Somebody may have read what came after the messages were copied: the live store decides."""
    marks = found.read_marks()
    ahead = [room for room in rooms if marks.get(room, 0) > newest.get(room, 0)]
    now = mongo.newest(ahead) if ahead else {}
    for room in ahead:
        if marks[room] > now.get(room, 0):
            raise BackupError(
                OTHER_MESSAGES.format(room=room, read=marks[room], newest=now.get(room, 0))
            )


def _copy_files(found: Records, dropped: set[str], folder: Path) -> Files:
    """Copy files and tell deleted ones from lost ones.

    A file that a message names without a row was deleted in between, where messages are read before
    rows; otherwise the site has lost it.
    """
    copied, lacking = attachments.copy(found.attachments(), folder)
    lost = {file.title for file in lacking if attachments.still_there(file)}
    gone = {file.title for file in lacking} - lost
    rows = {file.title for file in found.attachments()}
    for message in found.messages():
        if message.room not in dropped:
            absent = {f"{message.room}/{fid}" for fid in message.files} - rows
            (gone if mongo.in_use() else lost).update(absent)
    return Files(copied, sorted(gone), sorted(lost))


def _lost(lost: list[str]) -> str:
    return LOST.format(many=len(lost), folder=attachments.location(), first=lost[0])


def _parts(folder: Path) -> dict[str, Part]:
    found: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): Part(path.stat().st_size, disk.hash_of(path))
        for path in found
        if path.relative_to(folder).parts[0] != attachments.FOLDER
    }
