"""The WebSocket connection, with reconnection."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import ConnectionClosed, WebSocketException

from sotto.api import Api, ApiError
from sotto.protocol.encoding import WireError, field_of, strict_json

MAX_FRAME = 8 * 1024 * 1024
FIRST, MOST = 0.5, 30.0  # seconds
SOON, SOON_TRIES = 2.0, 20  # at most 2 seconds, 20 times, if the server said it restarts
BRIEFLY, MOST_BRIEFLY = 60.0, 5.0  # in the first 60 seconds wait at most 5
SIGNED_OUT, RESTARTING = 4401, 1012

Handler = Callable[[dict[str, Any]], Awaitable[None]]
Connect = Callable[[str], AbstractAsyncContextManager[ClientConnection]]


def connect(
    url: str, trusted: ssl.SSLContext | None = None
) -> AbstractAsyncContextManager[ClientConnection]:
    """Connect over the network.

    Args:
        trusted: the certificates that are trusted; the system's by default.
    """
    encrypted: dict[str, Any] = (
        {"ssl": trusted} if trusted is not None and url.startswith("wss:") else {}
    )
    return websocket(url, max_size=MAX_FRAME, compression=None, **encrypted)


def backoff(tries: int, most: float = MOST) -> float:
    """Seconds to wait before attempt number `tries`, with full jitter: clients that lost a server
    must not return all at once.
    """
    return random.uniform(0, min(most, FIRST * 2 ** min(tries, 10)))  # noqa: S311 (no secret)


class Reconnection:
    """The wait before each attempt to reconnect.

    Args:
        clock: returns seconds and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._tries = 0
        self._restarting = False

    def end(self, *, restarting: bool) -> None:
        """A connection was made. `restarting`: the server announced that it restarts."""
        self._since, self._tries, self._restarting = None, 0, restarting

    def next_wait(self) -> float:
        """Seconds to wait before the next attempt."""
        now = self._clock()
        self._since = now if self._since is None else self._since
        most = MOST_BRIEFLY if now - self._since < BRIEFLY else MOST
        if self._restarting and self._tries < SOON_TRIES:
            most = SOON
        self._tries += 1
        return backoff(self._tries - 1, most)


class Stream:
    """A socket that reconnects.

    Args:
        handler: is called with each frame, in order. Every connection begins with a `ready` frame.
        lost: is called when a connection ends.
    """

    def __init__(
        self,
        url: str,
        api: Api,
        handler: Handler,
        lost: Callable[[], None],
        connect: Connect = connect,
    ) -> None:
        scheme, _, rest = url.rstrip("/").partition("://")
        self._url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/ws/"
        self._api = api
        self._connect = connect
        self.handler = handler
        """Called with every frame that comes."""
        self._lost = lost
        self.failed: Callable[[Exception], object] = lambda problem: None
        """Called once with what ended the stream for good: the account was signed out."""
        self._connection: ClientConnection | None = None
        self.ready = asyncio.Event()
        """Set by the handler once it has caught up."""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect in the background, and reconnect until `close`."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        problem = None if task.cancelled() else task.exception()
        if isinstance(problem, Exception):
            self.failed(problem)

    async def wait_ready(self) -> None:
        """Wait until frames can be sent.

        Raises:
            ApiError: the account was signed out, which ends the stream.
        """
        assert self._task is not None
        ready = asyncio.create_task(self.ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._task.done():
            await self._task

    async def send(self, frame: dict[str, Any]) -> bool:
        """Write a frame; returns whether that worked. It may still be lost: wait for an answer."""
        if self._connection is None:
            return False
        try:
            await self._connection.send(json.dumps(frame, separators=(",", ":")))
        except ConnectionClosed:
            return False
        return True

    async def close(self) -> None:
        """Disconnect for good."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    async def _run(self) -> None:
        reconnection = Reconnection()
        while True:
            try:
                async with self._connect(self._url) as connection:
                    await self._serve(connection)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd is not None else 0
                if self.ready.is_set():
                    reconnection.end(restarting=code == RESTARTING)
                if code == SIGNED_OUT:
                    await self._renew()
            except (OSError, WebSocketException, WireError, ApiError):
                pass  # the server is unreachable or misbehaves: try again, more and more slowly
            finally:
                self._connection = None
                self.ready.clear()
                self._lost()
            await asyncio.sleep(reconnection.next_wait())

    async def _serve(self, connection: ClientConnection) -> None:
        await connection.send(json.dumps({"type": "auth", "token": self._api.access}))
        self._connection = connection
        async for text in connection:
            for frame in _frames(text):
                await self.handler(frame)

    async def _renew(self) -> None:
        """Renew an expired token. If the account was signed out, end the stream."""
        try:
            await self._api.renew()
        except ApiError as error:
            if error.status == 401:
                raise


def _frames(text: str | bytes) -> list[dict[str, Any]]:
    value = strict_json(text) if isinstance(text, str) else None
    frames: list[Any] = value if type(value) is list else [value]
    for frame in frames:
        field_of(frame, "type", str)
    return frames
