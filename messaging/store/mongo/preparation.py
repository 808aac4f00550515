"""Builds the indexes of the MongoDB engine, and finishes what a crash left half erased."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Thread

from django.db import DatabaseError, connections
from pymongo.errors import PyMongoError

from messaging.store.mongo import indexes
from messaging.store.mongo.batch import erase
from messaging.store.mongo.connection import Connection
from messaging.store.mongo.index import CollectionIndex

log = logging.getLogger(__name__)


class Preparation:
    """Work on the collections before messages are taken. Idempotent, also across processes."""

    def __init__(self, connection: Connection, index: CollectionIndex) -> None:
        self._connection = connection
        self._index = index

    def run(self) -> None:
        """Build all indexes, however long that takes, and finish interrupted erasures."""
        with self._connection.patient() as database:
            indexes.build(database, indexes.UNIQUE)
            indexes.build(database, indexes.OTHERS)
            indexes.drop_replaced(database)
        self._finish_erasing()

    def run_to_serve(self, say: Callable[[str], object]) -> None:
        """Build unique indexes now, and the others in the background: on a large collection that
        takes minutes, during which the site is slower.
        """
        database = self._connection.database
        if unique := indexes.missing(database, indexes.UNIQUE):
            if any(database[name].find_one() for name in indexes.UNIQUE):
                say(f"Building indexes in MongoDB before messages are taken: {', '.join(unique)} …")
            with self._connection.patient() as patient:
                indexes.build(patient, indexes.UNIQUE)
        if others := indexes.missing(database, indexes.OTHERS):
            if self._connection.messages.find_one() is not None:
                say(f"Building indexes in MongoDB in the background: {', '.join(others)} …")
                Thread(target=self._run_soon, name="building indexes", daemon=True).start()
                return
            indexes.build(database, indexes.OTHERS)
        self._finish_erasing()

    def _run_soon(self) -> None:
        try:
            self.run()
        except (PyMongoError, DatabaseError) as error:  # the next start tries again
            log.warning("mongo.prepare_failed %s", type(error).__name__)
        finally:
            connections.close_all()

    def _finish_erasing(self) -> None:
        """Finish interrupted erasures, by the partial index `erasing` of unfinished messages."""
        messages = self._connection.messages
        named = {"room": 1, "seq": 1, "erasing": 1}
        unfinished = messages.find({"erasing": {"$exists": True}}, named).hint("erasing")
        for message in list(unfinished):
            erase(messages, self._index, message["room"], message["seq"], message["erasing"])
