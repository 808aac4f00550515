"""The socket at /ws/: an ASGI application that translates frames into actions.

Not a Channels consumer class: those make a thread hop for every message they dispatch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from accounts.access import SessionRef
from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import ChatError, SignInNeeded, TooMany, Unavailable
from chatsite.lib.ws_framing import EXTENSION, Write
from messaging.live import frames
from messaging.live.commands import Actor
from messaging.live.connection import Connection, Send
from messaging.live.handshake import (
    AUTH_WITHIN,
    ORIGIN_REFUSED,
    CloseConnection,
    Disconnected,
    Handshake,
    origin_is_ours,
)
from messaging.live.hub import Hub, sign_out
from messaging.live.lifecycle import get_hub
from messaging.live.socket_slots import TooManySockets

FLOOD, FAILED = 4429, 1011
CROWDED = "too many sockets"
MAX_BAD = 20  # a minute
log = logging.getLogger(__name__)

Frame = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Handler = Callable[["ChatSocket", Actor, Frame], Awaitable[None]]


class ChatSocket:
    """One socket: sign in, then frames until it closes."""

    def __init__(self, socket: Handshake, send: Send, hub: Hub, write: Write | None = None) -> None:
        self._socket = socket
        self._send = send
        self._write = write
        self._hub = hub
        self._acks: set[asyncio.Task[None]] = set()

    @classmethod
    def as_asgi(
        cls,
        *,
        hub: Callable[[], Awaitable[Hub]] = get_hub,
        auth_within: float = AUTH_WITHIN,
    ) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
        async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            await receive()  # websocket.connect
            if not origin_is_ours(scope):
                await send({"type": "websocket.close", "code": ORIGIN_REFUSED})
                return
            await send({"type": "websocket.accept"})
            socket = Handshake(scope, receive, auth_within)
            try:
                mine = await hub()
                ref = await socket.sign_in(mine.threads)
            except Disconnected:
                return
            except CloseConnection as close:
                await send({"type": "websocket.close", "code": close.code})
            except Exception as error:  # the database is away; never a traceback
                log.error("socket.failed %s", type(error).__name__)
                await send({"type": "websocket.close", "code": FAILED})
            else:
                write = scope.get("extensions", {}).get(EXTENSION)
                await cls(socket, send, mine, write).serve_in_slot(ref)

        return application

    async def serve_in_slot(self, ref: SessionRef) -> None:
        """`serve`, unless the account has too many sockets."""
        try:
            async with self._hub.slots.taken(ref.uid):
                await self.serve(ref)
        except TooManySockets:
            metrics.limited.labels("sockets").inc()
            await self._send({"type": "websocket.close", "code": FLOOD, "reason": CROWDED})

    async def serve(self, ref: SessionRef) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        connection = Connection(ref, self._send, self._write, ended=serving.cancel)
        structlog.contextvars.bind_contextvars(connection=connection.sid)
        try:
            await self._listen(connection)
            await connection.wait_closed()
        except asyncio.CancelledError:
            if not connection.closed:
                raise  # not by us
        finally:
            self._hub.remove(connection)

    async def _listen(self, connection: Connection) -> None:
        actor = Actor(self._hub, connection)
        try:
            await self._hub.add(connection)
            await actor.greet()
            while not connection.closed:
                await self._answer(actor, await self._socket.receive())
        except Disconnected:
            connection.gone()
        except CloseConnection as close:
            connection.close(close.code)
        except Exception as error:  # the database is away; never a traceback
            log.error("socket.failed %s", type(error).__name__)
            connection.close(FAILED)

    async def _answer(self, actor: Actor, text: str) -> None:
        """One frame. A refusal becomes an error frame; the rest of the connection goes on."""
        frame: Frame = {}
        try:
            actor.take_frame()
            await actor.check_alive()
            frame = frames.parse(text)
            handler = HANDLERS.get(frame["type"])
            if handler is None:
                raise frames.bad_frame("The frame's type is not known.")
            metrics.frames.labels(frame["type"]).inc()
            await handler(self, actor, frame)
        except SignInNeeded:
            sign_out(actor.connection)
        except ChatError as problem:
            self._refuse(actor, frame, problem)
        except Exception as error:  # a store or database that is away; never a traceback
            log.error("socket.failed %s", type(error).__name__)
            self._refuse(actor, frame, Unavailable())

    def _refuse(self, actor: Actor, frame: Frame, problem: ChatError) -> None:
        too_many = isinstance(problem, TooMany) and not frame
        if (too_many or problem.code == "bad_frame") and ratelimit.here.allow(
            f"rate_limit:{actor.connection.sid}:bad", MAX_BAD, 60
        ):
            raise CloseConnection(FLOOD)
        metrics.rejects.labels(problem.code).inc()
        actor.connection.push(frames.error(problem, **frames.about(frame)))

    async def _message_send(self, actor: Actor, frame: Frame) -> None:
        """Messages are admitted in order; their acks follow when they are durable."""
        ack = await actor.send_message(frames.send_of(frame))
        task = asyncio.create_task(self._push_ack(actor, frame, ack))
        self._acks.add(task)
        task.add_done_callback(self._acks.discard)

    async def _push_ack(self, actor: Actor, frame: Frame, ack: Awaitable[str]) -> None:
        try:
            actor.connection.push(await ack)
        except ChatError as problem:
            metrics.rejects.labels(problem.code).inc()
            actor.connection.push(frames.error(problem, **frames.about(frame)))

    async def _typing(self, actor: Actor, frame: Frame) -> None:
        frames.exact(frame, "room")
        actor.typing(frames.room_of(frame), on=frame["type"] == "typing_start")

    async def _read(self, actor: Actor, frame: Frame) -> None:
        actor.read(*frames.read_of(frame))

    async def _resume(self, actor: Actor, frame: Frame) -> None:
        await actor.resume(frames.resume_of(frame))

    async def _ping(self, actor: Actor, frame: Frame) -> None:
        frames.exact(frame)
        await actor.pong()


HANDLERS: dict[str, Handler] = {
    "message_send": ChatSocket._message_send,
    "typing_start": ChatSocket._typing,
    "typing_stop": ChatSocket._typing,
    "read": ChatSocket._read,
    "resume": ChatSocket._resume,
    "ping": ChatSocket._ping,
}
