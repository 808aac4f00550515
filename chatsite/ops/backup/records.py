"""Rows of a backup as values, for every engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chatsite.ops.backup import attachments, mongo
from chatsite.ops.backup.attachments import Attachment
from chatsite.ops.backup.manifest import Table
from chatsite.ops.backup.postgres import PostgresRows
from chatsite.ops.backup.schema import Migration, columns_of_files
from chatsite.ops.backup.sqlite import SqliteRows


class Rows(Protocol):
    """The rows of a backup's database, by one engine."""

    def close(self) -> None: ...

    def migrations(self) -> list[Migration]:
        """Pairs of app and name that were applied."""

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """A table's rows, those of `schema.ORDER` in that order."""

    def faults(self, tables: dict[str, Table]) -> Iterator[str]:
        """A sentence for everything that is not as `tables` says."""


@dataclass(frozen=True)
class Message:
    """`files` are the ids of attachments; an erased message has none."""

    room: str
    seq: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    room: str
    seq: int
    text: str
    hash: str


@dataclass(frozen=True)
class Room:
    id: str
    seq: int
    hash: str
    closed: bool


class Records:
    """The rows of a backup as values."""

    def __init__(self, folder: Path, rows: Rows, *, in_mongo: bool) -> None:
        self.rows = rows
        self._folder = folder
        self._in_mongo = in_mongo

    def messages(self) -> Iterator[Message]:
        """Room by room, in ascending order."""
        if self._in_mongo:
            for found in mongo.messages(self._folder):
                yield Message(found["room"], found["seq"], tuple(found.get("files", ())))
            return
        for room, seq, files in self.rows.rows("messages", ("room", "seq", "files")):
            yield Message(room, int(seq), tuple(json.loads(files) if files else ()))

    def log(self) -> Iterator[Event]:
        """Room by room, in ascending order."""
        for room, seq, text, hash_ in self.rows.rows(
            "room_log", ("room_id", "seq", "event", "hash")
        ):
            yield Event(room, int(seq), text, hash_)

    def rooms(self) -> Iterator[Room]:
        columns = ("id", "head_seq", "head_hash", "closed_at")
        for id_, seq, hash_, closed in self.rows.rows("chatrooms", columns):
            yield Room(id_, int(seq), hash_, closed is not None)

    def attachments(self) -> Iterator[Attachment]:
        columns = columns_of_files(self.rows.migrations(), attachments.COLUMNS)
        yield from attachments.attachments(self.rows.rows("files", columns))

    def read_marks(self) -> dict[str, int]:
        """The highest message that anybody has read, of each room."""
        found: dict[str, int] = {}
        for room, seq in self.rows.rows("chatroom_members", ("room_id", "read_seq")):
            found[room] = max(int(seq), found.get(room, 0))
        return found

    def unsearched(self) -> set[str]:
        """Rooms whose rules keep search tokens off the server."""
        rooms = self.rows.rows("chatrooms", ("id", "policy"))
        return {id_ for id_, policy in rooms if json.loads(policy)["search"] == "device"}

    def accounts(self) -> int:
        return sum(1 for _ in self.rows.rows("users", ("id",)))


@contextmanager
def opened(
    folder: Path, *, database: str, in_mongo: bool, tables: dict[str, Table]
) -> Iterator[Records]:
    """The records of the backup in `folder`, whose database is of this engine."""
    rows = SqliteRows(folder) if database == "sqlite" else PostgresRows(folder, tables)
    with closing(rows):
        yield Records(folder, rows, in_mongo=in_mongo)
