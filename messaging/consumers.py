"""The WebSocket consumer at /ws/: it translates frames into commands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import structlog
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from accounts.intrusion import places
from accounts.intrusion.raising import signal
from accounts.intrusion.refusals import kind_of
from accounts.sign_in.user_agents import place_of
from chatsite.lib import metrics, ratelimit
from chatsite.lib.errors import ChatError, SignInNeeded, TooMany, Unavailable
from chatsite.lib.ws_framing import EXTENSION
from messaging.live import frames
from messaging.live.commands import Actor
from messaging.live.connection import Connection
from messaging.live.handshake import (
    AUTH_WITHIN,
    LATE,
    Claim,
    CloseConnection,
    Handshake,
    check_frame,
)
from messaging.live.hub import Hub
from messaging.live.lifecycle import get_hub
from messaging.live.socket_slots import SocketSlots, TooManySockets

FLOOD, FAILED = 4429, 1011
CROWDED = "too many sockets"
MAX_BAD = 20  # a minute
log = logging.getLogger(__name__)

Frame = dict[str, Any]
Handler = Callable[["ChatConsumer", Actor, Frame], Awaitable[None]]


class ChatConsumer(AsyncWebsocketConsumer):
    """One socket: authenticates it, then answers its frames until it closes.

    The hub writes to it through a `Connection`. Under uvicorn, frames that many sockets share are
    written by the scope extension of `chatsite.lib.ws_framing`; under other servers by `send`.

    Args:
        hub: returns the hub of this process.
        auth_within: seconds within which a program must authenticate.
    """

    # The hub has one channel for the whole process. A channel per socket would be a subscription
    # each, and deliver every event once for each of them.
    channel_layer = None

    def __init__(
        self,
        *,
        hub: Callable[[], Awaitable[Hub]] = get_hub,
        auth_within: float = AUTH_WITHIN,
    ) -> None:
        super().__init__()
        self._get_hub = hub
        self._auth_within = auth_within
        self._actor: Actor | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._network = ""
        self._slot = AsyncExitStack()
        self._timer: asyncio.TimerHandle | None = None
        self._late = False

    # --- the life of a socket --------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Channels' `__call__` without its task per frame, which serves a channel beside."""
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self.scope, self.base_send = scope, send
        try:
            with suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        except asyncio.CancelledError:
            if not self._ended_by_us():
                raise
            task.uncancel()
            if self._late:
                await self.close(LATE)
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' `dispatch` without `aclose_old_connections`, a hop to a thread per message.

        All queries of a socket run in the hub's executor, which looks after its connections.
        """
        try:
            await getattr(self, get_handler_name(message))(message)
        except CloseConnection as closing:
            await self._hang_up(closing.code)
        except (StopConsumer, asyncio.CancelledError):
            raise
        except Exception as error:  # the database is unreachable; a traceback might quote a row
            log.error("socket.failed %s", type(error).__name__)
            await self._hang_up(FAILED)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        if self._actor is not None:
            self._actor.connection.gone()
        raise StopConsumer

    async def connect(self) -> None:
        self._hub = await self._get_hub()
        self._network = place_of("", (self.scope.get("client") or ("",))[0]).address
        await self._hub.arrivals.turn()
        await self.accept()
        self._handshake = Handshake(self.scope, self._hub.threads)
        if self._handshake.by_page:
            await self._enter(self._handshake.of_session())
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._auth_within, self._expire)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        text = check_frame(text_data)
        if self._actor is not None:
            await self._answer(self._actor, text)
        else:
            self._stop_timer()
            await self._hub.arrivals.turn()
            await self._enter(self._handshake.of_frame(text))

    async def _enter(self, claim: Claim) -> None:
        """Signs a socket in and registers it: it takes a slot of its account and receives `ready`.

        It takes a slot of its sign-in first, so that the many sockets of one sign-in are refused
        without a query each.
        """
        await self._take(self._hub.sign_in_slots, claim.sign_in)
        ref = await self._handshake.check(claim)
        await self._take(self._hub.slots, ref.uid)
        write = self.scope.get("extensions", {}).get(EXTENSION)
        connection = Connection(ref, self, write, ended=self._task.cancel)
        structlog.contextvars.bind_contextvars(connection=connection.sid)
        self._actor = Actor(self._hub, connection)
        if places.recent.is_new(ref.uid, self._network):
            self._in_background(self._hub.threads.run(places.note_place, ref.uid, self._network))
        await self._hub.add(connection)
        await self._actor.greet()

    async def _take(self, slots: SocketSlots, owner: str) -> None:
        """Holds a slot until the socket ends."""
        try:
            await self._slot.enter_async_context(slots.taken(owner))
        except TooManySockets:
            metrics.limited.labels("sockets").inc()
            await self.close(FLOOD, CROWDED)
            raise StopConsumer from None

    async def _hang_up(self, code: int) -> None:
        if self._actor is None:
            await self.close(code)
        else:
            self._actor.connection.close(code)
            await self._actor.connection.wait_closed()
        raise StopConsumer

    async def _leave(self) -> None:
        self._stop_timer()
        if self._actor is not None:
            self._hub.remove(self._actor.connection)
        await self._slot.aclose()

    def _expire(self) -> None:
        """Closes a socket that did not authenticate in time."""
        self._late = True
        self._task.cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _ended_by_us(self) -> bool:
        return self._late or (self._actor is not None and self._actor.connection.closed)

    # --- frames ----------------------------------------------------------------------------

    async def _answer(self, actor: Actor, text: str) -> None:
        """Answers one frame. A refusal becomes an error frame, and the socket stays open."""
        frame: Frame = {}
        try:
            actor.take_frame()
            await actor.check_alive()
            frame = frames.parse(text)
            handler = HANDLERS.get(frame["type"])
            if handler is None:
                raise frames.bad_frame("The frame's type is not known.")
            metrics.frames.labels(frame["type"]).inc()
            actor.check_scope(SCOPES.get(frame["type"]))
            await handler(self, actor, frame)
        except SignInNeeded:
            actor.connection.sign_out()
        except ChatError as problem:
            self._refuse(actor, frame, problem)
        except Exception as error:  # an engine is unreachable; a traceback might quote a row
            log.error("socket.failed %s", type(error).__name__)
            self._refuse(actor, frame, Unavailable())

    def _refuse(self, actor: Actor, frame: Frame, problem: ChatError) -> None:
        too_many = isinstance(problem, TooMany) and not frame
        if (too_many or problem.code == "bad_frame") and ratelimit.here.allow(
            f"rate_limit:{actor.connection.sid}:bad", MAX_BAD, 60
        ):
            raise CloseConnection(FLOOD)
        metrics.rejects.labels(problem.code).inc()
        self._count(actor, problem)
        actor.connection.push(frames.error(problem, **frames.about(frame)))

    def _count(self, actor: Actor, problem: ChatError) -> None:
        """Counts a refusal that is a signal of intrusion when it comes often."""
        kind = kind_of(problem)
        if kind is not None:
            told = partial(signal, kind, person=actor.uid, network=self._network)
            self._in_background(self._hub.threads.run(told))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _message_send(self, actor: Actor, frame: Frame) -> None:
        """Messages are admitted in order; each ack follows when its message is durable."""
        ack = await actor.send_message(frames.send_of(frame))
        self._in_background(self._push_ack(actor, frame, ack))

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
    "message_send": ChatConsumer._message_send,
    "typing_start": ChatConsumer._typing,
    "typing_stop": ChatConsumer._typing,
    "read": ChatConsumer._read,
    "resume": ChatConsumer._resume,
    "ping": ChatConsumer._ping,
}


SCOPES = dict.fromkeys(("message_send", "typing_start", "typing_stop"), "send")
"""The scope that a bot's token needs for a frame, beside `read`, which all have."""


class NoSuchSocket(AsyncWebsocketConsumer):
    """Refuses the handshake at any other path, without an error in the log."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close(code=4404)
