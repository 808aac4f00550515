"""One open socket as the hub sees it: who it is, and an outbox with an end."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from accounts.access import SessionRef
from messaging import frames

OUTBOX = 256  # events
DRAIN_WITHIN = 10.0  # seconds
TOO_SLOW = 4413

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """Events go in by `push` and leave in order; those that wait together leave in one frame.

    A reader that does not take a frame within `drain_within` seconds, or lets the outbox fill,
    is closed with 4413. Nobody else waits for it.
    """

    def __init__(self, ref: SessionRef, send: Send, *, drain_within: float = DRAIN_WITHIN) -> None:
        self.sid = secrets.token_hex(8)
        self.ref = ref
        self.closed = False
        self._send = send
        self._drain_within = drain_within
        self._outbox: deque[str] = deque()
        self._writer: asyncio.Task[None] | None = None

    def push(self, event: str) -> None:
        """Queue one encoded event."""
        if self.closed:
            return
        if len(self._outbox) >= OUTBOX:
            self.close(TOO_SLOW)
            return
        self._outbox.append(event)
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._outbox and not self.closed:
                text = frames.together(self._take())
                async with asyncio.timeout(self._drain_within):
                    await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self.close(TOO_SLOW)
        except Exception:  # the peer is gone; the receiving side notices and cleans up
            self.closed = True
        finally:
            self._writer = None

    def _take(self) -> list[str]:
        """As many events as fit into one frame, at least one."""
        taken, size = [self._outbox.popleft()], 0
        size = len(taken[0])
        while self._outbox and size + len(self._outbox[0]) < frames.MAX_FRAME:
            size += len(self._outbox[0]) + 1
            taken.append(self._outbox.popleft())
        return taken

    def close(self, code: int) -> None:
        """Stop at once: what is queued is dropped, the client resumes by number."""
        if self.closed:
            return
        self.closed = True
        self._outbox.clear()
        asyncio.create_task(self._close(code))  # noqa: RUF006 (ends by itself)

    async def _close(self, code: int) -> None:
        writer = self._writer
        if writer is not None and writer is not asyncio.current_task():
            await asyncio.wait([writer], timeout=1)
            writer.cancel()
        try:
            async with asyncio.timeout(self._drain_within):
                await self._send({"type": "websocket.close", "code": code})
        except Exception:  # it is gone already
            return

    def finish(self, event: str, code: int) -> None:
        """Send a last event, then close."""
        if self.closed:
            return
        self._outbox.clear()
        self._outbox.append(event)
        asyncio.create_task(self._finish(code))  # noqa: RUF006 (ends by itself)

    async def _finish(self, code: int) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        await asyncio.wait([self._writer], timeout=1)
        self.close(code)
