"""Signing a socket in: a page by its session, a program by its first frame."""

from __future__ import annotations

from typing import Any

from accounts.access import SessionRef, ref_of_session, ref_of_token
from chatsite.lib.errors import ChatError, Unavailable
from chatsite.lib.origins import header_of
from messaging.live import frames
from messaging.live.executor import DatabaseExecutor

AUTH_WITHIN = 5.0  # seconds
SIGNED_OUT, LATE = 4401, 4408
TOO_BIG, NOT_TEXT = 1009, 1003


class CloseConnection(Exception):
    """Close the socket with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def check_frame(text: str | None) -> str:
    """The text of a frame.

    Raises:
        CloseConnection: the frame is binary or too long.
    """
    if text is None:
        raise CloseConnection(NOT_TEXT)
    if len(text) > frames.MAX_FRAME or len(text.encode()) > frames.MAX_FRAME:
        raise CloseConnection(TOO_BIG)
    return text


class Handshake:
    """Authenticates a socket. Queries run in `executor`."""

    def __init__(self, scope: dict[str, Any], executor: DatabaseExecutor) -> None:
        self._executor = executor
        self._session = scope.get("session")
        self._by_page = bool(header_of(scope, b"origin"))

    @property
    def by_page(self) -> bool:
        """True if a page opened the socket: it signs in by its cookie's session.

        Programs send no Origin, and their cookies are ignored.
        """
        return self._by_page

    async def from_session(self) -> SessionRef:
        """Sign in by the session.

        Raises:
            CloseConnection: the cookie names no session, or one that has ended.
            Unavailable: the database cannot be reached.
        """
        key = self._session.session_key if self._session is not None else None
        if not key:
            raise CloseConnection(SIGNED_OUT)
        return await self._sign_in(ref_of_session, key)

    async def from_frame(self, text: str) -> SessionRef:
        """Sign in by the token in the first frame.

        Raises:
            CloseConnection: the frame holds no valid token.
            Unavailable: the database cannot be reached.
        """
        try:
            token = _token_in(text)
        except ChatError:
            raise CloseConnection(SIGNED_OUT) from None
        return await self._sign_in(ref_of_token, token)

    async def _sign_in(self, ref_of: Any, key: str) -> SessionRef:
        try:
            ref: SessionRef = await self._executor.run(ref_of, key)
        except Unavailable:
            raise
        except ChatError:
            raise CloseConnection(SIGNED_OUT) from None
        return ref


def _token_in(text: str) -> str:
    frame = frames.parse(text)
    frames.exact(frame, "token")
    token = frame["token"]
    if frame["type"] != "auth" or type(token) is not str or not token.isascii():
        raise frames.bad_frame("The first frame signs in.")
    return token
