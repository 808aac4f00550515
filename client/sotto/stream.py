"""The socket: frames in and out, connected again whenever it breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from sotto.api import Api, ApiError
from sotto.encoding import WireError, strict_json

MAX_FRAME = 8 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds
SIGNED_OUT = 4401

Handler = Callable[[dict[str, Any]], Awaitable[None]]


class Stream:
    """Hands each frame to `handler`, in order. A `ready` frame follows every connection."""

    def __init__(self, url: str, api: Api, handler: Handler, lost: Callable[[], None]) -> None:
        scheme, _, rest = url.rstrip("/").partition("://")
        self._url = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/ws/"
        self._api = api
        self._handler = handler
        self._lost = lost
        self._connection: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    @property
    def failure(self) -> BaseException | None:
        """What ended the stream for good, if anything did."""
        done = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._task.exception() if done and self._task is not None else None

    async def send(self, frame: dict[str, Any]) -> bool:
        """Whether it was written. What was written may still be lost: wait for an answer."""
        if self._connection is None:
            return False
        try:
            await self._connection.send(json.dumps(frame, separators=(",", ":")))
        except ConnectionClosed:
            return False
        return True

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with connect(self._url, max_size=MAX_FRAME, compression=None) as connection:
                    pause = FIRST_PAUSE
                    await self._serve(connection)
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code == SIGNED_OUT:
                    await self._renew()
            except (OSError, WebSocketException):
                pass
            finally:
                self._connection = None
                self._lost()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _serve(self, connection: ClientConnection) -> None:
        await connection.send(json.dumps({"type": "auth", "token": self._api.access}))
        self._connection = connection
        async for text in connection:
            for frame in _frames(text):
                await self._handler(frame)

    async def _renew(self) -> None:
        """The token may just be too old. If the account was signed out, this ends the stream."""
        try:
            await self._api.renew()
        except ApiError as error:
            if error.status == 401:
                raise


def _frames(text: str | bytes) -> list[dict[str, Any]]:
    value = strict_json(text) if isinstance(text, str) else None
    frames = value if type(value) is list else [value]
    if not all(type(frame) is dict and type(frame.get("type")) is str for frame in frames):
        raise WireError("not a frame")
    return frames
