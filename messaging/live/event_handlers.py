"""Applies the events of the bus to this process: its sockets, and what it knows of its rooms."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any, Protocol

from chatsite.lib.bus_events import (
    Event,
    IdentityPublished,
    KeyRequested,
    KeyWrapped,
    KnockChanged,
    LogAppended,
    MessagesGone,
    MessagesStored,
    PresenceChanged,
    ReadMoved,
    RequestAccepted,
    RequestMade,
    RoomEvent,
    RoomStopped,
    SignInEnded,
    SummaryChanged,
    TypingChanged,
)
from messaging.live import frames
from messaging.live.admission import Admission
from messaging.live.delivery import Delivery
from messaging.live.executor import DatabaseExecutor
from messaging.live.presence.tracker import PresenceTracker
from messaging.live.registry import ConnectionRegistry
from messaging.live.room_heads import RoomHeads
from messaging.live.rotation import Rotation
from messaging.receivers import ENDS
from messaging.store.base import MessageStore

log = logging.getLogger(__name__)


class Tell(Protocol):
    """Writes an encoded event to every socket of a room, except those of one person."""

    def __call__(self, room: str, event: str, *, but: str = "") -> None: ...


class EventHandlers:
    """`spawn` starts a background task; `writer` runs what follows the messages being written."""

    def __init__(
        self,
        store: MessageStore,
        writer: DatabaseExecutor,
        registry: ConnectionRegistry,
        *,
        presence: PresenceTracker,
        heads: RoomHeads,
        delivery: Delivery,
        admission: Admission,
        rotation: Rotation,
        tell: Tell,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._store = store
        self._writer = writer
        self._registry = registry
        self._presence = presence
        self._heads = heads
        self._delivery = delivery
        self._admission = admission
        self._rotation = rotation
        self._tell = tell
        self._spawn = spawn

    async def handle(self, event: Event) -> None:
        """Apply an event; kinds without a handler are ignored."""
        handler = HANDLERS.get(type(event))
        if handler is not None:
            await handler(self, event)

    # --- also of this process --------------------------------------------------------------

    def typing_changed(self, event: TypingChanged) -> None:
        """Tell a room's sockets that somebody types or stops."""
        name = "typing_start" if event.on else "typing_stop"
        self._tell(event.room, frames.encode(name, room=event.room, uid=event.uid), but=event.uid)

    def read_moved(self, event: ReadMoved) -> None:
        """Note a member's read mark, and tell the room's sockets."""
        self._heads.read_moved(event.room, event.uid, event.seq)
        self._tell_as_it_is(event)

    def _tell_as_it_is(self, event: RoomEvent) -> None:
        """The frame that members receive has the event's kind and fields."""
        self._tell(event.room, frames.encode(event.kind, **asdict(event)))

    # --- a handler for each kind -----------------------------------------------------------

    async def _on_told(self, event: RoomEvent) -> None:
        self._tell_as_it_is(event)

    async def _on_messages(self, event: MessagesStored) -> None:
        self._delivery.deliver(event.room, event.first, event.to, event.events, event.standing)

    async def _on_messages_gone(self, event: MessagesGone) -> None:
        self._heads.gone(event.room, event.below)

    async def _on_read_moved(self, event: ReadMoved) -> None:
        self.read_moved(event)

    async def _on_typing(self, event: TypingChanged) -> None:
        self.typing_changed(event)

    async def _on_presence(self, event: PresenceChanged) -> None:
        await self._presence.heard(event.room)

    async def _on_key_requested(self, event: KeyRequested) -> None:
        self._tell(event.room, frames.encode("key_request", **asdict(event)), but=event.uid)

    async def _on_knock(self, event: KnockChanged) -> None:
        """Tell the room, and the person who asked to join: they may have been refused."""
        self._tell_as_it_is(event)
        frame = frames.encode(event.kind, **asdict(event))
        for connection in self._registry.of_person(event.uid):
            if event.room not in self._registry.rooms_of(connection):
                connection.push(frame)

    async def _on_room_stopped(self, event: RoomStopped) -> None:
        """Tell the room: its log does not say so."""
        self._admission.room_changed(event.room)
        self._tell_as_it_is(event)

    async def _on_request_made(self, event: RequestMade) -> None:
        """Notify only the added person: the room is hidden until they accept."""
        for connection in self._registry.of_person(event.uid):
            connection.push(frames.encode("request", room=event.room))

    async def _on_request_accepted(self, event: RequestAccepted) -> None:
        self._presence.changed(await self._registry.refresh([event.room]))
        for connection in self._registry.of_person(event.uid):  # they missed earlier events
            connection.push(frames.encode("resync", room=event.room))

    async def _on_summary(self, event: SummaryChanged) -> None:
        """Handle the end of a person's request, or a summary shared with the room."""
        if not event.rid:
            self._tell(event.room, frames.encode("summary_ready", room=event.room))
            return
        ready = frames.encode("summary_ready", room=event.room, rid=event.rid)
        for connection in self._registry.of_person(event.uid):
            connection.push(ready)

    async def _on_identity(self, event: IdentityPublished) -> None:
        for connection in self._registry.of_person(event.uid):
            connection.push(frames.encode("identity", uid=event.uid))

    async def _on_log(self, event: LogAppended) -> None:
        """New members receive the event too, and former members receive it as their last one."""
        room = event.room
        self._admission.room_changed(room)
        if event.begins:
            self._rotation.renewed(room)
        if event.t in ENDS:
            self._spawn(self._end(ENDS[event.t], event))
        changed = await self._registry.refresh([room])
        cursor = self._registry.cursors.get(room)
        if cursor is not None:
            cursor.heard_of_log(json.loads(event.event)["seq"])
        name = {"join": "user_join", "leave": "user_leave"}.get(event.t, "room_event")
        self._tell(room, frames.encode(name, room=room, event=event.event, sig=event.sig))
        self._registry.drop_former(room)
        self._presence.changed(changed)

    async def _end(
        self, end: Callable[[MessageStore, LogAppended], None], event: LogAppended
    ) -> None:
        """Repeat the room receiver's deletions after messages that were still being written."""
        try:
            await self._writer.run(end, self._store, event)
            if room_cursor := self._registry.cursors.get(event.room):
                self._heads.gone(event.room, room_cursor.last + 1)
        except Exception as error:  # the store is unreachable
            log.error("hub.end_failed %s", type(error).__name__)

    async def _on_sign_in_ended(self, event: SignInEnded) -> None:
        for connection in self._registry.of_person(event.uid):
            here = connection.ref.sign_in
            if event.sign_in in (None, here) and here != event.but:
                connection.sign_out()


HANDLERS: dict[type[Event], Callable[[EventHandlers, Any], Coroutine[Any, Any, None]]] = {
    IdentityPublished: EventHandlers._on_identity,
    KeyRequested: EventHandlers._on_key_requested,
    KeyWrapped: EventHandlers._on_told,
    KnockChanged: EventHandlers._on_knock,
    LogAppended: EventHandlers._on_log,
    MessagesGone: EventHandlers._on_messages_gone,
    MessagesStored: EventHandlers._on_messages,
    PresenceChanged: EventHandlers._on_presence,
    ReadMoved: EventHandlers._on_read_moved,
    RequestAccepted: EventHandlers._on_request_accepted,
    RequestMade: EventHandlers._on_request_made,
    RoomStopped: EventHandlers._on_room_stopped,
    SignInEnded: EventHandlers._on_sign_in_ended,
    SummaryChanged: EventHandlers._on_summary,
    TypingChanged: EventHandlers._on_typing,
}
