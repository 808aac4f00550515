"""Sliding windows: one contract for both kinds, and what happens while Redis is unreachable."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.crc import key_slot

from chatsite.lib import windows
from chatsite.lib.windows import LocalWindows, SharedWindows, Windows
from tests.engines.redis import RedisServer, redis_url
from tests.lib.test_ratelimit import Clock


@pytest.fixture(scope="module")
def redis(tmp_path_factory) -> Iterator[str]:
    with redis_url(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def counted(request) -> Iterator[Windows]:
    made: Windows = (
        LocalWindows()
        if request.param == "memory"
        else SharedWindows(request.getfixturevalue("redis"))
    )
    yield made
    made.forget()


def reached(counted: Windows, members: str, many: int = 3, seconds: float = 600) -> list[bool]:
    return [counted.reached("key", member, many, seconds) for member in members]


def test_it_is_reached_by_the_last_of_so_many_different_members(counted):
    assert reached(counted, "abc") == [False, False, True]


@pytest.mark.parametrize("prefix", ["", "club:"])
def test_keys_of_a_script_are_in_one_slot_of_a_cluster(redis, settings, prefix):
    """Redis Cluster runs no script whose keys are in several."""
    settings.REDIS_PREFIX = prefix
    counted = SharedWindows(redis)
    assert reached(counted, "abc")[-1]
    with Redis.from_url(redis) as asked:
        keys = set(asked.scan_iter(f"{prefix}window:*"))
    assert len(keys) == 2
    assert len({key_slot(key) for key in keys}) == 1
    counted.forget()


def test_the_same_member_counts_once(counted):
    assert reached(counted, "aabbab") == [False] * 6
    assert reached(counted, "c") == [True]


def test_it_is_told_once_in_a_window(counted):
    assert reached(counted, "abcdef") == [False, False, True, False, False, False]


def test_keys_are_counted_apart(counted):
    assert not counted.reached("a", "x", 2, 600)
    assert not counted.reached("b", "y", 2, 600)
    assert counted.reached("a", "y", 2, 600)


def test_one_is_reached_at_once(counted):
    assert reached(counted, "a", many=1) == [True]


def test_what_is_older_than_the_window_does_not_count(counted):
    """However evenly it came: a bucket that refills would let that pass."""
    assert reached(counted, "ab", seconds=0.2) == [False, False]
    time.sleep(0.25)
    assert reached(counted, "cd", seconds=0.2) == [False, False]


def at(*seconds: float, window: float) -> list[bool]:
    """Whether three are reached, at each of these times."""
    clock = Clock()
    counted, found = LocalWindows(clock), []
    for second in seconds:
        clock.now = second
        found.append(counted.reached("key", str(second), 3, window))
    return found


def test_a_window_is_exact_to_its_last_second():
    assert at(0, 299, 598, window=599) == [False, False, True]
    assert at(0, 299, 599, window=599) == [False, False, False]


def test_it_is_told_again_after_the_window_if_it_goes_on():
    clock = Clock()
    counted = LocalWindows(clock)
    told = []
    for second in range(0, 40, 2):
        clock.now = second
        if counted.reached("key", str(second), 3, 10):
            told.append(second)
    assert told == [4, 14, 24, 34]


def test_many_at_once_are_told_of_once(counted):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: counted.reached("key", str(n), 20, 600), range(60)))
    assert found.count(True) == 1


def test_abuse_many_keys_take_bounded_memory(monkeypatch):
    monkeypatch.setattr(windows, "MAX_KEYS", 50)
    counted = LocalWindows()
    for n in range(500):
        counted.reached(str(n), "x", 1, 600)
    assert len(counted) == 50


def test_two_processes_share_a_window_in_redis(redis):
    left, right = SharedWindows(redis), SharedWindows(redis)
    assert not left.reached("two", "a", 2, 600)
    assert right.reached("two", "b", 2, 600)
    assert not left.reached("two", "c", 2, 600)
    left.forget()


def test_fault_redis_away_counts_here(tmp_path):
    server, clock = RedisServer(tmp_path), Clock()
    server.start()
    counted = SharedWindows(server.url, clock)
    assert not counted.reached("key", "a", 2, 600)
    server.stop()
    assert not counted.reached("key", "b", 2, 600)
    assert counted.reached("key", "c", 2, 600)
