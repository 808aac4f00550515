"""The hub: one in each process. It knows this process's sockets, encodes an event once, and
writes the same text to every socket of the room.

Whatever comes over the bus is a doorbell that may be lost or come twice; the store is the truth.
A gap in a room's numbers, or a head that was not seen, makes the hub read what is missing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

from channels.layers import get_channel_layer

from accounts.access import alive_among
from chatsite.lib import metrics
from chatsite.lib.errors import NotFound
from chatsite.lib.prepared import text_frame
from messaging import frames
from messaging.admission import Admission
from messaging.bus import Bus
from messaging.commit import Committer
from messaging.connection import Connection
from messaging.elsewhere import Elsewhere, Nowhere
from messaging.ending import ENDS
from messaging.feed import Feed
from messaging.lobby import Lobby
from messaging.marks import ReadMarks
from messaging.presence import Announcer, Presence, pause
from messaging.rotation import Rotation
from messaging.search.actions import seal_what_is_full
from messaging.store.base import Appended, Draft, MessageStore, Outcome, Row
from messaging.threads import Threads
from messaging.together import Together
from messaging.watch import Watch
from rooms.signals import messages_gone

RECHECK = 30.0  # seconds
TURN = 0.05  # seconds
REPAIR = 200  # messages read at once
SIGNED_OUT = 4401
THREADS = 4
NEW_KEY = {"epoch", "remove", "reset"}  # log events that open a room
log = logging.getLogger(__name__)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """`start` and `stop` bracket its life in one event loop. `now` tells the time in ms,
    `ticks` seconds that never go back."""

    def __init__(
        self,
        store: MessageStore,
        *,
        recheck: float = RECHECK,
        now: Callable[[], int] = now_ms,
        ticks: Callable[[], float] = time.monotonic,
        pause: Callable[[int], float] = pause,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.store = store
        self.now = now
        self.ticks = ticks
        self.threads = Threads(THREADS, "hub")
        self._writer = Threads(1, "commit")
        self.committer = Committer(store, self._writer, self._stored)
        self.marks = ReadMarks(self._writer, self._read_moved)
        self.admission = Admission(self.threads, ticks)
        self.rotation = Rotation(store, self.threads, ticks)
        self._alive = Together(self.threads, alive_among, pause=0.02)
        self.watch = Watch(self._alive, lambda: self.ticks())
        self._lobby = Lobby(self.threads, store)
        self._presence = Presence()
        self._elsewhere = elsewhere or Nowhere()
        self._others: dict[str, frozenset[str]] = {}
        self._announcer = Announcer(self._announce)
        self._pause = pause
        self._bus = Bus(get_channel_layer(), self._heard)
        self._recheck = recheck
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        metrics.sockets.set_function(lambda: len(self._lobby.everybody()))
        metrics.rooms.set_function(lambda: len(self._lobby.feeds))
        metrics.outbox.set_function(lambda: sum(self._waiting()))
        metrics.behind.set_function(lambda: sum(many > 0 for many in self._waiting()))
        await self._bus.open()
        self._spawn(self._keep_checking())

    async def drain(self) -> None:
        """What has come is durable, and the acks have been handed to the network."""
        await self.committer.close()
        await asyncio.sleep(TURN)  # the senders' turn of the loop
        for connection in self._lobby.everybody():
            await connection.drained()

    async def stop(self) -> None:
        await self.committer.close()
        await self.marks.close()
        self._announcer.close()
        self.watch.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._elsewhere.close()
        await self._bus.close()
        self.threads.close()
        self._writer.close()

    def _waiting(self) -> list[int]:
        return [connection.waiting for connection in self._lobby.everybody()]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- sockets ---------------------------------------------------------------------------

    async def add(self, connection: Connection) -> None:
        """Let a signed-in socket in: from here on it gets its rooms' events."""
        uid = connection.ref.uid
        self.watch.begin(connection.ref)
        first = self._presence.arrived(uid)
        await self._lobby.add(connection)
        if first:
            self._presence_changed(self._lobby.rooms_of(connection))

    def remove(self, connection: Connection) -> None:
        """Forget a socket that was given to `add`, however that ended."""
        rooms = self._lobby.remove(connection)
        if self._presence.left(connection.ref.uid):
            self._presence_changed(rooms)

    def head(self, connection: Connection, room: str) -> int:
        """The newest number that a room's sockets have been given; NotFound to strangers."""
        feed = self._lobby.feeds.get(room)
        if feed is None or room not in self._lobby.rooms_of(connection):
            raise NotFound
        return feed.last

    async def read(self, room: str, *, after: int, limit: int) -> list[Row]:
        return await self.threads.run(partial(self.store.page, room, after=after, limit=limit))

    def tell(self, room: str, event: str, *, but: str = "") -> None:
        """Write one encoded event to every socket of a room (but those of one person)."""
        frame = text_frame(event)
        here = self._lobby.sockets(room)
        metrics.deliveries.inc(len(here))
        for connection in here:
            if connection.ref.uid != but:
                connection.share(event, frame)

    # --- presence, typing, read marks ------------------------------------------------------

    def online(self, room: str) -> list[str]:
        visible = self._lobby.visible(room)
        others = self._others.get(room, frozenset()) & visible
        return sorted(others.union(self._presence.among(visible)))

    def _presence_changed(self, rooms: Iterable[str]) -> None:
        for room in rooms:
            self._announcer.changed(room, after=self._pause(len(self._lobby.sockets(room))))

    def _announce(self, room: str) -> None:
        self._spawn(self._announce_everywhere(room))

    async def _announce_everywhere(self, room: str) -> None:
        await self._meet(room)
        self._tell_presence(room)
        await self._bus.ring("presence", room=room)

    async def _meet(self, room: str) -> bool:
        """Exchange with the other processes who is here; whether theirs have changed."""
        here = self._presence.among(self._lobby.visible(room))
        return self._others_are(room, await self._elsewhere.exchange(room, here))

    def _others_are(self, room: str, others: frozenset[str]) -> bool:
        changed = self._others.get(room, frozenset()) != others
        if others and room in self._lobby.feeds:
            self._others[room] = others
        else:
            self._others.pop(room, None)
        return changed

    def _tell_presence(self, room: str) -> None:
        self.tell(room, frames.encode("presence", room=room, online=self.online(room)))

    def typing(self, room: str, uid: str, *, on: bool) -> None:
        self._tell_typing(room, uid, on=on)
        self._spawn(self._bus.ring("typing", room=room, uid=uid, on=on))

    def _tell_typing(self, room: str, uid: str, *, on: bool) -> None:
        name = "typing_start" if on else "typing_stop"
        self.tell(room, frames.encode(name, room=room, uid=uid), but=uid)

    def _read_moved(self, room: str, uid: str, seq: int) -> None:
        self.tell(room, frames.encode("read", room=room, uid=uid, seq=seq))
        self._spawn(self._bus.ring("read", room=room, uid=uid, seq=seq))

    # --- messages --------------------------------------------------------------------------

    def _stored(self, drafts: list[Draft], outcomes: list[Outcome]) -> None:
        """A batch is durable: out to this process's sockets, then ring the others."""
        by_room: dict[str, list[Row]] = {}
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if isinstance(outcome, Appended) and outcome.fresh:
                sealed = (draft.h, draft.iv, draft.ct, draft.sig)
                row = Row(outcome.seq, *sealed, draft.re, files=draft.files)
                by_room.setdefault(draft.room, []).append(row)
                if draft.erase:
                    self._spawn(self._erased(draft.room, draft.erase))
        for room, rows in by_room.items():
            events = frames.messages(room, rows)
            metrics.messages.inc(len(rows))
            first, to = rows[0].seq, rows[-1].seq
            self._deliver(room, first, to, events)
            shape = self.store.index.shape
            if shape.segment(to + 1) > shape.segment(first):
                self._spawn(self._seal(room, to))
            if not self._bus.alone:
                ring = self._bus.ring("message", room=room, first=first, to=to, events=events)
                self._spawn(ring)

    async def _erased(self, room: str, seqs: tuple[int, ...]) -> None:
        """Others keep what was made from messages."""
        await self.threads.run(partial(messages_gone.send, None, room_id=room, seqs=seqs))

    async def _seal(self, room: str, head: int) -> None:
        """A segment of the search index is complete: beside the messages, never before an ack."""
        try:
            await self.threads.run(seal_what_is_full, self.store, room, head)
        except Exception as error:  # the store is away: whoever searches next does it
            log.warning("hub.seal_failed %s", type(error).__name__)

    def _deliver(self, room: str, first: int, to: int, events: list[str]) -> None:
        """Give new messages to the room's sockets, or read from the store what is missing."""
        feed = self._lobby.feeds.get(room)
        if feed is None:
            return
        if feed.take(first, to):
            for event in events:
                self.tell(room, event)
        self._repair_if_behind(room, feed)

    def heard_of(self, heads: dict[str, int]) -> None:
        """Rooms' newest numbers, read from the store: what has not come is fetched."""
        for room, head in heads.items():
            feed = self._lobby.feeds.get(room)
            if feed is not None:
                feed.heard_of(head)
                self._repair_if_behind(room, feed)

    def _repair_if_behind(self, room: str, feed: Feed) -> None:
        if feed.behind and not feed.repairing:
            feed.repairing = True
            metrics.repairs.inc()
            self._spawn(self._repair(room, feed))

    async def _repair(self, room: str, feed: Feed) -> None:
        try:
            while feed.behind and self._lobby.feeds.get(room) is feed:
                found = await self.read(room, after=feed.last, limit=REPAIR)
                rows = [row for row in found if row.seq > feed.last]
                if not rows:
                    return  # not there yet: the next doorbell or check asks again
                feed.last = rows[-1].seq
                for event in frames.messages(room, rows):
                    self.tell(room, event)
        except Exception as error:  # the store is away: the next doorbell or check asks again
            log.warning("hub.repair_failed %s", type(error).__name__)
        finally:
            feed.repairing = False

    # --- the bus ---------------------------------------------------------------------------

    async def _heard(self, event: dict[str, Any]) -> None:
        kind, room = event["kind"], event.get("room", "")
        if kind in TOLD:
            fields = {key: event[key] for key in TOLD[kind]}
            self.tell(room, frames.encode(kind, room=room, **fields))
        elif kind in HEARD:
            await HEARD[kind](self, room, event)

    async def _heard_messages(self, room: str, event: dict[str, Any]) -> None:
        self._deliver(room, event["first"], event["to"], event["events"])

    async def _heard_typing(self, room: str, event: dict[str, Any]) -> None:
        self._tell_typing(room, event["uid"], on=event["on"])

    async def _heard_presence(self, room: str, event: dict[str, Any]) -> None:
        here = room in self._lobby.feeds
        if here and self._others_are(room, await self._elsewhere.read(room)):
            self._tell_presence(room)

    async def _heard_key_request(self, room: str, event: dict[str, Any]) -> None:
        asked = {key: event[key] for key in ("e", "uid", "kid")}
        self.tell(room, frames.encode("key_request", room=room, **asked), but=event["uid"])

    async def _heard_accepted(self, room: str, event: dict[str, Any]) -> None:
        if await self._lobby.refresh(room):
            self._presence_changed([room])

    async def _heard_summary(self, room: str, event: dict[str, Any]) -> None:
        """One's own request has ended, or somebody has shared a summary with the room."""
        if not event["rid"]:
            self.tell(room, frames.encode("summary_ready", room=room))
            return
        ready = frames.encode("summary_ready", room=room, rid=event["rid"])
        for connection in self._lobby.of_person(event["uid"]):
            connection.push(ready)

    async def _heard_identity(self, room: str, event: dict[str, Any]) -> None:
        for connection in self._lobby.of_person(event["uid"]):
            connection.push(frames.encode("identity", uid=event["uid"]))

    async def _heard_log(self, room: str, event: dict[str, Any]) -> None:
        """Who came in hears of it, and so does, for the last time, who left."""
        t = event["t"]
        self.admission.room_changed(room)
        if t in NEW_KEY:
            self.rotation.renewed(room)
        if t in ENDS:
            self._spawn(self._end(ENDS[t], event))
        changed = await self._lobby.refresh(room)
        name = {"join": "user_join", "leave": "user_leave"}.get(t, "room_event")
        self.tell(room, frames.encode(name, room=room, event=event["event"], sig=event["sig"]))
        self._lobby.drop_former(room)
        if changed:
            self._presence_changed([room])

    async def _end(self, end: Callable[[MessageStore, dict[str, Any]], None], event: Any) -> None:
        """Once more after the room's own receiver, behind the messages that were being written."""
        try:
            await self._writer.run(end, self.store, event)
        except Exception as error:  # the store is away
            log.error("hub.end_failed %s", type(error).__name__)

    async def _heard_revoked(self, room: str, event: dict[str, Any]) -> None:
        """One sign-in has ended; if none is named, all of the person's, `but` perhaps one."""
        ended, stays = event.get("sign_in"), event.get("but")
        for connection in self._lobby.of_person(event["uid"]):
            here = connection.ref.sign_in
            if ended in (None, here) and here != stays:
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
        await self._bus.join()
        here = self._lobby.everybody()
        asked = [self._alive.later(connection.ref) for connection in here]
        for connection, answer in zip(here, asked, strict=True):
            if not await answer:
                sign_out(connection)
        for room in [*self._lobby.feeds, *await self._lobby.unheard_of()]:
            if await self._lobby.refresh(room):
                self.admission.room_changed(room)
                self._lobby.drop_former(room)
                self._presence_changed([room])
            if await self._meet(room):
                self._tell_presence(room)
        self.heard_of(await self.threads.run(self.store.heads, list(self._lobby.feeds)))


TOLD = {"read": ("uid", "seq"), "wraps": ("e", "to"), "knock": ("uid",)}
HEARD: dict[str, Callable[[Hub, str, dict[str, Any]], Coroutine[Any, Any, None]]] = {
    "message": Hub._heard_messages,
    "log": Hub._heard_log,
    "typing": Hub._heard_typing,
    "presence": Hub._heard_presence,
    "key_request": Hub._heard_key_request,
    "accepted": Hub._heard_accepted,
    "identity": Hub._heard_identity,
    "summary": Hub._heard_summary,
    "revoked": Hub._heard_revoked,
}


def sign_out(connection: Connection) -> None:
    connection.close(SIGNED_OUT, frames.encode("session_revoked"))
