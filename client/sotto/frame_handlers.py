"""Handlers of the socket's frames. A frame is a hint: the client fetches and verifies what it
announces.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sotto.api import ApiError
from sotto.keys.key_handover import KeyRequest
from sotto.keys.own_keys import KeysNotPublished
from sotto.message_reader import seq_of
from sotto.protocol.encoding import field_of
from sotto.room import Room
from sotto.room_errors import Closed, FormerMember, Frozen, KeysReplaced, NewerVersion
from sotto.room_manager import RoomManager

Frame = dict[str, Any]
DENIED = "The server no longer gives you this room, and shows no signed reason."


async def handle(manager: RoomManager, frame: Frame) -> None:
    """Handle one frame. A room that fails goes to the inbox; the other rooms continue."""
    handler = _HANDLERS.get(frame["type"])
    if handler is not None:
        await _report_failure(manager, str(frame.get("room")), handler(manager, frame))


async def _report_failure(manager: RoomManager, room: str, work: Awaitable[None]) -> None:
    try:
        await work
    except (Frozen, NewerVersion) as failure:
        manager.fail(room, failure)


def _loaded(manager: RoomManager, frame: Frame) -> Room | None:
    room = manager.rooms.get(field_of(frame, "room", str))
    return room if room is not None and not room.frozen else None


async def _ready(manager: RoomManager, frame: Frame) -> None:
    manager.clock.set(frame.get("now"))
    _check_own_key(manager, frame.get("kid", manager.me.kid))
    heads = field_of(frame, "heads", dict)
    for room in list(manager.rooms.values()):
        if room.frozen:
            continue
        if room.id not in heads:
            await _report_failure(manager, room.id, _taken_away(manager, room))
        elif not room.newer:
            await _report_failure(manager, room.id, _log_moved(manager, {"room": room.id}))
            await _report_failure(manager, room.id, _check_rewind(manager, room, heads[room.id]))
    resume = {room.id: room.last for room in manager.rooms.values() if manager.is_read(room)}
    if resume:
        await manager.stream.send({"type": "resume", "rooms": resume})
    if manager.rooms:
        manager.schedule_overview()
    manager.stream.ready.set()


def _check_own_key(manager: RoomManager, kid: str | None) -> None:
    """Report once that the server names other keys of this account than these, or none any more.
    Until it names these again, nothing is written.
    """
    before, manager.trust.replaced = manager.trust.replaced, kid not in (manager.me.kid, None)
    if kid is None:
        manager.inbox.put_nowait(KeysNotPublished())
    elif manager.trust.replaced and not before:
        manager.inbox.put_nowait(KeysReplaced())


async def _identity(manager: RoomManager, frame: Frame) -> None:
    """The account has published keys."""
    if field_of(frame, "uid", str) == manager.me.uid:
        _check_own_key(manager, (await manager.api.get("me")).get("kid"))


async def _stopped(manager: RoomManager, frame: Frame) -> None:
    manager.note_stop(field_of(frame, "room", str), stopped=field_of(frame, "stopped", bool))


async def _check_rewind(manager: RoomManager, room: Room, head: Any) -> None:
    """Read again if the server says it has fewer messages than were read: it may have lost some."""
    if not manager.has(room.id) or not manager.is_read(room):
        return
    if field_of(head, "msg", int) < room.last:
        await manager.catch_up(room)


async def _messages(manager: RoomManager, frame: Frame) -> None:
    rows = field_of(frame, "messages", list)
    room = _loaded(manager, frame)
    if room is not None and manager.is_read(room):
        await manager.receive_rows(room, rows)
    elif room is None and rows and manager.follows_new_rooms:
        await _open_new(manager, field_of(frame, "room", str), seq_of(rows[0]))


async def _open_new(manager: RoomManager, id_: str, first: int) -> None:
    """Open a room that the account was added to meanwhile, and deliver messages from `first` on."""
    if manager.has(id_):
        return
    found = await manager.api.get(f"chatrooms/{id_}")
    if found.get("accepted") is not False:
        room = await manager.open(id_)
        manager.deliver([message for message in room.messages if message.seq >= first])


async def _reset(manager: RoomManager, frame: Frame) -> None:
    room = _loaded(manager, frame)
    if room is not None and manager.is_read(room):
        await manager.catch_up(room)


async def _log_moved(manager: RoomManager, frame: Frame) -> None:
    room = _loaded(manager, frame)
    if room is None:
        return
    before = room.state.e
    try:
        await manager.log_api.sync(room)
    except ApiError as error:
        if error.code != "not_found":
            raise
        _deny(manager, room)
        return
    if _has_ended(manager, room):
        return
    if room.state.e not in room.keys:
        await _unlock(manager, room)
    if room.state.e != before:
        manager.schedule_repair(room)
    manager.schedule_save()


async def _taken_away(manager: RoomManager, room: Room) -> None:
    """Handle that the server names a room no more: its log is read once more, and may say why."""
    if not room.newer:
        try:
            await manager.log_api.sync(room)
        except ApiError as error:
            if error.code != "not_found":
                raise
    _deny(manager, room)


def _deny(manager: RoomManager, room: Room) -> None:
    """Forget a room that the server does not give any more; only its log could say why."""
    if not _has_ended(manager, room):
        manager.fail(room.id, ApiError("not_found", DENIED))
    manager.forget(room.id)


def _has_ended(manager: RoomManager, room: Room) -> bool:
    """True if the room's log says that it is over for this account. Those who follow it are told
    why.
    """
    try:
        room.check_member()
        room.check_not_closed()
    except FormerMember as end:
        manager.forget(room.id)
        manager.fail(room.id, end)
        return True
    except Closed as end:
        manager.fail(room.id, end)
        return True
    return False


async def _unlock(manager: RoomManager, room: Room) -> None:
    await manager.log_api.sync_keys(room)
    manager.deliver(room.unlock())


async def _wraps(manager: RoomManager, frame: Frame) -> None:
    room, e, to = _loaded(manager, frame), field_of(frame, "e", int), field_of(frame, "to", str)
    if room is None:
        return
    manager.handover.fulfilled(KeyRequest(room.id, e, to))
    if to == manager.me.kid and e not in room.keys:
        await _unlock(manager, room)


async def _key_request(manager: RoomManager, frame: Frame) -> None:
    room, e = _loaded(manager, frame), field_of(frame, "e", int)
    uid, kid = field_of(frame, "uid", str), field_of(frame, "kid", str)
    if room is None or e not in room.keys:
        return
    member = room.state.members.get(uid)
    entitled = member is not None and member.kid == kid and member.since <= e
    if entitled and not manager.trust.doubt(manager.trust.known[kid], room.state):
        manager.schedule_handover(room, e, kid)


async def _answer(manager: RoomManager, frame: Frame) -> None:
    room = str(frame.get("room"))
    stopped = frame.get("code") == "room_stopped"
    if stopped or frame["type"] == "ack":
        manager.note_stop(room, stopped=stopped)
    sender = manager.senders.get(room)
    if sender is not None and "cid" in frame:
        sender.answered(frame)


_HANDLERS: dict[str, Callable[[RoomManager, Frame], Awaitable[None]]] = {
    "ready": _ready,
    "message_receive": _messages,
    "reset": _reset,
    "resync": _reset,
    "user_join": _log_moved,
    "user_leave": _log_moved,
    "room_event": _log_moved,
    "wraps": _wraps,
    "key_request": _key_request,
    "identity": _identity,
    "room_stopped": _stopped,
    "ack": _answer,
    "error": _answer,
}
