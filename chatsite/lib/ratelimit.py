"""The limiter for HTTP and sockets: a token bucket per key `rate_limit:{who}:{what}`.

One process counts by itself; several share the buckets in Redis, where one script reads and
writes a bucket in one step. While Redis is unreachable, each process counts by itself, and refuses
what is `strict`: guessing passwords must not become free.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis

from chatsite.lib.errors import Unavailable
from chatsite.lib.redis_keys import redis_key

MAX_KEYS = 50_000
PATIENCE = 0.5  # seconds for Redis to answer
AWAY = 2.0  # seconds without asking again, once it did not

SCRIPT = """
local limit, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'seen')
local level, seen = tonumber(kept[1]) or limit, tonumber(kept[2]) or now
level = math.min(limit, level + math.max(0, now - seen) * rate)
local wait = 0
if level >= 1 then level = level - 1 else wait = (1 - level) / rate end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'seen', tostring(now))
redis.call('EXPIRE', KEYS[1], math.ceil(limit / rate) + 1)
return tostring(wait)
"""


class Limiter(Protocol):
    def allow(self, key: str, limit: int, per_seconds: float, *, strict: bool = False) -> float:
        """0.0 if one more is allowed now, else the seconds to wait before trying again.
        Unavailable if nobody can say and it is `strict`. From any thread; may block.
        """

    async def aallow(self, key: str, limit: int, per_seconds: float) -> float:
        """The same, without blocking the event loop."""

    def forget(self) -> None: ...


class LocalLimiter:
    """In this process. `clock` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(
        self,
        key: str,
        limit: int,
        per_seconds: float,
        *,
        strict: bool = False,
        cost: float = 1.0,
    ) -> float:
        """As Limiter's; what is costly counts for more than one, but never for more than all."""
        rate = limit / per_seconds
        cost = min(cost, float(limit))
        with self._lock:
            now = self._clock()
            level, seen = self._buckets.pop(key, (float(limit), now))
            level = min(float(limit), level + (now - seen) * rate)
            allowed = level >= cost
            self._buckets[key] = (level - cost if allowed else level, now)
            while len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (cost - level) / rate

    async def aallow(self, key: str, limit: int, per_seconds: float) -> float:
        return self.allow(key, limit, per_seconds)

    def forget(self) -> None:
        with self._lock:
            self._buckets.clear()


class SharedLimiter:
    """In Redis, for every process of the site."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._twin = LocalLimiter()
        self._away_until = 0.0
        self._limits: dict[str, Any] = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "health_check_interval": 30,
        }
        self._redis = Redis.from_url(url, **self._limits)
        self._script = self._redis.register_script(SCRIPT)
        self._loops: dict[asyncio.AbstractEventLoop, Any] = {}

    def allow(self, key: str, limit: int, per_seconds: float, *, strict: bool = False) -> float:
        if self._clock() >= self._away_until:
            try:
                return float(self._script(keys=[redis_key(key)], args=[limit, limit / per_seconds]))
            except RedisError:
                self._away_until = self._clock() + AWAY
        if strict:
            raise Unavailable
        return self._twin.allow(key, limit, per_seconds)

    async def aallow(self, key: str, limit: int, per_seconds: float) -> float:
        if self._clock() >= self._away_until:
            try:
                script = self._of_loop()
                return float(await script(keys=[redis_key(key)], args=[limit, limit / per_seconds]))
            except RedisError:
                self._away_until = self._clock() + AWAY
        return self._twin.allow(key, limit, per_seconds)

    def _of_loop(self) -> Any:
        """A connection belongs to one event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._loops:
            client = AsyncRedis.from_url(self._url, **self._limits)
            running = {known: one for known, one in self._loops.items() if known.is_running()}
            self._loops = {**running, loop: client.register_script(SCRIPT)}
        return self._loops[loop]

    def forget(self) -> None:
        for key in self._redis.scan_iter(redis_key("rate_limit:*")):
            self._redis.delete(key)
        self._twin.forget()


here = LocalLimiter()
"""The limiter of this process alone, for the frames of a socket."""


@lru_cache(maxsize=1)
def get_limiter() -> Limiter:
    """The limiter of this process."""
    return SharedLimiter(settings.REDIS_URL) if settings.REDIS_URL else LocalLimiter()


def allow(key: str, limit: int, per_seconds: float, *, strict: bool = False) -> float:
    return get_limiter().allow(key, limit, per_seconds, strict=strict)


async def aallow(key: str, limit: int, per_seconds: float) -> float:
    return await get_limiter().aallow(key, limit, per_seconds)
