"""The limiter: one contract for both kinds, and what happens while Redis is unreachable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatsite.lib.errors import Unavailable
from chatsite.lib.ratelimit import AWAY, Limiter, LocalLimiter, SharedLimiter
from tests.engines.redis import RedisServer, redis_url


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def redis(tmp_path_factory) -> Iterator[str]:
    with redis_url(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def limiter(request) -> Iterator[Limiter]:
    made = LocalLimiter() if request.param == "memory" else shared(request)
    yield made
    made.forget()


def shared(request) -> SharedLimiter:
    return SharedLimiter(request.getfixturevalue("redis"))


def test_a_bucket_empties_and_says_how_long_to_wait(limiter):
    assert [limiter.allow("rate_limit:a:x", 3, 3000) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 990 < limiter.allow("rate_limit:a:x", 3, 3000) <= 1000


def test_it_fills_again(limiter):
    assert limiter.allow("rate_limit:a:x", 1, 0.05) == 0.0
    wait = limiter.allow("rate_limit:a:x", 1, 0.05)
    assert 0 < wait <= 0.05
    time.sleep(wait + 0.01)
    assert limiter.allow("rate_limit:a:x", 1, 0.05) == 0.0


def test_keys_do_not_share_a_bucket(limiter):
    assert limiter.allow("rate_limit:a:x", 1, 60) == 0.0
    assert limiter.allow("rate_limit:a:x", 1, 60) > 0
    assert limiter.allow("rate_limit:b:x", 1, 60) == 0.0


def test_many_at_once_get_no_more_than_there_is(limiter):
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.allow("rate_limit:a:x", 20, 6000), range(60)))
    assert waits.count(0.0) == 20


async def test_who_may_not_block_counts_in_the_same_bucket(limiter):
    assert await limiter.aallow("rate_limit:a:x", 2, 60) == 0.0
    assert await asyncio.to_thread(limiter.allow, "rate_limit:a:x", 2, 60) == 0.0
    assert await limiter.aallow("rate_limit:a:x", 2, 60) > 0


def test_two_processes_share_a_bucket_in_redis(redis):
    left, right = SharedLimiter(redis), SharedLimiter(redis)
    assert left.allow("rate_limit:two:x", 1, 60) == 0.0
    assert right.allow("rate_limit:two:x", 1, 60) > 0
    left.forget()


async def test_fault_redis_away_refuses_sign_ins_and_counts_the_rest_here(tmp_path):
    server, clock = RedisServer(tmp_path), Clock()
    server.start()
    limiter = SharedLimiter(server.url, clock)
    assert limiter.allow("rate_limit:a:login", 5, 60, strict=True) == 0.0
    server.stop()
    with pytest.raises(Unavailable):
        limiter.allow("rate_limit:a:login", 5, 60, strict=True)
    assert limiter.allow("rate_limit:a:messages", 1, 60) == 0.0
    assert await limiter.aallow("rate_limit:a:messages", 1, 60) > 0
    server.start()
    clock.now += AWAY
    assert limiter.allow("rate_limit:a:login", 5, 60, strict=True) == 0.0
    server.stop()


def test_a_clock_that_stands_still_gives_nothing():
    clock = Clock()
    limiter = LocalLimiter(clock)
    assert [limiter.allow("k", 3, 30) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limiter.allow("k", 3, 30) == 10.0
    clock.now = 9.9
    assert limiter.allow("k", 3, 30) > 0
    clock.now = 10.0
    assert limiter.allow("k", 3, 30) == 0.0
