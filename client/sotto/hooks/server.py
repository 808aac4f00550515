"""A receiver of hooks: takes text or JSON by POST, and sends it into a room, sealed here.

It answers 202 once a message is on the disk. Each is then sent until the server has stored it, and
once: also after a restart, and while the server cannot be reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sotto.api import ApiError
from sotto.client import Client
from sotto.hooks.http import MOST_BODY, Head, Refusal, Request
from sotto.hooks.store import NOBODY, Hook, Spool, SpoolFull, Waiting
from sotto.hooks.text import NoText, text_of
from sotto.profile.private_dir import ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.room_errors import RoomError

WITHIN = 10.0  # seconds for a request
MOST_AT_ONCE = 50  # connections
AGAIN = 10.0  # seconds until a room that takes nothing now is tried again
SIGNED_OUT = 401


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
        return await asyncio.start_server(self._serve, host, port, limit=MOST_BODY)

    # --- taking ------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close the connection."""
        self._open += 1
        request = Request(reader)
        try:
            status, text = await self._answer(request)
            writer.write(request.answer(status, text))
            await asyncio.wait_for(writer.drain(), WITHIN)
        except (OSError, TimeoutError):
            pass  # the caller is gone
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, request: Request) -> tuple[int, str]:
        try:
            if self._open > MOST_AT_ONCE:
                raise Refusal(503, "Too many requests at a time. Try again.")
            async with asyncio.timeout(WITHIN):
                hook, media_type, body = await self._read(request)
            self.spool.put(hook.room, text_of(body, media_type, hook.template))
        except Refusal as refusal:
            return refusal.status, str(refusal)
        except NoText as problem:
            return 422, str(problem)
        except TimeoutError:
            return 408, "The request took too long."
        except SpoolFull:
            return 503, "Too many messages wait to be sent into this room. Try again later."
        except ProfileDirError:
            return 503, "The message could not be stored. Try again later."
        self._arrived.set()
        return 202, "It will be sent."

    async def _read(self, request: Request) -> tuple[Hook, str, bytes]:
        """The hook, the body's type and the body. The secret is checked before the body is read."""
        head = await request.head()
        hook = self._hook(head)
        if head.method != "POST":
            raise Refusal(405, "Post a text or JSON.")
        media_type, length = head.media_type, head.length
        body = await request.body()
        if len(body) != length:
            raise Refusal(400, "The request is incomplete.")
        return hook, media_type, body

    def _hook(self, head: Head) -> Hook:
        hook = self.hooks().get(head.path[1:], NOBODY)
        scheme, _, secret = head.headers.get("authorization", "").partition(" ")
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
        except (RoomError, WireError) as problem:
            self._hold(waiting.room, type(problem).__name__)
        else:
            return True
        return False

    def _hold(self, room: str, why: str) -> None:
        """Let a room's messages wait a while."""
        self._until[room] = asyncio.get_running_loop().time() + AGAIN
        self.note(f"{room[:8]}: messages wait ({why}). Trying again in {AGAIN:.0f} s.")
