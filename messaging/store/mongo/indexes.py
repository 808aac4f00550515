"""Indexes of the MongoDB engine: their definitions, checks and builds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import OperationFailure

NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND = 26, 27


def _index(name: str, *keys: str, only: str = "", unique: bool = False) -> IndexModel:
    """`only` restricts it to documents with this field. Unlike `sparse`, which includes documents
    with any key of a compound index, a partial index includes only these.
    """
    options: dict[str, Any] = {"name": name}
    if only:
        options["partialFilterExpression"] = {only: {"$exists": True}}
    if unique:
        options["unique"] = True
    return IndexModel([(key, ASCENDING) for key in keys], **options)


UNIQUE = {
    "messages": [
        _index("number", "room", "seq", unique=True),
        _index("cid", "room", "uid", "cid", unique=True),
        _index("chain", "room", "uid", "dev", "n", unique=True),
    ],
    "message_chains": [_index("chain", "room", "uid", "dev", unique=True)],
    "message_search_index": [_index("segment", "room", "bucket", "seg", unique=True)],
}
"""Unique indexes decide between processes, so no message is accepted before they exist. They begin
with the shard key."""

OTHERS = {
    "messages": [
        _index("epoch", "room", "e", "seq"),
        _index("refers", "room", "re", only="re"),
        _index("changes", "room", "seq", only="re"),
        _index("tombstones", "room", "by", only="by"),
        _index("erasing", "erasing", only="erasing"),
        _index("generation", "room", "g", "seq"),
        _index("older_tokens", "room", "tv", "g", "seq"),
    ]
}
"""Indexes for reads. A site works without them, slowly in large rooms."""

REPLACED = {"messages": ["references", "erased", "unfinished"]}
"""Indexes of earlier versions: sparse, and so as large as the collection."""

Indexes = Mapping[str, Iterable[IndexModel]]


def missing(database: Database[dict[str, Any]], indexes: Indexes) -> list[str]:
    """`collection.name` of each missing index."""
    found = []
    for collection, wanted in indexes.items():
        there = {one["name"] for one in database[collection].list_indexes()}
        names = [one.document["name"] for one in wanted]
        found += [f"{collection}.{name}" for name in names if name not in there]
    return found


def build(database: Database[dict[str, Any]], indexes: Indexes) -> None:
    """Build missing indexes; returns once they exist. Idempotent, also across processes."""
    for collection, wanted in indexes.items():
        database[collection].create_indexes(list(wanted))


def drop_replaced(database: Database[dict[str, Any]]) -> None:
    """Drop indexes of earlier versions that others replace."""
    for collection, names in REPLACED.items():
        for name in names:
            try:
                database[collection].drop_index(name)
            except OperationFailure as error:
                if error.code not in (NAMESPACE_NOT_FOUND, INDEX_NOT_FOUND):
                    raise
