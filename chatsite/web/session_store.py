"""Sessions in Redis. One that cannot be read is not one that has ended."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import cache
from redis import RedisError

from chatsite.lib.errors import Unavailable


class SessionStore(cache.SessionStore):
    def load(self) -> dict[str, Any]:
        """Django's takes any failure for the end, and the page would throw its cookie away."""
        try:
            data = self._cache.get(self.cache_key)  # type: ignore[attr-defined]
        except RedisError:
            raise Unavailable from None
        if data is None:
            self._session_key = None
            return {}
        return data
