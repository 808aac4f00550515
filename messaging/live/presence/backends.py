"""Presence in the other processes: `chatroom:{room}:members` in Redis, an expiring set."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import uuid4

from redis import RedisError
from redis.asyncio import Redis

from chatsite.lib.redis_keys import redis_key

TTL = 90  # seconds: entries of a killed process expire; live ones write every 30
log = logging.getLogger(__name__)


class PresenceBackend(Protocol):
    async def exchange(self, room: str, here: Iterable[str]) -> frozenset[str]:
        """Publish who is online in this process; returns who is online in the others."""

    async def read(self, room: str) -> frozenset[str]:
        """The people online in the other processes."""

    async def close(self) -> None:
        """Withdraw this process's entries."""


class LocalPresence:
    """The backend of a single process."""

    async def exchange(self, room: str, here: Iterable[str]) -> frozenset[str]:
        return frozenset()

    async def read(self, room: str) -> frozenset[str]:
        return frozenset()

    async def close(self) -> None:
        pass


class RedisPresence:
    """Members are `process:uid`, scored by their expiry. While Redis is unreachable, the last
    answer is kept.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        self._process = uuid4().hex
        self._now = now
        self._redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=1, socket_connect_timeout=1
        )
        self._said: dict[str, frozenset[str]] = {}
        self._read: dict[str, frozenset[str]] = {}

    async def exchange(self, room: str, here: Iterable[str]) -> frozenset[str]:
        now = frozenset(here)
        gone = self._said.get(room, frozenset()) - now
        key = _key(room)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                if gone:
                    pipe.zrem(key, *map(self._mark, gone))
                if now:
                    pipe.zadd(key, {self._mark(uid): self._now() + TTL for uid in now})
                    pipe.expire(key, TTL)
                await pipe.execute()
        except RedisError as error:
            log.warning("presence.write_failed %s", type(error).__name__)
            return self._read.get(room, frozenset())
        self._said[room] = now
        if not now:
            self._said.pop(room)
            self._read.pop(room, None)
            return frozenset()
        return await self.read(room)

    async def read(self, room: str) -> frozenset[str]:
        try:
            found = await self._redis.zrangebyscore(_key(room), self._now(), "+inf")
        except RedisError as error:
            log.warning("presence.read_failed %s", type(error).__name__)
        else:
            marks = (str(mark).split(":", 1) for mark in found)
            self._read[room] = frozenset(uid for who, uid in marks if who != self._process)
        return self._read.get(room, frozenset())

    def _mark(self, uid: str) -> str:
        return f"{self._process}:{uid}"

    async def close(self) -> None:
        for room in list(self._said):
            await self.exchange(room, ())
        await self._redis.aclose()


def _key(room: str) -> str:
    return redis_key(f"chatroom:{room}:members")
