"""Sliding windows: tells when a key has had so many different members within so many seconds.

One process counts by itself; several share the windows in Redis, where one script adds and counts
in one step. While Redis is unreachable, each process counts by itself.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from redis import Redis, RedisError

from chatsite.lib.ratelimit import AWAY, MAX_KEYS, PATIENCE
from chatsite.lib.redis_keys import redis_key

SCRIPT = """
local many, seconds = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - seconds)
redis.call('ZADD', KEYS[1], tostring(now), ARGV[1])
local found = redis.call('ZCARD', KEYS[1])
if found > many then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, found - many - 1) end
redis.call('EXPIRE', KEYS[1], math.ceil(seconds) + 1)
if found < many then return 0 end
if redis.call('SET', KEYS[2], '1', 'NX', 'EX', math.ceil(seconds)) then return 1 end
return 0
"""


class Windows(Protocol):
    def reached(self, key: str, member: str, many: int, seconds: float) -> bool:
        """Add `member` to the window of `key`.

        Returns:
            True if the last `seconds` had `many` different members, once in each `seconds`.
        """

    def forget(self) -> None: ...


class LocalWindows:
    """In this process. `clock` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._members: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()
        self._quiet_until: dict[str, float] = {}

    def reached(self, key: str, member: str, many: int, seconds: float) -> bool:
        with self._lock:
            now = self._clock()
            members = self._members.pop(key, OrderedDict())
            members.pop(member, None)
            members[member] = now
            while len(members) > many or next(iter(members.values())) <= now - seconds:
                members.popitem(last=False)
            self._members[key] = members
            while len(self._members) > MAX_KEYS:
                self._quiet_until.pop(self._members.popitem(last=False)[0], None)
            if len(members) < many or self._quiet_until.get(key, now) > now:
                return False
            self._quiet_until[key] = now + seconds
            return True

    def __len__(self) -> int:
        """The number of keys that take memory."""
        return len(self._members | self._quiet_until)

    def forget(self) -> None:
        with self._lock:
            self._members.clear()
            self._quiet_until.clear()


class SharedWindows:
    """In Redis, for every process of the site."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._twin = LocalWindows()
        self._away_until = 0.0
        limits: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        self._redis = Redis.from_url(url, health_check_interval=30, **limits)
        self._script = self._redis.register_script(SCRIPT)

    def reached(self, key: str, member: str, many: int, seconds: float) -> bool:
        if self._clock() >= self._away_until:
            keys = [redis_key(f"window:{{{key}}}:{part}") for part in ("members", "quiet")]
            try:
                return bool(self._script(keys=keys, args=[member, many, seconds]))
            except RedisError:
                self._away_until = self._clock() + AWAY
        return self._twin.reached(key, member, many, seconds)

    def forget(self) -> None:
        for key in self._redis.scan_iter(redis_key("window:*")):
            self._redis.delete(key)
        self._twin.forget()


@lru_cache(maxsize=1)
def get_windows() -> Windows:
    """The windows of this process."""
    return SharedWindows(settings.REDIS_URL) if settings.REDIS_URL else LocalWindows()
