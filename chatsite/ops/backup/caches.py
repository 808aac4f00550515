"""Redis holds nothing that a backup keeps, and after a restore nothing that is still true."""

from __future__ import annotations

from django.conf import settings
from redis import Redis

from chatsite.lib.redis_keys import redis_key

PATTERNS = ("sotto*", "chatroom:*:members", "search_cache:*", "search_mark:*", "session:*")
"""Sessions and queues, presence, caches. Limits stay: who guessed too often still waits."""


def forget() -> None:
    """Delete what is remembered of the site as it was: sessions, pages of search, presence."""
    with (
        Redis.from_url(settings.REDIS_URL, socket_timeout=10) as redis,
        redis.pipeline(transaction=False) as pipe,
    ):
        for pattern in PATTERNS:
            for key in redis.scan_iter(match=redis_key(pattern), count=500):
                pipe.delete(key)
        pipe.execute()
