"""File descriptors: the limit is raised at the start, and sockets are refused before none is left.

Every socket costs one. A process that has none left cannot accept a connection, open a file or
reach its database, and its healthcheck fails although it would serve the people it has. The same
holds for the connections that a process takes in all.
"""

from __future__ import annotations

import logging
import os
import resource
import time
from collections.abc import Awaitable, Callable
from typing import Any

from chatsite.lib import metrics
from chatsite.ops.connections import connection_slots

FOLDER = "/dev/fd"
SPARE = 64  # descriptors for the database, files, requests and probes
SPARE_SHARE = 0.05  # of the limit, where that is more
SAMPLE_FOR = 1.0  # seconds
SAY_EVERY = 10.0  # seconds
RETRY_AFTER = b"30"  # seconds
SHORT_OF_DESCRIPTORS = (
    "descriptors.short New sockets are refused: %d of %d file descriptors are in use. "
    "Raise the limit (LimitNOFILE=, ulimit -n) or start another process."
)
SHORT_OF_CONNECTIONS = (
    "connections.short New sockets are refused: %d of %d connections are open, and the rest is for "
    "requests. Raise CONNECTIONS_AT_ONCE (where it is 0, the limit of file descriptors: "
    "LimitNOFILE=, ulimit -n) or start another process."
)
log = logging.getLogger(__name__)

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def raise_limit() -> int:
    """Raise this process's soft limit to the hard one. Returns the limit that holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS names a hard limit that it does not accept
        return soft
    return hard


class Refusals:
    """Counts refused sockets, and warns at most once in SAY_EVERY seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_at = float("-inf")

    def note(self, warning: str, used: int, limit: int) -> None:
        metrics.sockets_refused.inc()
        if self._clock() - self._said_at >= SAY_EVERY:
            self._said_at = self._clock()
            log.warning(warning, used, limit)


class Descriptors:
    """Counts the descriptors in use, at most once in SAMPLE_FOR seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sampled_at = float("-inf")
        self._used = 0
        self.refusals = Refusals(clock)

    def take(self) -> bool:
        """True if there is room for one more socket, which counts from now on."""
        if self._clock() - self._sampled_at >= SAMPLE_FOR:
            self._sampled_at, self._used = self._clock(), len(os.listdir(FOLDER))
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit != resource.RLIM_INFINITY and self._used + _spare(limit) >= limit:
            self.refusals.note(SHORT_OF_DESCRIPTORS, self._used, limit)
            return False
        self._used += 1
        return True


def _spare(limit: int) -> int:
    return max(SPARE, int(limit * SPARE_SHARE))


class RefuseWhenShort:
    """In front of the socket's application: a handshake that comes when descriptors or connections
    are short gets 503, so that the client tries again later and perhaps reaches another process.
    """

    def __init__(self, app: App, descriptors: Descriptors | None = None) -> None:
        self._app = app
        self._descriptors = descriptors or Descriptors()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if self._has_room():
            await self._app(scope, receive, send)
            return
        await receive()
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1013})
            return
        headers = [(b"retry-after", RETRY_AFTER), (b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})

    def _has_room(self) -> bool:
        slots = connection_slots()
        if slots.has_room_for_sockets():
            return self._descriptors.take()
        self._descriptors.refusals.note(SHORT_OF_CONNECTIONS, slots.total, slots.in_all)
        return False
