"""What the socket says, and what follows from it. Nothing of it is believed unchecked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sotto.api import ApiError, part
from sotto.key_handover import Wanted
from sotto.message_reader import seq_of
from sotto.room import Frozen, NewerVersion, Room
from sotto.room_manager import Desk

Frame = dict[str, Any]


async def handle(desk: Desk, frame: Frame) -> None:
    """One frame. What a room cannot survive goes to the inbox; the other rooms go on."""
    handler = _HANDLERS.get(frame["type"])
    if handler is None:
        return
    await _apart(desk, handler(desk, frame))


async def _apart(desk: Desk, work: Awaitable[None]) -> None:
    try:
        await work
    except (Frozen, NewerVersion) as failure:
        desk.inbox.put_nowait(failure)


def _known(desk: Desk, frame: Frame) -> Room | None:
    room = desk.rooms.get(part(frame, "room", str))
    return room if room is not None and not room.frozen else None


async def _ready(desk: Desk, frame: Frame) -> None:
    desk.clock.set(frame.get("now"))
    heads = part(frame, "heads", dict)
    for room in list(desk.rooms.values()):
        if room.frozen:
            continue
        if room.id not in heads:
            desk.forget(room.id)
        elif not room.newer:
            await _apart(desk, _log_moved(desk, {"room": room.id}))
            await _apart(desk, _rewound(desk, room, heads[room.id]))
    resume = {room.id: room.last for room in desk.rooms.values() if desk.is_read(room)}
    if resume:
        await desk.stream.send({"type": "resume", "rooms": resume})
    desk.stream.ready.set()


async def _rewound(desk: Desk, room: Room, head: Any) -> None:
    """The server may have fewer messages than were read: it is asked, and what it lacks noted."""
    if desk.has(room.id) and desk.is_read(room) and part(head, "msg", int) < room.last:
        await desk.catch_up(room)


async def _messages(desk: Desk, frame: Frame) -> None:
    rows = part(frame, "messages", list)
    room = _known(desk, frame)
    if room is not None and desk.is_read(room):
        await desk.take(room, rows)
    elif room is None and rows and desk.following:
        await _begin(desk, part(frame, "room", str), seq_of(rows[0]))


async def _begin(desk: Desk, id_: str, first: int) -> None:
    """A room that one was taken into meanwhile: read it, and deliver what is new."""
    if desk.has(id_):
        return
    found = await desk.api.get(f"chatrooms/{id_}")
    if found.get("accepted") is not False:
        room = await desk.room(id_)
        desk.deliver([message for message in room.messages if message.seq >= first])


async def _reset(desk: Desk, frame: Frame) -> None:
    room = _known(desk, frame)
    if room is not None and desk.is_read(room):
        await desk.catch_up(room)


async def _log_moved(desk: Desk, frame: Frame) -> None:
    room = _known(desk, frame)
    if room is None:
        return
    before = room.state.e
    try:
        await desk.logbook.sync(room)
    except ApiError as error:
        if error.code != "not_found":
            raise
        desk.forget(room.id)
        return
    if room.state.e not in room.keys:
        await _unlock(desk, room)
    if room.state.e != before:
        desk.mend_later(room)
    desk.changed()


async def _unlock(desk: Desk, room: Room) -> None:
    await desk.logbook.sync_keys(room)
    desk.deliver(room.unlock())


async def _wraps(desk: Desk, frame: Frame) -> None:
    room, e, to = _known(desk, frame), part(frame, "e", int), part(frame, "to", str)
    if room is None:
        return
    desk.handover.was_given(Wanted(room.id, e, to))
    if to == desk.me.kid and e not in room.keys:
        await _unlock(desk, room)


async def _key_request(desk: Desk, frame: Frame) -> None:
    room, uid, kid = _known(desk, frame), part(frame, "uid", str), part(frame, "kid", str)
    e = part(frame, "e", int)
    if room is None or e not in room.keys:
        return
    member = room.state.members.get(uid)
    entitled = member is not None and member.kid == kid and member.since <= e
    if entitled and not desk.trust.doubt(desk.trust.known[kid], room.state):
        desk.hand_over_later(room, e, kid)


async def _answer(desk: Desk, frame: Frame) -> None:
    sender = desk.senders.get(str(frame.get("room")))
    if sender is not None and "cid" in frame:
        sender.answered(frame)


_HANDLERS: dict[str, Callable[[Desk, Frame], Awaitable[None]]] = {
    "ready": _ready,
    "message_receive": _messages,
    "reset": _reset,
    "resync": _reset,
    "user_join": _log_moved,
    "user_leave": _log_moved,
    "room_event": _log_moved,
    "wraps": _wraps,
    "key_request": _key_request,
    "ack": _answer,
    "error": _answer,
}
