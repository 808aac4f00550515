"""Signing a socket in: a page by its session, a program by its first frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from accounts.access import SessionRef, ref_of_session, ref_of_token, signed_token
from chatsite.lib.errors import ChatError, Unavailable
from chatsite.lib.origins import header_of
from messaging.live import frames
from messaging.live.connection import SIGNED_OUT
from messaging.live.executor import DatabaseExecutor

AUTH_WITHIN = 5.0  # seconds
LATE = 4408
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


@dataclass(frozen=True, slots=True)
class Claim:
    """Credentials of a socket, before the database is asked.

    Attributes:
        sign_in: equal for the sockets of one sign-in. It may be the key of a session: a secret.
        check: returns who that is.
    """

    sign_in: str = field(repr=False)
    check: Callable[[], SessionRef] = field(repr=False)


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

    def of_session(self) -> Claim:
        """The claim of a page.

        Raises:
            CloseConnection: the cookie names no session.
        """
        key = self._session.session_key if self._session is not None else None
        if not key:
            raise CloseConnection(SIGNED_OUT)
        return Claim(key, partial(ref_of_session, key))

    def of_frame(self, text: str) -> Claim:
        """The claim of a program, by the token in its first frame.

        Raises:
            CloseConnection: the frame holds no token that this site signed.
        """
        try:
            access = signed_token(_token_in(text))
        except ChatError:
            raise CloseConnection(SIGNED_OUT) from None
        return Claim(str(access.get("fam", "")), partial(ref_of_token, access))

    async def check(self, claim: Claim) -> SessionRef:
        """Return the person who makes a claim.

        Raises:
            CloseConnection: the sign-in has ended.
            Unavailable: the database cannot be reached.
        """
        try:
            return await self._executor.run(claim.check)
        except Unavailable:
            raise
        except ChatError:
            raise CloseConnection(SIGNED_OUT) from None


def _token_in(text: str) -> str:
    frame = frames.parse(text)
    frames.exact(frame, "token")
    token = frame["token"]
    if frame["type"] != "auth" or type(token) is not str or not token.isascii():
        raise frames.bad_frame("The first frame signs in.")
    return token
