"""The open rooms of a logged-in account, kept up to date by the socket."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

from sotto.api import Api, ApiError
from sotto.blocks import Blocks
from sotto.chain import Tip
from sotto.former_rooms import FormerRooms
from sotto.keys.key_handover import KeyHandover, KeyRequest
from sotto.keys.rotation import repair
from sotto.keys.trust import Trust
from sotto.log_api import Clock, LogApi
from sotto.message_reader import MessageReader, Progress
from sotto.profile.persistence import Persistence
from sotto.protocol.encoding import WireError, field_of
from sotto.room import Me, Message, Room
from sotto.room_errors import FormerMember, Frozen, NewerVersion, RoomFailure, UnapprovedKeys
from sotto.sender import Sender
from sotto.stream import Connect, Stream, connect

LOOK_AGAIN = 60.0  # seconds, in a room that is written to and not read
REPAIR_AFTER = (1.0, 5.0)  # seconds, at random, so that the member who rotated can do it first


class RoomManager:
    """Opens rooms, sends into them and delivers what arrives.

    `inbox` holds messages that arrived after their room was read, the failures of rooms, and those
    of the account.

    Args:
        handle: is called with this manager and each frame of the socket.
    """

    def __init__(
        self,
        url: str,
        api: Api,
        me: Me,
        trust: Trust,
        clock: Clock,
        handle: Callable[[RoomManager, dict[str, Any]], Awaitable[None]],
        connect: Connect = connect,
        persistence: Persistence | None = None,
    ) -> None:
        self.api = api
        self.me = me
        self.trust = trust
        self.clock = clock
        self.log_api = LogApi(api, me, trust, clock)
        self.blocks = Blocks(api)
        self.inbox: asyncio.Queue[Message | RoomFailure | Exception] = asyncio.Queue()
        self.progress: Progress | None = None
        """Is called while a room's messages are read."""
        self.on_stop: Callable[[Room], None] = lambda room: None
        """Is called when the operator has stopped a room, or let it go on."""
        self.follows_new_rooms = False
        """True if rooms that appear later are opened, too."""
        self.rooms: dict[str, Room] = {}
        self.senders: dict[str, Sender] = {}
        self.handover = KeyHandover(self._hand_over)
        self._persistence = persistence or Persistence(None, trust)
        self.former = FormerRooms(self.log_api, self._persistence)
        self._read: set[str] = set()
        self._looked: dict[str, float] = {}
        """When a room that is not read was looked at last, in the loop's seconds."""
        self._since: dict[str, int] = {}
        """The newest seq when a room that is not read was first written to."""
        self._loading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.stream = Stream(url, api, partial(handle, self), self._disconnected, connect)
        self.stream.failed = self.inbox.put_nowait

    async def start(self) -> None:
        """Connect the socket; returns once it is ready."""
        self.stream.start()
        await self.stream.wait_ready()

    async def close(self) -> None:
        """Stop background work, disconnect and save."""
        for task in self._tasks:
            task.cancel()
        await self.stream.close()
        await self._persistence.close()

    # --- rooms ------------------------------------------------------------------------------

    async def overview(self) -> list[dict[str, Any]]:
        """The server's list of rooms, unverified."""
        rooms: list[dict[str, Any]] = []
        async for page in self.api.pages("chatrooms"):
            self.clock.set(page.get("now"))
            rooms += field_of(page, "rooms", list)
        for item in rooms:
            self.note_stop(field_of(item, "id", str), stopped=item.get("stopped") is True)
        return rooms

    def note_stop(self, room: str, *, stopped: bool) -> None:
        """Record whether the operator has stopped a room: the server's word."""
        known = self.rooms.get(room)
        if known is not None and known.stopped != stopped:
            known.stopped = stopped
            self.on_stop(known)

    async def load(self, room: str) -> Room:
        """A room whose log is verified from its beginning, which the first call does.

        Raises:
            Frozen: verification failed. What was verified is `cached`.
            FormerMember: the log says that the account is no longer a member.
        """
        async with self._loading:
            return self.rooms.get(room) or await self._load(room)

    async def _load(self, id_: str) -> Room:
        room = Room(id_, self.me, self.trust)
        room.now = self.clock.agreed
        chain = self._persistence.restore(room)
        try:
            await self.log_api.sync(room)
        except NewerVersion:
            pass
        except Frozen:
            if room.log_seq >= 0:  # what was verified stays readable
                self._keep(room, chain)
            raise
        self._keep(room, chain)
        room.restore_keys()
        self._persistence.track(room, self.senders[id_])
        self._require_member(room)
        self.former.drop(id_)
        room.forget_older_profile()
        if room.missing_epochs() or (room.state.h and room.profile is None):
            await self.log_api.sync_keys(room)
        self.schedule_repair(room)
        return room

    def _keep(self, room: Room, chain: Tip | None) -> None:
        self.rooms[room.id] = room
        self.senders[room.id] = Sender(room, self.log_api, self.stream, self.blocks, chain)

    async def _load_usable(self, room: str) -> Room:
        """A loaded room that the account is in. Raises Frozen, FormerMember."""
        loaded = await self.load(room)
        if loaded.frozen:
            raise Frozen(loaded.frozen)
        self._require_member(loaded)
        return loaded

    async def open(self, room: str) -> Room:
        """A loaded room whose messages are read.

        Raises:
            Frozen: verification failed.
            FormerMember: the account is no longer a member.
        """
        loaded = await self._load_usable(room)
        if room not in self._read:
            await MessageReader(self.api, self.log_api, loaded, self.progress).catch_up()
            self._read.add(room)
            self._deliver_since(loaded)
        return loaded

    def _deliver_since(self, room: Room) -> None:
        """Deliver what came since the room was first written to: an answer may be among it."""
        since = self._since.pop(room.id, None)
        if since is not None:
            self.deliver([message for message in room.messages if message.seq > since])

    async def look(self, room: str) -> Room:
        """A loaded room that can be written to. Its newest messages are compared with those that
        earlier runs know; the others are not read.

        Raises:
            Frozen: verification failed.
            FormerMember: the account is no longer a member.
        """
        loaded = await self._load_usable(room)
        now = asyncio.get_running_loop().time()
        if room not in self._read and now - self._looked.get(room, -LOOK_AGAIN) >= LOOK_AGAIN:
            await MessageReader(self.api, self.log_api, loaded, self.progress).look()
            self._looked[room] = now
            self._since.setdefault(room, loaded.highest[0])
        return loaded

    def _require_member(self, room: Room) -> None:
        """Forget a room that the account is no longer a member of, and raise FormerMember."""
        try:
            room.check_member()
        except FormerMember:
            self.forget(room.id)
            raise

    def cached(self, room: str) -> Room:
        """A room as it is here, without asking the server.

        Raises:
            KeyError: it was never loaded.
        """
        return self.rooms[room]

    def has(self, room: str) -> bool:
        """True if a room was loaded."""
        return room in self.rooms

    def is_read(self, room: Room) -> bool:
        """True if a room's messages were read."""
        return room.id in self._read

    def schedule_save(self) -> None:
        """Save soon: something worth keeping has changed."""
        self._persistence.schedule_save()

    def fail(self, room: str, why: Exception) -> None:
        """Tell those who follow a room why they cannot any longer."""
        self.inbox.put_nowait(RoomFailure(room, why))

    def forget(self, room: str) -> None:
        """Drop a room that the account is no longer a member of."""
        known = self.rooms.pop(room, None)
        if known is not None:
            self.former.add(known)
        sender = self.senders.pop(room, None)
        if sender is not None:
            sender.end()
        self._read.discard(room)
        self._looked.pop(room, None)
        self._since.pop(room, None)
        self._persistence.untrack(room)

    def erase(self, room: str) -> None:
        """Drop all that is kept of a room, its keys included."""
        self.forget(room)
        self.former.drop(room)
        self._persistence.erase(room)

    async def accept_server_version(self, room: str) -> Room:
        """Discard the verified state of a room, except its keys, and open it as a new device."""
        self._persistence.reset(room)
        self.forget(room)
        self.former.drop(room)
        return await self.open(room)

    # --- messages ---------------------------------------------------------------------------

    async def send(self, room: str, content: dict[str, Any], *, cid: str = "") -> int:
        """Send a message; returns its seq. `cid`: as of `Sender.send`."""
        await self.look(room)
        seq = await self.senders[room].send(content, cid=cid)
        self.schedule_save()
        return seq

    async def catch_up(self, room: Room) -> None:
        """Read messages that the room lacks from the server.

        Raises:
            FormerMember: the account is no longer a member, as the log says.
        """
        try:
            self.deliver(await MessageReader(self.api, self.log_api, room).catch_up())
        except ApiError as error:
            if error.code == "not_found":  # only the log proves why
                await self.log_api.sync(room)
                self._require_member(room)
            raise

    async def receive_rows(self, room: Room, rows: list[Any]) -> None:
        """Read messages that the socket brought."""
        self.deliver(await MessageReader(self.api, self.log_api, room).receive(rows))

    def deliver(self, messages: list[Message]) -> None:
        """Put messages into the inbox."""
        for message in messages:
            self.inbox.put_nowait(message)
        self.schedule_save()

    # --- background work ----------------------------------------------------------------------

    def schedule_overview(self) -> None:
        """Soon learn which rooms the operator stopped while this was not connected."""
        self._spawn(self._overview)

    async def _overview(self) -> None:
        await self.overview()

    def schedule_repair(self, room: Room) -> None:
        """Soon complete what the author of the present epoch left undone."""
        self._spawn(partial(self._repair, room))

    async def _repair(self, room: Room) -> None:
        await asyncio.sleep(random.uniform(*REPAIR_AFTER))  # noqa: S311 (no secret)
        if not room.frozen and not room.newer:
            await repair(self.log_api, room)

    def schedule_handover(self, room: Room, e: int, kid: str) -> None:
        """Soon give the key of epoch `e` to the identity `kid`, unless somebody else does."""
        if self.handover.request(KeyRequest(room.id, e, kid)):
            self._spawn(self.handover.answer)

    async def _hand_over(self, requests: list[KeyRequest]) -> None:
        """One HTTP request per room for all that was requested together."""
        for id_ in {request.room for request in requests}:
            room = self.rooms.get(id_)
            if room is not None:
                kids = {member.kid for member in room.state.members.values()}
                wanted = [(r.e, r.kid) for r in requests if r.room == id_ and r.kid in kids]
                await self.log_api.share_wraps(room, wanted)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self, work: Callable[[], Awaitable[None]]) -> None:
        """Ignore failures: members ask again for keys they lack, and nothing here depends on it."""
        with suppress(ApiError, WireError, Frozen, NewerVersion, UnapprovedKeys):
            await work()

    def _disconnected(self) -> None:
        self.blocks.forget()
        for sender in self.senders.values():
            sender.disconnected()
