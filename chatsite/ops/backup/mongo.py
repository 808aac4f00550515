"""MongoDB: a file a collection, a document a line, in MongoDB's own extended JSON.

There is no moment that all collections can be read at, so the order makes up for it. A segment of
the search index is read before the messages that it covers, a summary after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bson import json_util
from bson.errors import BSONError
from django.conf import settings
from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.manifest import Table
from messaging.store import get_store
from messaging.store.mongo.store import MongoStore

FOLDER = "messages"
MESSAGES, INDEX, SUMMARIES = "messages", "message_search_index", "chat_summaries"
CANONICAL = json_util.CANONICAL_JSON_OPTIONS
TRIES = 10
RESTLESS = (
    "Messages of one room were deleted faster than they could be read: try again at a quieter time."
)
Document = dict[str, Any]
Failure = PyMongoError


def in_use() -> bool:
    """True if messages are in MongoDB."""
    return bool(settings.MONGODB_URL)


def database() -> Database[Document]:
    """The site's, by the client of the message store: with its concerns and time limits."""
    store = get_store()
    assert isinstance(store, MongoStore), "asked where messages are not in MongoDB"
    return store.connection.database


def copy(folder: Path) -> dict[str, Table]:
    """Copy every collection of the site's database, while others write."""
    (folder / FOLDER).mkdir(mode=0o700)
    source = database()
    names = [name for name in source.list_collection_names() if "." not in name]
    first = [name for name in (INDEX, MESSAGES) if name in names]
    later = sorted(set(names) - set(first))
    return {name: Table(_copy_collection(source, name, folder)) for name in [*first, *later]}


def part_of(collection: str) -> str:
    return f"{FOLDER}/{collection}.jsonl"


def documents(folder: Path, collection: str) -> Iterator[Document]:
    """The documents of a backup's collection; ValueError for a line that is none."""
    with (folder / part_of(collection)).open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            try:
                document = json_util.loads(line)
            except (ValueError, TypeError, BSONError):
                document = None
            if type(document) is not dict or not line.endswith("\n"):
                raise ValueError(f"line {number} is no document")
            yield document


def messages(folder: Path) -> Iterator[Document]:
    """The messages of a backup, in the order of their rooms and numbers; none if the site had
    none.
    """
    if (folder / part_of(MESSAGES)).exists():
        yield from documents(folder, MESSAGES)


def newest(rooms: Iterable[str]) -> dict[str, int]:
    """The newest message's number of each room as it is now, 0 where there is none."""
    return get_store().heads(rooms)


def _copy_collection(source: Database[Document], name: str, folder: Path) -> int:
    with (folder / part_of(name)).open("wb") as file:
        if name == MESSAGES:
            return sum(_copy_room(source, room, file) for room in _rooms(source))
        found = source[name].find().sort("_id", ASCENDING)
        return sum(_write(file, document) for document in found)


def _rooms(source: Database[Document]) -> Iterator[str]:
    """Each room that has messages, by one look-up in the index."""
    order, last = [("room", ASCENDING)], ""
    while found := source[MESSAGES].find_one({"room": {"$gt": last}}, {"room": 1}, sort=order):
        last = found["room"]
        yield last


def _copy_room(source: Database[Document], room: str, file: Any) -> int:
    """A room's messages without a gap. What is erased or expires while it is read would leave
    the backup with some messages from before and some from after: then it is read again.
    """
    start = file.tell()
    for _ in range(TRIES):
        file.seek(start)
        file.truncate()
        rows, erased, last, whole = 0, 0, 0, True
        for document in source[MESSAGES].find({"room": room}).sort("seq", ASCENDING):
            whole = whole and last in (0, document["seq"] - 1)
            erased += "by" in document
            last = document["seq"]
            rows += _write(file, document)
        gone = {"room": room, "by": {"$exists": True}, "seq": {"$lte": last}}
        if whole and source[MESSAGES].count_documents(gone) == erased:
            return rows
    raise BackupError(RESTLESS)


def _write(file: Any, document: Document) -> int:
    file.write(json_util.dumps(document, json_options=CANONICAL).encode("utf-8") + b"\n")
    return 1
