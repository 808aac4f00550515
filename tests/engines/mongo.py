"""A server of the MongoDB wire protocol: MONGO_TEST_URL, or one of our own from pip.

Ours (SecantusDB, on WiredTiger) sorts linearly and is for small rooms: its times say nothing about
MongoDB's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.live import free_port

START_WITHIN = 30  # seconds


class MongoServer:
    """In a process of its own, so that it can be stopped and killed. `url` stays the same."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self.folder = folder / "mongo"
        self._options = options
        self._port = free_port()
        self.url = f"mongodb://127.0.0.1:{self._port}/?directConnection=true"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "secantus", "--host", "127.0.0.1"]
        command += ["--port", str(self._port), "--storage-path", str(self.folder)]
        command += ["--log-level", "WARNING", "--sync-on-commit", *self._options]
        with (self._folder / "mongo.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder)
        deadline = time.monotonic() + START_WITHIN
        with self.client() as client:
            while time.monotonic() < deadline:
                try:
                    client.admin.command("ping")
                except PyMongoError:
                    assert self._process.poll() is None, (self._folder / "mongo.log").read_text()
                else:
                    return
        raise AssertionError("the MongoDB server did not start")

    def stand_still(self) -> None:
        """Connected, and without an answer, until `go_on`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> MongoClient[Any]:
        return MongoClient(self.url, serverSelectionTimeoutMS=200)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def mongo_url(folder: Path) -> Iterator[str]:
    """The address of a server that is there."""
    given = os.environ.get("MONGO_TEST_URL")
    if given:
        yield given
        return
    server = MongoServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
