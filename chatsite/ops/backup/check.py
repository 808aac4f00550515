"""Reading a backup as a restore would, and naming everything that is wrong with it.

No database is asked and nothing is written: a backup is checked wherever it lies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from chatsite.lib import signatures
from chatsite.ops.backup import attachments, disk, mongo, records
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import HASH_NAME, NAME, Manifest
from chatsite.ops.backup.records import Event, Records
from chatsite.ops.backup.schema import tables_of


def check(folder: Path) -> list[str]:
    """Every fault of the backup in `folder`, a sentence each; none for a good one."""
    try:
        manifest = Manifest.read(folder)
        expected = tables_of([(app, name) for app, name in manifest.migrations], what="backup")
    except BackupError as error:
        return [str(error)]
    faults = list(_of_parts(folder, manifest))
    faults += [f"{NAME}: no table {name}" for name in set(expected) - set(manifest.tables)]
    # What was changed or is not there cannot be trusted to be read.
    return faults or list(_of_contents(folder, manifest))


def _of_parts(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, part in manifest.parts.items():
        path = folder / name
        if not path.is_file():
            yield f"{name}: it is not there"
        elif path.stat().st_size != part.size:
            yield f"{name}: {path.stat().st_size} bytes, not {part.size}"
        elif disk.hash_of(path) != part.sha256:
            yield f"{name}: its SHA-256 is another"
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    apart = {name for name in here if name.startswith(f"{attachments.FOLDER}/")}
    for name in sorted(here - apart - {NAME, HASH_NAME} - set(manifest.parts)):
        yield f"{name}: no part of this backup"
    yield from _of_files(folder, manifest, apart) if attachments.INDEX in here else ()


def _of_files(folder: Path, manifest: Manifest, here: set[str]) -> Iterator[str]:
    many = 0
    try:
        for file in attachments.read_index(folder):
            name = f"{attachments.FOLDER}/{file.name}"
            many += 1
            if name not in here:
                yield f"{name}: it is not there"
            elif not attachments.is_whole(file, folder / name):
                yield f"{name}: it is not what was stored"
            here.discard(name)
    except ValueError as error:
        yield f"{attachments.INDEX}: {error}"
        return
    if many != manifest.files:
        yield f"{attachments.INDEX}: {many} attachments, not {manifest.files}"
    yield from (f"{name}: no part of this backup" for name in sorted(here))


def _of_contents(folder: Path, manifest: Manifest) -> Iterator[str]:
    in_mongo = manifest.messages == "mongodb"
    with records.opened(
        folder, database=manifest.database, in_mongo=in_mongo, tables=manifest.tables
    ) as found:
        faults = [*found.rows.faults(manifest.tables), *_of_collections(folder, manifest)]
        yield from faults
        if faults:
            return
        if sorted(found.rows.migrations()) != sorted(map(tuple, manifest.migrations)):
            yield f"{NAME}: other migrations than in the database"
        yield from _of_messages(found, manifest)
        yield from _of_logs(found, manifest)
        yield from _of_named_files(folder, found, manifest)


def _of_collections(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, table in manifest.collections.items():
        part = mongo.part_of(name)
        try:
            rows = sum(1 for _ in mongo.documents(folder, name))
        except (OSError, ValueError) as error:
            yield f"{part}: {error}"
            continue
        if rows != table.rows:
            yield f"{part}: {rows} documents, not {table.rows}"


def _of_messages(found: Records, manifest: Manifest) -> Iterator[str]:
    newest: dict[str, int] = {}
    for message in found.messages():
        last = newest.get(message.room)
        if last is not None and message.seq != last + 1:
            yield f"room {message.room}: message {message.seq} follows {last}"
        newest[message.room] = message.seq
    for room in sorted({*newest, *manifest.newest}):
        if newest.get(room, 0) != manifest.newest.get(room, 0):
            yield (
                f"room {room}: its newest message is {newest.get(room, 0)}, "
                f"not {manifest.newest.get(room, 0)}"
            )


def _of_logs(found: Records, manifest: Manifest) -> Iterator[str]:
    heads: dict[str, list[object]] = {}
    for event in found.log():
        before = heads.get(event.room, [-1, ""])
        if not _follows(event, before):
            yield f"room {event.room}: log event {event.seq} does not follow {before[0]}"
        heads[event.room] = [event.seq, event.hash]
    for room in found.rooms():
        if heads.get(room.id) != [room.seq, room.hash]:
            yield f"room {room.id}: its log does not end where the room says"
    if heads != manifest.heads:
        yield f"{NAME}: other log heads than in the database"


def _follows(event: Event, before: list[object]) -> bool:
    try:
        prev = json.loads(event.text)["prev"]
        hashed = signatures.digest64("event", event.text)
    except (ValueError, KeyError, TypeError):
        return False
    return [event.seq - 1, prev] == before and hashed == event.hash


def _of_named_files(folder: Path, found: Records, manifest: Manifest) -> Iterator[str]:
    here = {file.title for file in attachments.read_index(folder)}
    excused = {*manifest.gone, *manifest.lost}
    dropped = set(manifest.dropped)
    for message in found.messages():
        for fid in message.files if message.room not in dropped else ():
            title = f"{message.room}/{fid}"
            if title not in here and title not in excused:
                yield f"room {message.room}: message {message.seq} names a file that is not there"
    for file in found.attachments():
        if file.title not in here and file.title not in excused:
            yield f"attachment {file.title}: it is not there"
