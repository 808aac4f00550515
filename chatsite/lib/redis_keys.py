"""Names of keys in Redis, as the owner gives them: `session:{user_id}`,
`chatroom:{room_id}:members`, `search_cache:{query_hash}`, `rate_limit:{user_id}:{endpoint}`.
REDIS_PREFIX stands before each, where several sites share one Redis.
"""

from __future__ import annotations

from django.conf import settings


def redis_key(name: str) -> str:
    """The key of a name on this site."""
    return f"{settings.REDIS_PREFIX}{name}"


def cache_key(name: str, prefix: str, version: int) -> str:
    """KEY_FUNCTION of Django's cache: it would add a version, which nothing here has."""
    return f"{prefix}{name}"
