"""The socket at /ws/: an ASGI application that translates frames into actions.

Not a Channels consumer class: those make a thread hop for every message they dispatch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.access import SessionRef, ref_of_session, ref_of_token
from chatsite.lib import ratelimit, wire
from chatsite.lib.errors import ChatError, SignInNeeded, TooMany, Unavailable
from messaging import frames
from messaging.actions import Actor
from messaging.connection import Connection
from messaging.hub import get_hub, in_thread, sign_out

AUTH_WITHIN = 5.0  # seconds
LATE, FLOOD, TOO_BIG, UNSUPPORTED = 4408, 4429, 1009, 1003
MAX_BAD = 20
log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Hangup(Exception):
    """Close with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Gone(Exception):
    """The peer has closed."""


class ChatSocket:
    """One socket: sign in, then frames until it closes."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._acks: set[asyncio.Task[None]] = set()

    @classmethod
    def as_asgi(cls) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
        async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            await cls(scope, receive, send).run()

        return application

    async def run(self) -> None:
        await self._receive()  # websocket.connect
        if not self._origin_is_ours():
            await self._send({"type": "websocket.close", "code": 4403})
            return
        await self._send({"type": "websocket.accept"})
        try:
            ref = await self._sign_in()
        except Hangup as hangup:
            await self._send({"type": "websocket.close", "code": hangup.code})
            return
        except Gone:
            return
        await self._serve(ref)

    def _origin_is_ours(self) -> bool:
        """Browsers always say where a page came from; a foreign one may not use our cookies."""
        origin = self._header(b"origin")
        if not origin:
            return True
        host = urlsplit(origin).netloc
        return origin == settings.PUBLIC_URL or host == self._header(b"host")

    def _header(self, name: bytes) -> str:
        found = [value for key, value in self._scope["headers"] if key == name]
        return found[0].decode("latin-1") if found else ""

    async def _sign_in(self) -> SessionRef:
        """By the session of a page, else by a token in the first frame."""
        key = self._scope["session"].session_key if self._header(b"origin") else None
        if key:
            try:
                return await in_thread(ref_of_session, key)
            except SignInNeeded:
                raise Hangup(4401) from None
        try:
            async with asyncio.timeout(AUTH_WITHIN):
                frame = frames.parse(await self._next())
        except TimeoutError:
            raise Hangup(LATE) from None
        except ChatError:
            raise Hangup(4401) from None
        if set(frame) != {"type", "token"} or frame["type"] != "auth":
            raise Hangup(4401)
        try:
            return await in_thread(ref_of_token, str(frame["token"]))
        except SignInNeeded:
            raise Hangup(4401) from None

    async def _next(self) -> str:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Gone
        text = event.get("text")
        if text is None:
            raise Hangup(UNSUPPORTED)
        if len(text) > frames.MAX_FRAME or len(text.encode()) > frames.MAX_FRAME:
            raise Hangup(TOO_BIG)
        return str(text)

    async def _serve(self, ref: SessionRef) -> None:
        hub = await get_hub()
        connection = Connection(ref, self._send)
        actor = Actor(hub, connection)
        await hub.add(connection)
        try:
            connection.push(await actor.hello())
            while not connection.closed:
                await self._answer(actor, await self._next())
        except Hangup as hangup:
            connection.close(hangup.code)
        except Gone:
            connection.closed = True
        finally:
            await hub.remove(connection)

    async def _answer(self, actor: Actor, text: str) -> None:
        """One frame. A refusal becomes an error frame; the rest of the connection goes on."""
        frame: dict[str, Any] = {}
        try:
            await actor.check_alive()
            actor.take("frames")
            frame = frames.parse(text)
            handler = HANDLERS.get(frame["type"])
            if handler is None:
                raise frames.bad_frame("The frame's type is not known.")
            await handler(self, actor, frame)
        except SignInNeeded:
            sign_out(actor.connection)
        except ChatError as problem:
            self._refuse(actor, frame, problem)
        except Exception as error:  # a store or database that is away; never a traceback
            log.error("socket.failed %s", type(error).__name__)
            self._refuse(actor, frame, Unavailable())

    def _refuse(self, actor: Actor, frame: dict[str, Any], problem: ChatError) -> None:
        if problem.code == "bad_frame" or isinstance(problem, TooMany):
            if ratelimit.allow(f"rate_limit:{actor.connection.sid}:bad", MAX_BAD, 60):
                raise Hangup(FLOOD)
        actor.connection.push(frames.error(problem, **_about(frame)))

    async def _message_send(self, actor: Actor, frame: dict[str, Any]) -> None:
        """Messages are admitted in order; their acks follow when they are durable."""
        ack = await actor.send_message(frames.send_of(frame))
        task = asyncio.create_task(self._push_ack(actor, frame, ack))
        self._acks.add(task)
        task.add_done_callback(self._acks.discard)

    async def _push_ack(self, actor: Actor, frame: dict[str, Any], ack: Awaitable[str]) -> None:
        try:
            actor.connection.push(await ack)
        except ChatError as problem:
            actor.connection.push(frames.error(problem, **_about(frame)))

    async def _typing(self, actor: Actor, frame: dict[str, Any]) -> None:
        frames.exact(frame, "room")
        await actor.typing(frames.room_of(frame), on=frame["type"] == "typing_start")

    async def _read(self, actor: Actor, frame: dict[str, Any]) -> None:
        await actor.read(*frames.read_of(frame))

    async def _resume(self, actor: Actor, frame: dict[str, Any]) -> None:
        await actor.resume(frames.resume_of(frame))

    async def _ping(self, actor: Actor, frame: dict[str, Any]) -> None:
        frames.exact(frame)
        actor.connection.push(await actor.pong())


def _about(frame: dict[str, Any]) -> dict[str, Any]:
    """What an error frame may name of the frame it answers: ids only."""
    about: dict[str, Any] = {}
    try:
        about["room"] = frames.room_of(frame)
    except (ChatError, KeyError, wire.BadWire):
        about["room"] = None
    if frame.get("type") == "message_send":
        about["cid"] = frames.cid_of(frame)
    return about


HANDLERS: dict[str, Callable[[ChatSocket, Actor, dict[str, Any]], Awaitable[None]]] = {
    "message_send": ChatSocket._message_send,
    "typing_start": ChatSocket._typing,
    "typing_stop": ChatSocket._typing,
    "read": ChatSocket._read,
    "resume": ChatSocket._resume,
    "ping": ChatSocket._ping,
}
