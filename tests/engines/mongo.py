"""A server of the MongoDB wire protocol: MONGO_TEST_URL, or one of our own from pip.

Ours (SecantusDB, on WiredTiger) sorts linearly and is for small rooms: its times say nothing about
MongoDB's.
"""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.engines.process import EngineProcess, given_or_started

START_WITHIN = 30  # seconds


class MongoServer(EngineProcess):
    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder / "mongo.log")
        self.folder = folder / "mongo"
        self._options = options
        self.url = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    def start(self) -> None:
        command = [sys.executable, "-m", "secantus", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--storage-path", str(self.folder)]
        command += ["--log-level", "WARNING", "--sync-on-commit", *self._options]
        self.run(command, cwd=self.folder.parent)
        deadline = time.monotonic() + START_WITHIN
        with self.client() as client:
            while time.monotonic() < deadline:
                try:
                    client.admin.command("ping")
                except PyMongoError:
                    assert self.process.poll() is None, self.log.read_text()
                else:
                    return
        raise AssertionError("the MongoDB server did not start")

    def client(self) -> MongoClient[Any]:
        return MongoClient(self.url, serverSelectionTimeoutMS=200)


def mongo_url(folder: Path) -> AbstractContextManager[str]:
    """The address of a server that is there."""
    return given_or_started("MONGO_TEST_URL", MongoServer(folder))
