"""Before a socket is anybody's: where it comes from, and who it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.access import SessionRef, ref_of_session, ref_of_token
from chatsite.lib.errors import ChatError, Unavailable
from messaging.live import frames
from messaging.live.executor import DatabaseExecutor

AUTH_WITHIN = 5.0  # seconds
ORIGIN_REFUSED, SIGNED_OUT, LATE = 4403, 4401, 4408
TOO_BIG, NOT_TEXT = 1009, 1003


class CloseConnection(Exception):
    """Close with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Disconnected(Exception):
    """The peer has closed."""


def origin_is_ours(scope: dict[str, Any]) -> bool:
    """Browsers always say where a page came from; a foreign one may not use our cookies.

    Programs send no Origin, and their cookies are not looked at.
    """
    origin = header_of(scope, b"origin")
    if not origin:
        return True
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = header_of(scope, b"host")
    if settings.HTTPS or origin != f"http://{host}":
        return False
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


def header_of(scope: dict[str, Any], name: bytes) -> str:
    found = [value for key, value in scope["headers"] if key == name]
    return b",".join(found).decode("latin-1")  # sent twice, it equals nothing


class Handshake:
    """The receiving half of a connection."""

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        auth_within: float = AUTH_WITHIN,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._auth_within = auth_within

    async def receive(self) -> str:
        """Returns the text of the next frame.

        Raises:
            CloseConnection: the frame is binary or too long.
            Disconnected: the client closed the connection.
        """
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Disconnected
        text = event.get("text")
        if text is None:
            raise CloseConnection(NOT_TEXT)
        if len(text) > frames.MAX_FRAME or len(text.encode()) > frames.MAX_FRAME:
            raise CloseConnection(TOO_BIG)
        return str(text)

    async def sign_in(self, threads: DatabaseExecutor) -> SessionRef:
        """By the session of a page, else by a token in the first frame."""
        try:
            if header_of(self._scope, b"origin") and (key := self._session_key()):
                return await threads.run(ref_of_session, key)
            return await threads.run(ref_of_token, await self._token())
        except Unavailable:
            raise  # whether the session has ended, nobody can say
        except ChatError:
            raise CloseConnection(SIGNED_OUT) from None

    def _session_key(self) -> str | None:
        session = self._scope.get("session")
        return session.session_key if session is not None else None

    async def _token(self) -> str:
        try:
            async with asyncio.timeout(self._auth_within):
                frame = frames.parse(await self.receive())
        except TimeoutError:
            raise CloseConnection(LATE) from None
        frames.exact(frame, "token")
        token = frame["token"]
        if frame["type"] != "auth" or type(token) is not str or not token.isascii():
            raise frames.bad_frame("The first frame signs in.")
        return token
