"""The open rooms of an account, and what the socket says about them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from sotto.api import Api, ApiError
from sotto.key_handover import Handover, Wanted
from sotto.log_api import Clock, Logbook
from sotto.message_reader import Feed, Progress
from sotto.persistence import Keeper
from sotto.protocol.encoding import WireError
from sotto.room import Frozen, Me, Message, NewerVersion, Room, UnapprovedKeys
from sotto.rotation import mend
from sotto.sender import Sender
from sotto.stream import Connect, Stream, connect
from sotto.trust import Trust

MEND_AFTER = (1.0, 5.0)  # seconds, so that who rotated may do it


class Desk:
    """`inbox` holds messages that came after their room was read, and rooms' failures. `handle`
    says what follows from a frame of the socket."""

    def __init__(
        self,
        url: str,
        api: Api,
        me: Me,
        trust: Trust,
        clock: Clock,
        handle: Callable[[Desk, dict[str, Any]], Awaitable[None]],
        connect: Connect = connect,
        keeper: Keeper | None = None,
    ) -> None:
        self.api = api
        self.me = me
        self.trust = trust
        self.clock = clock
        self.logbook = Logbook(api, me, trust, clock)
        self.inbox: asyncio.Queue[Message | Exception] = asyncio.Queue()
        self.progress: Progress | None = None
        """Is told how far reading a room's messages is."""
        self.following = False
        """Whether rooms that begin later are read, too."""
        self.rooms: dict[str, Room] = {}
        self.senders: dict[str, Sender] = {}
        self.handover = Handover(self._hand_over)
        self._keeper = keeper or Keeper(None, trust)
        self._read: set[str] = set()
        self._opening = asyncio.Lock()
        self._helpers: set[asyncio.Task[None]] = set()
        self.stream = Stream(url, api, partial(handle, self), self._lost, connect)

    async def start(self) -> None:
        self.stream.start()
        await self.stream.wait_ready()

    async def close(self) -> None:
        for task in self._helpers:
            task.cancel()
        await self.stream.close()
        await self._keeper.close()

    # --- rooms ------------------------------------------------------------------------------

    async def ledger(self, id_: str) -> Room:
        """A room whose log was read and checked from its beginning, at the first call.

        One that is frozen or of a newer version is there afterwards, as far as it is good.
        """
        async with self._opening:
            return self.rooms.get(id_) or await self._open(id_)

    async def _open(self, id_: str) -> Room:
        room = Room(id_, self.me, self.trust)
        tip = self._keeper.restore(room)
        try:
            await self.logbook.sync(room)
        except NewerVersion:
            pass
        finally:
            if room.log_seq >= 0:
                self.rooms[id_] = room
                self.senders[id_] = Sender(room, self.logbook, self.stream, tip)
        room.take_known_keys()
        await self.logbook.sync_keys(room)
        self._keeper.watch(room, self.senders[id_])
        self.mend_later(room)
        return room

    async def room(self, id_: str) -> Room:
        """The same, with its messages read. Frozen where it cannot be believed."""
        room = await self.ledger(id_)
        if room.frozen:
            raise Frozen(room.frozen)
        if id_ not in self._read:
            await Feed(self.api, self.logbook, room, self.progress).catch_up()
            self._read.add(id_)
        return room

    def held(self, id_: str) -> Room:
        """A room as it is here, whatever the server says; KeyError if it was never opened."""
        return self.rooms[id_]

    def has(self, id_: str) -> bool:
        return id_ in self.rooms

    def changed(self) -> None:
        """Something is worth keeping."""
        self._keeper.changed()

    def is_read(self, room: Room) -> bool:
        return room.id in self._read

    def forget(self, room: str) -> None:
        self.rooms.pop(room, None)
        sender = self.senders.pop(room, None)
        if sender is not None:
            sender.end()
        self._read.discard(room)
        self._keeper.forget(room)

    async def accept_server_version(self, id_: str) -> Room:
        """Drop what was known of a room, but for its keys, and begin anew as a new device."""
        self._keeper.forget(id_, for_good=True)
        self.forget(id_)
        return await self.room(id_)

    # --- messages ---------------------------------------------------------------------------

    async def send(self, room: str, content: dict[str, Any]) -> int:
        await self.room(room)
        seq = await self.senders[room].send(content)
        self.changed()
        return seq

    async def catch_up(self, room: Room) -> None:
        self.deliver(await Feed(self.api, self.logbook, room).catch_up())

    async def take(self, room: Room, rows: list[Any]) -> None:
        """Messages that came by themselves."""
        self.deliver(await Feed(self.api, self.logbook, room).take(rows))

    def deliver(self, messages: list[Message]) -> None:
        for message in messages:
            self.inbox.put_nowait(message)
        self.changed()

    # --- helpers in the background ------------------------------------------------------------

    def mend_later(self, room: Room) -> None:
        """If whoever began this epoch left something undone, do it."""
        self._spawn(partial(self._mend, room))

    async def _mend(self, room: Room) -> None:
        await asyncio.sleep(random.uniform(*MEND_AFTER))  # noqa: S311 (no secret)
        if not room.frozen and not room.newer:
            await mend(self.logbook, room)

    def hand_over_later(self, room: Room, e: int, kid: str) -> None:
        if self.handover.ask(Wanted(room.id, e, kid)):
            self._spawn(self.handover.answer)

    async def _hand_over(self, wanted: list[Wanted]) -> None:
        """What was asked for in a moment, in one request for each room."""
        for id_ in {one.room for one in wanted}:
            room = self.rooms.get(id_)
            if room is not None:
                kids = {member.kid for member in room.state.members.values()}
                asked = [(o.e, o.kid) for o in wanted if o.room == id_ and o.kid in kids]
                await self.logbook.give_all(room, asked)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._helpers.add(task)
        task.add_done_callback(self._helpers.discard)

    async def _quietly(self, work: Callable[[], Awaitable[None]]) -> None:
        """A hand-over that failed is asked for again; nothing here depends on it."""
        with suppress(ApiError, WireError, Frozen, NewerVersion, UnapprovedKeys):
            await work()

    def _lost(self) -> None:
        for sender in self.senders.values():
            sender.disconnected()
