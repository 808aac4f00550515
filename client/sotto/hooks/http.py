"""One HTTP request of a hook, read within limits. h11 parses it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import h11

MOST_BODY, MOST_HEAD = 64 * 1024, 8 * 1024  # bytes
READ = 4096  # bytes at a time
ONCE = (b"authorization", b"content-length", b"content-type")
"""Headers that are read, and may stand there once."""


class Refusal(Exception):
    """An answer other than 202. The text is a sentence, and quotes nothing of the request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def length(self) -> int:
        """The body's length in bytes. Raises Refusal."""
        text = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or not text:
            raise Refusal(411, "Say in Content-Length how long the body is.")
        if len(text) > 9 or int(text) > MOST_BODY:
            raise Refusal(413, f"A body has at most {MOST_BODY} bytes.")
        return int(text)

    @property
    def media_type(self) -> str:
        """The body's type. Raises Refusal."""
        found = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if found not in ("application/json", "text/plain"):
            raise Refusal(415, "Send application/json or text/plain.")
        return found


class Request:
    """A request on a connection that is closed after it: first its head, then its body."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)

    async def head(self) -> Head:
        """Read the head.

        Raises:
            Refusal: it is too long, malformed or incomplete.
        """
        event = await self._next()
        if not isinstance(event, h11.Request):
            raise Refusal(400, "The request is incomplete.")
        if sum(len(name) + len(value) + 4 for name, value in event.headers) > MOST_HEAD:
            raise Refusal(431, "The head of the request is too long.")
        names = [name for name, _ in event.headers]
        if any(names.count(name) > 1 for name in ONCE):
            raise Refusal(400, "That is no request that can be understood.")
        try:
            headers = {name.decode("ascii"): value.decode("ascii") for name, value in event.headers}
            return Head(event.method.decode("ascii"), event.target.decode("ascii"), headers)
        except UnicodeDecodeError:
            raise Refusal(400, "That is no request that can be understood.") from None

    async def body(self) -> bytes:
        """Read the body; its length was looked at before.

        Raises:
            Refusal: it is incomplete.
        """
        parts: list[bytes] = []
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise Refusal(400, "The request is incomplete.")
            parts.append(bytes(event.data))
        return b"".join(parts)

    def answer(self, status: int, text: str) -> bytes:
        """The bytes of an answer, after which the connection is closed."""
        body = f"{text}\n".encode()
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        if status == 503:
            headers.append(("Retry-After", "30"))
        if status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        # Another one: after a request that cannot be parsed, the parser of that one writes nothing.
        writer = h11.Connection(h11.SERVER)
        head = writer.send(h11.Response(status_code=status, headers=headers)) or b""
        return head + body

    async def _next(self) -> object:
        """The next event. Raises Refusal if the bytes are no HTTP request."""
        try:
            while (event := self._parser.next_event()) is h11.NEED_DATA:
                self._parser.receive_data(await self._reader.read(READ))
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == 431:
                raise Refusal(431, "The head of the request is too long.") from None
            raise Refusal(400, "That is no request that can be understood.") from None
        return event
