"""The limiter for HTTP and sockets: a token bucket per key, in this process.

One process is what the embedded mode has. The key format `rate_limit:{who}:{what}` is the one
a shared limiter uses too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_KEYS = 50_000


class Limiter:
    """`allow` is safe to call from any thread. `clock` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, key: str, limit: int, per_seconds: float) -> float:
        """0.0 if one more is allowed now, else the seconds to wait before trying again."""
        rate = limit / per_seconds
        with self._lock:
            now = self._clock()
            level, seen = self._buckets.pop(key, (float(limit), now))
            level = min(float(limit), level + (now - seen) * rate)
            allowed = level >= 1.0
            self._buckets[key] = (level - 1.0 if allowed else level, now)
            while len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - level) / rate

    def forget(self) -> None:
        with self._lock:
            self._buckets.clear()


limiter = Limiter()
allow = limiter.allow
