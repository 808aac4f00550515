"""Each engine as the contract's tests need it: stores, and a look beneath them."""

from __future__ import annotations

import os
from typing import Any, Protocol

import pytest

from messaging.store.base import MessageStore
from messaging.store.index.postings import Shape
from messaging.store.mongo.store import MongoStore
from messaging.store.orm.models import Message, SearchSegment
from messaging.store.orm.store import OrmStore
from tests.messaging.senders import ROOM

SHAPE = Shape()


class Engine(Protocol):
    def another(self, shape: Shape = SHAPE) -> MessageStore:
        """The store of a process that remembers nothing; `shape` of its search index."""

    def kept(self, seq: int) -> dict[str, Any]:
        """What there is of a message: ct, g and tokens, as far as they are there."""

    def cut(self, below: int) -> None:
        """Drop the room's oldest messages."""

    def segments(self) -> dict[tuple[int, int], bytes]:
        """What the search index keeps of the room: (segment, bucket) -> postings."""


ORM = "postgres" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
"""What Django's database is in this run: tests/engines/test_postgres.py has the other."""
MONGO_IF_SLOW = [ORM, pytest.param("mongo", marks=pytest.mark.slow)]
"""Of tests beside those of the contract (test_store) and of erasure: `make test` runs these on the
embedded engine alone.
"""


class Table:
    def another(self, shape: Shape = SHAPE) -> MessageStore:
        return OrmStore(shape)

    def kept(self, seq: int) -> dict[str, Any]:
        message = Message.objects.get(room=ROOM, seq=seq)
        return {
            "ct": message.ciphertext,
            "g": message.generation,
            "tokens": bytes(message.tokens),
        }

    def cut(self, below: int) -> None:
        Message.objects.filter(room=ROOM, seq__lt=below).delete()

    def segments(self) -> dict[tuple[int, int], bytes]:
        rows = SearchSegment.objects.filter(room=ROOM).values_list("segment", "bucket", "postings")
        return {(segment, bucket): bytes(postings) for segment, bucket, postings in rows}


class Mongo:
    def __init__(self, url: str, database: str) -> None:
        self._url = url
        self._database = database
        self.store = MongoStore(url, database)
        self.store.prepare()

    def another(self, shape: Shape = SHAPE) -> MessageStore:
        return MongoStore(self._url, self._database, shape)

    def kept(self, seq: int) -> dict[str, Any]:
        found = self.store.messages.find_one({"room": ROOM, "seq": seq}) or {}
        return {"ct": "", "g": 0, "tokens": b"", **found}

    def cut(self, below: int) -> None:
        self.store.messages.delete_many({"room": ROOM, "seq": {"$lt": below}})

    def segments(self) -> dict[tuple[int, int], bytes]:
        found = self.store.connection.segments.find({"room": ROOM})
        return {(one["seg"], one["bucket"]): bytes(one["p"]) for one in found}

    def drop(self) -> None:
        self.store.connection.client.drop_database(self._database)
        self.store.connection.client.close()
