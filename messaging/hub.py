"""The hub: one in each process. It knows this process's sockets, encodes an event once, and
writes the same text to every socket of the room.

Whatever comes over the bus is a doorbell that may be lost or come twice; the store is the truth.
A gap in a room's numbers, or a head that was not seen, makes the hub read what is missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import uuid4

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from accounts.access import session_alive
from chatsite.lib import live
from messaging import frames
from messaging.admission import Admission
from messaging.commit import Committer
from messaging.connection import Connection
from messaging.feed import REPAIR, Feed
from messaging.presence import Presence
from messaging.store import get_store
from messaging.store.base import Appended, Draft, MessageStore, Outcome, Row
from rooms.access import members_of, rooms_of

RECHECK = 30.0  # seconds
SIGNED_OUT = 4401
log = logging.getLogger(__name__)


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run what touches a database beside the event loop."""
    return await database_sync_to_async(function, thread_sensitive=False)(*arguments)


class Hub:
    """`start` and `stop` bracket its life in one event loop."""

    def __init__(self, store: MessageStore, *, recheck: float = RECHECK) -> None:
        self.id = uuid4().hex
        self.store = store
        self.admission = Admission(in_thread)
        self.committer = Committer(store, self._stored)
        self._recheck = recheck
        self._presence = Presence()
        self._connections: dict[Connection, set[str]] = {}
        self._rooms: dict[str, set[Connection]] = {}
        self._members: dict[str, frozenset[str]] = {}
        self._feeds: dict[str, Feed] = {}
        self._repairing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            raise RuntimeError("CHANNEL_LAYERS is not set")
        channel = await layer.new_channel("sotto")
        await layer.group_add(live.GROUP, channel)
        self._spawn(self._listen(layer, channel))
        self._spawn(self._keep_checking())

    async def stop(self) -> None:
        await self.committer.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- sockets ---------------------------------------------------------------------------

    async def add(self, connection: Connection) -> None:
        """Let a signed-in socket in: from here on it gets its rooms' events."""
        self._connections[connection] = set()
        heads = await in_thread(rooms_of, connection.ref.uid)
        for head in heads:
            await self._enter(connection, head.room)
        if self._presence.arrived(connection.ref.uid):
            await self._presence_changed(connection.ref.uid, on=True)

    async def remove(self, connection: Connection) -> None:
        for room in self._connections.pop(connection, set()):
            self._leave(connection, room)
        if self._presence.left(connection.ref.uid):
            await self._presence_changed(connection.ref.uid, on=False)

    def rooms_of(self, connection: Connection) -> set[str]:
        return self._connections.get(connection, set())

    async def _enter(self, connection: Connection, room: str) -> None:
        if room not in self._members:
            self._members[room] = await in_thread(members_of, room)
        if room not in self._feeds:
            head = (await in_thread(self.store.heads, [room]))[room]
            self._feeds.setdefault(room, Feed(room, head))
        if connection in self._connections:
            self._connections[connection].add(room)
            self._rooms.setdefault(room, set()).add(connection)

    def _leave(self, connection: Connection, room: str) -> None:
        here = self._rooms.get(room, set())
        here.discard(connection)
        self._connections.get(connection, set()).discard(room)
        if not here:
            for table in (self._rooms, self._members, self._feeds):
                table.pop(room, None)

    def online(self, room: str) -> list[str]:
        return self._presence.among(self._members.get(room, frozenset()))

    async def _presence_changed(self, uid: str, *, on: bool) -> None:
        for room, members in list(self._members.items()):
            if uid in members:
                self.tell(room, frames.encode("presence", room=room, online=self.online(room)))
        await self.ring("presence", uid=uid, on=on)

    def tell(self, room: str, event: str, *, but: str = "") -> None:
        """Write one encoded event to every socket of a room (but those of one person)."""
        for connection in self._rooms.get(room, ()):
            if connection.ref.uid != but:
                connection.push(event)

    # --- messages --------------------------------------------------------------------------

    def _stored(self, drafts: list[Draft], outcomes: list[Outcome]) -> None:
        """A batch is durable: out to this process's sockets, then ring the others."""
        by_room: dict[str, list[Row]] = {}
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if isinstance(outcome, Appended) and outcome.fresh:
                row = Row(outcome.seq, draft.h, draft.iv, draft.ct, draft.sig, draft.re)
                by_room.setdefault(draft.room, []).append(row)
        for room, rows in by_room.items():
            self.deliver(room, rows)
            self._spawn(self.ring("message", room=room, head=rows[-1].seq))

    def deliver(self, room: str, rows: list[Row]) -> None:
        """Give new rows to the room's sockets, in order; read from the store what is missing."""
        feed = self._feeds.get(room)
        if feed is None:
            return
        ready = feed.take(rows)
        if ready:
            messages = [row.as_dict() for row in ready]
            self.tell(room, frames.encode("message_receive", room=room, messages=messages))
        if feed.missing:
            self.repair(room)

    def repair(self, room: str) -> None:
        """Read what a room's feed lacks, once at a time."""
        if room not in self._repairing and room in self._feeds:
            self._repairing.add(room)
            self._spawn(self._repair(room))

    async def _repair(self, room: str) -> None:
        try:
            while (feed := self._feeds.get(room)) is not None:
                rows = await in_thread(lambda: self.store.page(room, after=feed.last, limit=REPAIR))
                self.deliver(room, rows)
                if len(rows) < REPAIR:
                    return
        except Exception as error:  # the store is away: the next doorbell or check tries again
            log.warning("hub.repair_failed %s", type(error).__name__)
        finally:
            self._repairing.discard(room)

    # --- the bus ---------------------------------------------------------------------------

    async def ring(self, kind: str, **fields: Any) -> None:
        """Tell the other processes."""
        await live.apublish(kind, origin=self.id, **fields)

    async def _listen(self, layer: Any, channel: str) -> None:
        while True:
            event = await layer.receive(channel)
            if event.get("origin") == self.id:
                continue
            try:
                await self._heard(event)
            except Exception as error:  # one bad doorbell must not end the listening
                log.warning("hub.event_failed %s %s", event.get("kind"), type(error).__name__)

    async def _heard(self, event: dict[str, Any]) -> None:
        kind, room = event["kind"], event.get("room", "")
        if kind == "message":
            feed = self._feeds.get(room)
            if feed is not None and feed.behind(event["head"]):
                self.repair(room)
        elif kind == "log":
            await self._log_moved(event)
        elif kind == "typing":
            name = "typing_start" if event["on"] else "typing_stop"
            self.tell(room, frames.encode(name, room=room, uid=event["uid"]), but=event["uid"])
        elif kind == "read":
            fields = {"room": room, "uid": event["uid"], "seq": event["seq"]}
            self.tell(room, frames.encode("read", **fields))
        elif kind == "wraps":
            self.tell(room, frames.encode("wraps", room=room, e=event["e"], to=event["to"]))
        elif kind == "key_request":
            asked = {key: event[key] for key in ("room", "e", "uid", "kid")}
            self.tell(room, frames.encode("key_request", **asked), but=event["uid"])
        elif kind == "revoked":
            self._revoke(event)

    async def _log_moved(self, event: dict[str, Any]) -> None:
        room, t = event["room"], event["t"]
        self.admission.room_changed(room)
        if room in self._members or t in ("create", "join"):
            await self._refresh(room)
        name = {"join": "user_join", "leave": "user_leave"}.get(t, "room_event")
        self.tell(room, frames.encode(name, room=room, event=event["event"], sig=event["sig"]))
        if t in ("join", "leave"):
            self.tell(room, frames.encode("presence", room=room, online=self.online(room)))
        await self._drop_former(room)

    async def _refresh(self, room: str) -> None:
        """Let in the sockets of who is a member now. Who was one leaves after the event."""
        members = await in_thread(members_of, room)
        for connection in list(self._connections):
            if connection.ref.uid in members and room not in self._connections[connection]:
                await self._enter(connection, room)
        if room in self._rooms:
            self._members[room] = members

    async def _drop_former(self, room: str) -> None:
        members = self._members.get(room)
        for connection in list(self._rooms.get(room, ())):
            if members is not None and connection.ref.uid not in members:
                self._leave(connection, room)

    def _revoke(self, event: dict[str, Any]) -> None:
        mark = event.get("session") or event.get("family")
        for connection in list(self._connections):
            if connection.ref.uid == event["uid"] and connection.ref.mark == mark:
                sign_out(connection)

    # --- what no doorbell may be trusted with ------------------------------------------------

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self._recheck)
            try:
                await self.check()
            except Exception as error:  # the database is away: look again next time
                log.warning("hub.check_failed %s", type(error).__name__)

    async def check(self) -> None:
        """Sign-ins, memberships and heads, read afresh."""
        for connection in list(self._connections):
            if not await in_thread(session_alive, connection.ref):
                sign_out(connection)
        for room in list(self._rooms):
            await self._refresh(room)
            await self._drop_former(room)
        await self._check_heads(list(self._feeds))

    async def _check_heads(self, rooms: Iterable[str]) -> None:
        heads = await in_thread(self.store.heads, list(rooms))
        for room, head in heads.items():
            feed = self._feeds.get(room)
            if feed is not None and feed.behind(head):
                self.repair(room)


def sign_out(connection: Connection) -> None:
    connection.finish(frames.encode("session_revoked"), SIGNED_OUT)


_hubs: dict[asyncio.AbstractEventLoop, asyncio.Task[Hub]] = {}


async def get_hub() -> Hub:
    """The hub of this process (of this event loop), started at the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = asyncio.ensure_future(_start())
    return await asyncio.shield(_hubs[loop])


async def _start() -> Hub:
    hub = Hub(get_store())
    await hub.start()
    return hub
