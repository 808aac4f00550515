"""Every frame of the socket, sent by everybody; and people outside a room hear nothing of it."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.conf import settings
from django.test import override_settings

from messaging.consumers import HANDLERS, ChatConsumer
from messaging.live.connection import SIGNED_OUT as CLOSED
from messaging.live.hub import Hub
from messaging.store import get_store
from tests.base import RoomScript
from tests.matrix.cast import NAMES, SIGNED_OUT, Cast, assemble
from tests.matrix.table import CLASSES, FRAMES, read, with_columns
from tests.messaging.senders import Sender, Wire

TABLE = {name: cells[0] for name, cells in read(FRAMES).items()}
EXPECTED = with_columns(CLASSES)
OUTCOMES = {"not_found": "404", "not_accepted": "acc"}


@pytest.fixture
def cast(transactional_db):
    """A committed one: the hub reads with threads of its own."""
    get_store.cache_clear()
    channel_layers.backends.clear()
    with override_settings(SERVESTATIC_USE_FINDERS=False):
        yield assemble()
    get_store.cache_clear()
    shutil.rmtree(settings.DATA_DIR / "files", ignore_errors=True)


def frame_of(cast: Cast, type_: str, role: str, room: RoomScript) -> dict[str, Any]:
    if type_ == "message_send":
        return Sender(cast.of(role), room, dev=f"{NAMES.index(role):032x}").seal()
    fields: dict[str, dict[str, Any]] = {
        "typing_start": {"room": room.id},
        "typing_stop": {"room": room.id},
        "read": {"room": room.id, "seq": 1},
        "resume": {"rooms": {room.id: 0}},
        "ping": {},
    }
    return {"type": type_, **fields[type_]}


async def answered(wire: Wire, frame: dict[str, Any]) -> str:
    """What came of a frame: `yes`, or an outcome of the table."""
    before = len(wire.all("error"))
    if frame["type"] == "message_send":
        await wire.ask(frame)
    else:
        wire.send(frame)
        await wire.pong()
    errors = [event["code"] for event in wire.all("error")[before:]]
    return OUTCOMES.get(errors[0], errors[0]) if errors else "yes"


def test_matrix_has_a_row_for_every_frame():
    assert set(TABLE) == set(HANDLERS)


async def test_matrix_every_role_may_send_the_frames_that_the_table_says(cast):
    hub = Hub(get_store(), pause=lambda people: 0.0)
    await hub.start()

    async def mine() -> Hub:
        return hub

    app = ChatConsumer.as_asgi(hub=mine)
    wrong, foreign = [], []
    try:
        async with AsyncExitStack() as open_sockets:
            wires = {}
            for role in cast.persons:
                wires[role] = await open_sockets.enter_async_context(Wire(app))
                wires[role].send({"type": "auth", "token": cast.tokens[role]})
                await wires[role].event("ready")
            for type_, named in TABLE.items():
                for role, expected in EXPECTED[named].items():
                    frame = await sync_to_async(frame_of)(cast, type_, role, cast.room)
                    if role in SIGNED_OUT:
                        found = await unsigned(app, frame)
                    else:
                        found = await answered(wires[role], frame)
                        other = await sync_to_async(frame_of)(cast, type_, role, cast.foreign)
                        if type_ != "ping":
                            foreign.append((type_, role, await answered(wires[role], other)))
                    if found != expected:
                        wrong.append(f"{type_} {role}: {found}, not {expected}")
            heard = {role: about(wire, cast.room) for role, wire in wires.items()}
    finally:
        await hub.stop()
    assert wrong == []
    assert {found for *_, found in foreign} == {"404"}
    inside = {role for role, events in heard.items() if events}
    assert inside == {"member", "moderator", "owner"}, "who hears anything of the room"


def about(wire: Wire, room: RoomScript) -> list[dict[str, Any]]:
    """What a socket was told of a room, beside answers that refuse."""
    told = [event for event in wire.events if event["type"] not in ("error", "pong")]
    return [event for event in told if room.id in str(event)]


async def unsigned(app: Any, frame: dict[str, Any]) -> str:
    """A socket whose first frame does not sign in is closed."""
    async with Wire(app) as wire:
        wire.send(frame)
        return "in" if await wire.closed() == CLOSED and not wire.events else "open"
