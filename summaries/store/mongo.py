"""The MongoDB engine: a document a summary, sharded by room."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, MongoClient
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from chatsite.lib.paging import PAGE_BYTES, fitting
from summaries.store.base import BESIDE, Mark, Sealed, page_of

Document = dict[str, Any]
INDEXES = [
    IndexModel([("room", ASCENDING), ("id", ASCENDING)], name="once", unique=True),
    IndexModel([("room", ASCENDING), ("at", DESCENDING)], name="newest"),
]
SIZE = {"$add": [{"$strLenBytes": "$body"}, {"$strLenBytes": "$box"}, BESIDE]}
LIMITS: dict[str, Any] = {
    "appname": "sotto-summaries",
    "maxPoolSize": 10,
    "waitQueueTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "serverSelectionTimeoutMS": 2_000,
    "socketTimeoutMS": 10_000,
    "w": "majority",
    "journal": True,
    "wTimeoutMS": 5_000,
}


class MongoSummaries:
    def __init__(self, url: str, database: str = "sotto") -> None:
        self._url = url
        self._database = database

    @cached_property
    def client(self) -> MongoClient[Document]:
        """One pool a process, made at the first use: never before a fork."""
        given = {part.partition("=")[0].lower() for part in self._url.partition("?")[2].split("&")}
        limits = {name: value for name, value in LIMITS.items() if name.lower() not in given}
        return MongoClient(self._url, **limits)

    @cached_property
    def collection(self) -> Collection[Document]:
        return self.client[self._database]["chat_summaries"]

    def prepare(self) -> None:
        self.collection.create_indexes(INDEXES)

    def add(self, summary: Sealed) -> bool:
        try:
            self.collection.insert_one(_document(summary))
        except DuplicateKeyError:
            return False
        return True

    def of_room(
        self, room: str, *, limit: int, most: int = PAGE_BYTES, after: Mark | None = None
    ) -> tuple[list[Sealed], Mark | None]:
        where: Document = {"room": room}
        if after is not None:
            at, sid = after
            where["$or"] = [{"at": {"$lt": at}}, {"at": at, "id": {"$lt": sid}}]
        newest: list[Document] = [
            {"$match": where},
            {"$sort": {"at": -1, "id": -1}},
            {"$limit": limit + 1},
        ]
        found = self.collection.aggregate([*newest, {"$project": {"id": 1, "size": SIZE}}])
        sizes: dict[str, int] = {one["id"]: one["size"] for one in found}
        kept = fitting(list(sizes)[:limit], sizes, most)
        rows = self.collection.find({"room": room, "id": {"$in": kept}}, {"_id": 0})
        page = [_summary(one) for one in rows.sort([("at", DESCENDING), ("id", DESCENDING)])]
        return page_of(page, more=len(kept) < len(sizes))

    def drop_over(self, room: str, seqs: Iterable[int]) -> int:
        over = [{"first": {"$lte": seq}, "last": {"$gte": seq}} for seq in seqs]
        if not over:
            return 0
        return self.collection.delete_many({"room": room, "$or": over}).deleted_count

    def drop_before(self, room: str, first: int) -> int:
        return self.collection.delete_many({"room": room, "first": {"$lt": first}}).deleted_count

    def drop_room(self, room: str) -> None:
        self.collection.delete_many({"room": room})


def _document(summary: Sealed) -> Document:
    beside = {"sig": summary.signature, "box": summary.box, "at": summary.stored_ms}
    named = {"room": summary.room, "id": summary.id, "uid": summary.uid, "body": summary.body}
    return {**named, "first": summary.first, "last": summary.last, **beside}


def _summary(document: Document) -> Sealed:
    return Sealed(
        room=document["room"],
        id=document["id"],
        uid=document["uid"],
        first=document["first"],
        last=document["last"],
        body=document["body"],
        signature=document["sig"],
        box=document["box"],
        stored_ms=document["at"],
    )
