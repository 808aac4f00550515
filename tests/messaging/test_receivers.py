"""A room that is closed for good keeps no messages; one searched on devices keeps no tokens."""

from __future__ import annotations

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from messaging.store import get_store
from messaging.store.orm.models import Message
from rooms.signals import room_closed, search_off
from tests.messaging.live.processes import ring
from tests.messaging.senders import ROOM, WITHIN, new_message

pytestmark = pytest.mark.django_db(transaction=True)
OTHER, LAST = "c" * 32, "d" * 32


@pytest.fixture
def full():
    store = get_store()
    tokens = {"generation": 1, "tokens": (1, 2)}
    store.append(
        [new_message(1, **tokens), new_message(2, **tokens), new_message(1, room=OTHER, **tokens)]
    )
    return store


def with_tokens() -> set[str]:
    return set(Message.objects.exclude(tokens=b"").values_list("room", flat=True))


def test_a_room_that_closes_keeps_no_message(full):
    room_closed.send(None, room_id=ROOM)
    assert full.heads([ROOM, OTHER]) == {ROOM: 0, OTHER: 1}


def test_a_room_searched_on_devices_keeps_no_tokens(full):
    search_off.send(None, room_id=ROOM)
    assert with_tokens() == {OTHER}
    assert full.heads([ROOM]) == {ROOM: 2}


def test_a_change_that_fails_drops_nothing(full):
    with transaction.atomic():
        room_closed.send(None, room_id=ROOM)
        search_off.send(None, room_id=ROOM)
        transaction.set_rollback(True)
    assert full.heads([ROOM]) == {ROOM: 2}
    assert with_tokens() == {ROOM, OTHER}


def test_a_store_that_is_away_does_not_undo_the_closing(full, monkeypatch):
    def away(room):
        raise OSError("disk")

    monkeypatch.setattr(full, "drop_room", away)
    room_closed.send(None, room_id=ROOM)


def log_event(room: str, t: str, **fields: object) -> dict:
    return {"room": room, "t": t, "event": json.dumps({"t": t, **fields}), "sig": ""}


async def handled(hub, room: str, t: str, **fields: object) -> None:
    """Publish an event of a room's log, and wait until the hub has acted on it: it handles events
    and writes in order, so a later event of another room shows that.
    """
    await hub.threads.run(
        hub.store.append, [new_message(1, room=LAST, generation=1, tokens=(1, 2))]
    )
    await ring("log", **log_event(room, t, **fields))
    await ring("log", **log_event(LAST, "policy", policy={"search": "device"}))
    async with asyncio.timeout(WITHIN):
        while LAST in await sync_to_async(with_tokens)():
            pass


async def test_what_was_written_while_the_room_closed_goes_when_a_hub_hears_of_it(hub):
    await hub.threads.run(hub.store.append, [new_message(1), new_message(1, room=OTHER)])
    await handled(hub, ROOM, "close")
    heads = await hub.threads.run(hub.store.heads, [ROOM, OTHER])
    assert heads == {ROOM: 0, OTHER: 1}


@pytest.mark.parametrize(("search", "kept"), [("device", set()), ("server", {ROOM})])
async def test_what_was_written_while_tokens_were_given_up_loses_them(hub, search, kept):
    await hub.threads.run(hub.store.append, [new_message(1, generation=1, tokens=(1, 2))])
    await handled(hub, ROOM, "policy", policy={"search": search})
    assert await sync_to_async(with_tokens)() == kept


async def test_a_store_that_is_away_does_not_deafen_the_hub(hub):
    def away(room):
        raise OSError("disk")

    hub.store.drop_room = away
    await handled(hub, ROOM, "close")
