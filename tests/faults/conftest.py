"""Engines that the tests of faults stop and start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.redis import RedisServer


@pytest.fixture
def redis_of_our_own(tmp_path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()
