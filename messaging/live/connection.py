"""One open socket as the hub sees it: its account and a bounded outbox."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import Protocol

from accounts.access import SessionRef
from chatsite.lib.ws_framing import Write, text_frame
from messaging.live import frames
from messaging.live.eager_start import StartedCoroutine, start_eagerly

OUTBOX = 256  # events
DRAIN_WITHIN = 10.0  # seconds
SIGNED_OUT, TOO_SLOW = 4401, 4413


class Socket(Protocol):
    """The part of the consumer that a connection writes to."""

    async def send(self, text_data: str) -> None:
        """Send one text frame."""

    async def close(self, code: int) -> None:
        """Send the closing frame."""


class Connection:
    """Queues events by `push` and sends them in order; queued events form one frame.

    A socket that keeps up is written to directly, by `write` if the server has it. A slow socket
    gets a task; if it does not accept a frame within `drain_within` seconds, or its outbox fills,
    it is closed with 4413. It never delays others. The outbox holds events that all sockets of a
    room share, so that many slow sockets cost little more memory than one.

    `ended` is called once the closing frame has been sent, or cannot be.
    """

    def __init__(
        self,
        ref: SessionRef,
        socket: Socket,
        write: Write | None = None,
        *,
        ended: Callable[[], object] = lambda: None,
        drain_within: float = DRAIN_WITHIN,
    ) -> None:
        self.sid = secrets.token_hex(8)
        self.ref = ref
        self.closed = False
        self._socket = socket
        self._write = write
        self._ended = ended
        self._drain_within = drain_within
        self._outbox: deque[str] = deque()
        self._greeted = False
        self._due = False
        self._writer: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._drained = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Events that are not written yet."""
        return len(self._outbox)

    def share(self, event: str, frame: bytes) -> None:
        """Send an event that other sockets receive, too; `frame` is the same event, framed. Writes
        it at once if the queue is empty and the server can; otherwise queues it.
        """
        waits = self._outbox or self._writer is not None or not self._greeted or self.closed
        if waits or self._write is None or not self._write(frame):
            self.push(event)

    def greet(self, event: str) -> None:
        """Send the first event. Events pushed earlier follow it."""
        self._greeted = True
        if not self.closed:
            self._outbox.appendleft(event)
            self._flush()

    def push(self, event: str) -> None:
        """Queue one encoded event. All events of one iteration of the event loop are sent
        together.
        """
        if self.closed:
            return
        if len(self._outbox) >= OUTBOX:
            self._flush()  # it may not be slow: this iteration may just have many events
            if len(self._outbox) >= OUTBOX:
                self.close(TOO_SLOW)
                return
        self._outbox.append(event)
        if not self._due and self._writer is None:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    async def drained(self) -> None:
        """Wait until everything is passed to the network, or the socket is closed."""
        while (self._outbox or self._writer is not None) and not self.closed:
            self._drained.clear()
            await self._drained.wait()

    def _flush(self) -> None:
        """Write without waiting, as long as the socket accepts it."""
        self._due = False
        try:
            while self._greeted and self._outbox and not self.closed and self._writer is None:
                text = self._together()
                if self._write is not None and self._write(text_frame(text)):
                    continue
                rest = start_eagerly(self._socket.send(text))
                if rest is not None:
                    self._writer = asyncio.create_task(self._catch_up(rest))
        except Exception:  # the peer is gone; the receiving side cleans up
            self._forget()
        if self._writer is None:
            self._drained.set()

    async def _catch_up(self, rest: StartedCoroutine) -> None:
        """The slow path: a frame is being written."""
        try:
            async with asyncio.timeout(self._drain_within):
                await rest
            while self._outbox and not self.closed:
                async with asyncio.timeout(self._drain_within):
                    await self._socket.send(self._together())
        except TimeoutError:
            self.close(TOO_SLOW)
        except Exception:  # the peer is gone
            self._forget()
        finally:
            self._writer = None
            self._drained.set()

    def _together(self) -> str:
        """The next queued events that fit into one frame, at least one."""
        taken = [self._outbox.popleft()]
        size = len(taken[0]) + 2
        while self._outbox and (size := size + len(self._outbox[0]) + 1) <= frames.MAX_FRAME:
            taken.append(self._outbox.popleft())
        return frames.together(tuple(taken))

    def _forget(self) -> None:
        self.closed = True
        self._outbox.clear()

    async def wait_closed(self) -> None:
        """Wait until the closing frame has been sent, or cannot be."""
        if self._ending is not None:
            await asyncio.wait([self._ending])

    def gone(self) -> None:
        """Handle the peer's close: send nothing more."""
        self._forget()
        self._drained.set()

    def sign_out(self) -> None:
        """Say that the sign-in has ended, and close."""
        self.close(SIGNED_OUT, frames.encode("session_revoked"))

    def close(self, code: int, last: str | None = None) -> None:
        """Send a `last` event, if there is one, and close. Drops queued events: the client resumes
        by number.
        """
        if self.closed:
            return
        self._forget()
        self._drained.set()
        self._ending = asyncio.create_task(self._end(code, last))

    async def _end(self, code: int, last: str | None) -> None:
        try:
            if self._writer is not None:
                self._writer.cancel()
            async with asyncio.timeout(self._drain_within):
                if last is not None:
                    await self._socket.send(last)
                await self._socket.close(code)
        except Exception:  # noqa: S110 (already gone, or stuck: then the server drops it)
            pass
        finally:
            self._ended()
