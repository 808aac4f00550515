"""A connection to one database of MongoDB, with this engine's limits and collections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from messaging.store.mongo.batch import Document

LIMITS: dict[str, Any] = {
    "appname": "sotto",
    "maxPoolSize": 50,
    "minPoolSize": 1,
    "maxIdleTimeMS": 60_000,
    "waitQueueTimeoutMS": 2_000,
    "connectTimeoutMS": 2_000,
    "serverSelectionTimeoutMS": 2_000,  # the sender keeps the message and gets an error soon
    "socketTimeoutMS": 10_000,
    "retryWrites": True,
    "retryReads": True,
    "w": "majority",
    "journal": True,
    "wTimeoutMS": 5_000,
    "readConcernLevel": "majority",
    "readPreference": "primary",
}
"""Durable defaults: a majority has an acknowledged message on disk, and reads go to the primary.
Options in the URL take precedence."""


class Connection:
    """Connects on first use: never before a fork."""

    def __init__(self, url: str, database: str) -> None:
        self._url = url
        self._database = database

    @cached_property
    def client(self) -> MongoClient[Document]:
        """One pool per process."""
        return self._connect(LIMITS)

    @property
    def database(self) -> Database[Document]:
        return self.client[self._database]

    @cached_property
    def messages(self) -> Collection[Document]:
        return self.database["messages"]

    @cached_property
    def chains(self) -> Collection[Document]:
        """Ends of chains whose messages have expired."""
        return self.database["message_chains"]

    @cached_property
    def segments(self) -> Collection[Document]:
        """The search index."""
        return self.database["message_search_index"]

    @contextmanager
    def patient(self) -> Iterator[Database[Document]]:
        """The database without the time limits of a request, for building indexes."""
        with self._connect({**LIMITS, "socketTimeoutMS": 0, "wTimeoutMS": 0}) as client:
            yield client[self._database]

    def _connect(self, limits: dict[str, Any]) -> MongoClient[Document]:
        given = {part.partition("=")[0].lower() for part in self._url.partition("?")[2].split("&")}
        own = {name: value for name, value in limits.items() if name.lower() not in given}
        return MongoClient(self._url, **own)
