"""The open rooms of an account, and what the socket says about them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sotto.api import Api, ApiError, part
from sotto.feed import Feed
from sotto.logbook import Clock, Logbook
from sotto.room import Frozen, Me, Message, NewerVersion, Room
from sotto.sending import Sender
from sotto.stream import Connect, Stream, connect
from sotto.trust import Trust

HAND_OVER_WITHIN = 3.0  # seconds, so that not all who hold a key answer at once


class Desk:
    """`inbox` holds messages that came after their room was opened, and rooms' failures."""

    def __init__(
        self, url: str, api: Api, me: Me, trust: Trust, clock: Clock, connect: Connect = connect
    ) -> None:
        self.api = api
        self.me = me
        self.trust = trust
        self.clock = clock
        self.logbook = Logbook(api, me, trust, clock)
        self.inbox: asyncio.Queue[Message | Exception] = asyncio.Queue()
        self._rooms: dict[str, Room] = {}
        self._senders: dict[str, Sender] = {}
        self._opening = asyncio.Lock()
        self._given: set[tuple[str, int, str]] = set()
        self._helpers: set[asyncio.Task[None]] = set()
        self._stream = Stream(url, api, self._handle, self._lost, connect)

    async def start(self) -> None:
        self._stream.start()
        await self._stream.wait_ready()

    async def close(self) -> None:
        for task in self._helpers:
            task.cancel()
        await self._stream.close()

    async def room(self, id_: str) -> Room:
        """A room, read and checked from its beginning at the first call."""
        async with self._opening:
            room = self._rooms.get(id_)
            if room is None:
                room = Room(id_, self.me, self.trust)
                await self.logbook.sync(room)
                await self.logbook.sync_keys(room)
                await Feed(self.api, self.logbook, room).catch_up()
                self._rooms[id_] = room
                self._senders[id_] = Sender(room, self.logbook, self._stream)
        return room

    def forget(self, room: str) -> None:
        self._rooms.pop(room, None)
        self._senders.pop(room, None)

    async def send(self, room: str, content: dict[str, Any]) -> int:
        await self.room(room)
        return await self._senders[room].send(content)

    async def catch_up(self, room: Room) -> None:
        self._deliver(await Feed(self.api, self.logbook, room).catch_up())

    def _deliver(self, messages: list[Message]) -> None:
        for message in messages:
            self.inbox.put_nowait(message)

    # --- frames -----------------------------------------------------------------------------

    def _lost(self) -> None:
        for sender in self._senders.values():
            sender.disconnected()

    async def _handle(self, frame: dict[str, Any]) -> None:
        """One frame. What a room cannot survive goes to the inbox; the other rooms go on."""
        handler = _HANDLERS.get(frame["type"])
        if handler is None:
            return
        try:
            await handler(self, frame)
        except (Frozen, NewerVersion) as failure:
            self.inbox.put_nowait(failure)

    def _known(self, frame: dict[str, Any]) -> Room | None:
        return self._rooms.get(part(frame, "room", str))

    async def _ready(self, frame: dict[str, Any]) -> None:
        self.clock.set(frame.get("now"))
        heads = part(frame, "heads", dict)
        for room in list(self._rooms.values()):
            if room.id not in heads:
                self.forget(room.id)
            elif not room.frozen and not room.newer:
                await self._log_moved({"room": room.id})
        resume = {room.id: room.last for room in self._rooms.values()}
        if resume:
            await self._stream.send({"type": "resume", "rooms": resume})
        self._stream.ready.set()

    async def _messages(self, frame: dict[str, Any]) -> None:
        room = self._known(frame)
        if room is not None and not room.frozen:
            feed = Feed(self.api, self.logbook, room)
            self._deliver(await feed.take(part(frame, "messages", list)))

    async def _reset(self, frame: dict[str, Any]) -> None:
        room = self._known(frame)
        if room is not None:
            await self.catch_up(room)

    async def _log_moved(self, frame: dict[str, Any]) -> None:
        room = self._known(frame)
        if room is None:
            return
        try:
            await self.logbook.sync(room)
        except ApiError as error:
            if error.code != "not_found":
                raise
            self.forget(room.id)
            return
        if room.state.e not in room.keys:
            await self._unlock(room)

    async def _unlock(self, room: Room) -> None:
        await self.logbook.sync_keys(room)
        self._deliver(room.unlock())

    async def _wraps(self, frame: dict[str, Any]) -> None:
        room, e, to = self._known(frame), part(frame, "e", int), part(frame, "to", str)
        if room is None:
            return
        self._given.add((room.id, e, to))
        if to == self.me.kid and e not in room.keys:
            await self._unlock(room)

    async def _key_request(self, frame: dict[str, Any]) -> None:
        room, uid, kid = self._known(frame), part(frame, "uid", str), part(frame, "kid", str)
        e = part(frame, "e", int)
        if room is None or e not in room.keys:
            return
        member = room.state.members.get(uid)
        entitled = member is not None and member.kid == kid and member.since <= e
        if entitled and self.trust.approved(uid, kid):
            self._given.discard((room.id, e, kid))
            self._spawn(self._hand_over(room, e, kid))

    async def _hand_over(self, room: Room, e: int, kid: str) -> None:
        await asyncio.sleep(random.uniform(0, HAND_OVER_WITHIN))  # noqa: S311 (no secret)
        still = any(member.kid == kid for member in room.state.members.values())
        if still and (room.id, e, kid) not in self._given:
            await self.logbook.give(room, [e], kid)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._helpers.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A hand-over that failed is asked for again; nothing here depends on it."""
        self._helpers.discard(task)
        if not task.cancelled():
            task.exception()

    async def _answer(self, frame: dict[str, Any]) -> None:
        sender = self._senders.get(str(frame.get("room")))
        if sender is not None and "cid" in frame:
            sender.answered(frame)


_HANDLERS: dict[str, Callable[[Desk, dict[str, Any]], Awaitable[None]]] = {
    "ready": Desk._ready,
    "message_receive": Desk._messages,
    "reset": Desk._reset,
    "resync": Desk._reset,
    "user_join": Desk._log_moved,
    "user_leave": Desk._log_moved,
    "room_event": Desk._log_moved,
    "wraps": Desk._wraps,
    "key_request": Desk._key_request,
    "ack": Desk._answer,
    "error": Desk._answer,
}
