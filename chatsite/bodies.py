"""How long a request may be, seen to before Django puts all of it on the disk."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

FILE = re.compile(r"/api/v1/chatrooms/[^/]+/files/[^/]+")
TOO_LARGE = {"error": {"code": "too_large", "detail": "That is too large for this server."}}

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BodyLimit:
    """In front of an application: what says that it is too long is refused before it comes, and
    what turns out to be is cut off."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = _most(scope["path"])
        if _declared(scope) > most:
            await _refuse(send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise _TooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLarge:  # while reading: nothing was answered yet
            await _refuse(send)


class _TooLarge(Exception):
    pass


def _most(path: str) -> int:
    return settings.FILE_MOST if FILE.fullmatch(path) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _declared(scope: Scope) -> int:
    given = dict(scope["headers"]).get(b"content-length", b"0")
    return int(given) if given.isdigit() and len(given) < 20 else 0


async def _refuse(send: Send) -> None:
    text = json.dumps(TOO_LARGE).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(text)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text})
