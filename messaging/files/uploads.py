"""Limits on concurrent uploads, per person and per process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from chatsite.lib import metrics
from chatsite.lib.errors import ChatError, TooMany, Unavailable

AGAIN = 5.0  # seconds
BUSY = "Many files are on their way to this server. Nothing was sent yet: try again shortly."


class UploadSlots:
    """Counts running uploads. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: Counter[str] = Counter()

    @contextmanager
    def taken(self, uid: str) -> Iterator[None]:
        """Hold a slot of `uid`.

        Raises:
            TooMany: they have UPLOADS_PER_PERSON running.
            Unavailable: UPLOADS_AT_ONCE run in this process.
        """
        with self._lock:
            if refusal := self._refusal(uid):
                metrics.limited.labels("uploads").inc()
                raise refusal
            self._of[uid] += 1
        try:
            yield
        finally:
            with self._lock:
                self._of[uid] -= 1
                self._of += Counter()  # drops people without any

    def _refusal(self, uid: str) -> ChatError | None:
        if self._of[uid] >= settings.UPLOADS_PER_PERSON:
            return TooMany(AGAIN, "uploads")
        return Unavailable(BUSY) if self._of.total() >= settings.UPLOADS_AT_ONCE else None


slots = UploadSlots()
