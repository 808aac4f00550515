"""A receiver of hooks: takes text or JSON by POST, and sends it into a room, sealed here.

It answers 202 once a message is on the disk. Each is then sent until the server has stored it, and
once: also after a restart, and while the server cannot be reached.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sotto.api import ApiError
from sotto.client import Client
from sotto.hook_store import NOBODY, Hook, Spool, SpoolFull, Waiting
from sotto.hook_text import NoText, text_of
from sotto.private_dir import ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.room import Closed, FormerMember, Frozen, NewerVersion, UnapprovedKeys

MOST_BODY, MOST_HEAD = 64 * 1024, 8 * 1024  # bytes
WITHIN = 10.0  # seconds for a request
MOST_AT_ONCE = 50  # connections
AGAIN = 10.0  # seconds until a room that takes nothing now is tried again
REQUEST = re.compile(rb"([A-Z]{1,16}) (/[!-~]{0,1024}) HTTP/1\.[01]")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~]*?)[ \t]*")
SIGNED_OUT = 401
REASONS = {
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Refusal(Exception):
    """An answer other than 202. The text is a sentence, and quotes nothing of the request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """The head of a request; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]

    @classmethod
    def parse(cls, head: bytes) -> Request:
        """Parse a head without its empty line. Raises Refusal."""
        first, *lines = head.split(b"\r\n")
        found = REQUEST.fullmatch(first)
        pairs = [HEADER.fullmatch(line) for line in lines]
        names = [pair[1].lower() for pair in pairs if pair is not None]
        if found is None or len(names) != len(lines) or len(set(names)) != len(names):
            raise Refusal(400, "That is no request that can be understood.")
        headers = {pair[1].decode().lower(): pair[2].decode() for pair in pairs if pair is not None}
        return cls(found[1].decode(), found[2].decode(), headers)

    @property
    def length(self) -> int:
        """The body's length in bytes. Raises Refusal."""
        text = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or not (text.isascii() and text.isdecimal()):
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


@dataclass
class HookServer:
    """Serves the hooks of a profile.

    Args:
        client: logged in.
        hooks: returns the hooks by name, read anew for each request.
        spool: where messages wait.
        note: is called with a line for the operator; it holds no text of a message.
    """

    client: Client
    hooks: Callable[[], dict[str, Hook]]
    spool: Spool
    note: Callable[[str], None]
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _open: int = 0
    _until: dict[str, float] = field(default_factory=dict)
    """Until when messages of rooms wait, in the loop's seconds."""

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Begin to take requests; returns the server, which the caller closes."""
        return await asyncio.start_server(self._serve, host, port, limit=MOST_HEAD)

    # --- taking ------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close the connection."""
        self._open += 1
        try:
            status, text = await self._answer(reader)
            writer.write(_response(status, text))
            await asyncio.wait_for(writer.drain(), WITHIN)
        except (OSError, TimeoutError):
            pass  # the caller is gone
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, str]:
        try:
            if self._open > MOST_AT_ONCE:
                raise Refusal(503, "Too many requests at a time. Try again.")
            async with asyncio.timeout(WITHIN):
                hook, request, body = await self._read(reader)
            self.spool.put(hook.room, text_of(body, request.media_type, hook.template))
        except Refusal as refusal:
            return refusal.status, str(refusal)
        except NoText as problem:
            return 422, str(problem)
        except TimeoutError:
            return 408, "The request took too long."
        except SpoolFull:
            return 503, "Too many messages wait to be sent. Try again later."
        except ProfileDirError:
            return 503, "The message could not be stored. Try again later."
        self._arrived.set()
        return 202, "It will be sent."

    async def _read(self, reader: asyncio.StreamReader) -> tuple[Hook, Request, bytes]:
        """The hook, and the request. The secret is checked before a byte of the body is read."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refusal(431, "The head of the request is too long.") from None
        except asyncio.IncompleteReadError:
            raise Refusal(400, "The request is incomplete.") from None
        request = Request.parse(head[:-4])
        hook = self._hook(request)
        if request.method != "POST":
            raise Refusal(405, "Post a text or JSON.")
        _ = request.media_type
        try:
            return hook, request, await reader.readexactly(request.length)
        except asyncio.IncompleteReadError:
            raise Refusal(400, "The request is incomplete.") from None

    def _hook(self, request: Request) -> Hook:
        hook = self.hooks().get(request.path[1:], NOBODY)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if not hook.knows(secret) or not secret or scheme.lower() != "bearer" or hook is NOBODY:
            raise Refusal(401, "Show the hook's secret: Authorization: Bearer …")
        return hook

    # --- sending -----------------------------------------------------------------------------

    async def deliver(self) -> None:
        """Send what waits, and what comes, the oldest first. A room that takes nothing now keeps
        the messages of no other waiting.

        Raises:
            ApiError: the account was signed out.
        """
        while True:
            self._arrived.clear()
            now = asyncio.get_running_loop().time()
            held = {room for room, until in self._until.items() if until > now}
            waiting = self.spool.oldest(held)
            if waiting is not None:
                if await self._sent(waiting):
                    self.spool.done(waiting.file)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN if held else None):
                    await self._arrived.wait()

    async def _sent(self, waiting: Waiting) -> bool:
        """Try to send a message; returns whether it is stored."""
        try:
            content = {"t": "text", "body": waiting.text}
            await self.client.session.manager.send(waiting.room, content, cid=waiting.cid)
        except ApiError as error:
            if error.status == SIGNED_OUT:
                raise
            self._hold(waiting.room, error.code)
        except (Closed, FormerMember, Frozen, NewerVersion, UnapprovedKeys, WireError) as problem:
            self._hold(waiting.room, type(problem).__name__)
        else:
            return True
        return False

    def _hold(self, room: str, why: str) -> None:
        """Let a room's messages wait a while."""
        self._until[room] = asyncio.get_running_loop().time() + AGAIN
        self.note(f"{room[:8]}: messages wait ({why}). Trying again in {AGAIN:.0f} s.")


def _response(status: int, text: str) -> bytes:
    body = f"{text}\n".encode()
    lines = [
        f"HTTP/1.1 {status} {REASONS[status]}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    if status == 503:
        lines.append("Retry-After: 30")
    if status == 401:
        lines.append("WWW-Authenticate: Bearer")
    return "\r\n".join([*lines, "", ""]).encode() + body
