"""How much is asked of the databases: as much with fifty rooms as with one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import override_settings

from tests.base import RoomScript, create_room
from tests.messaging.counting import counted
from tests.messaging.engines import ORM
from tests.messaging.senders import new_message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize(
        "engine", [ORM, pytest.param("mongo", marks=pytest.mark.slow)], indirect=True
    ),
]
FIFTY = 50


@pytest.fixture(autouse=True)
def _no_limits():
    with override_settings(RATE_LIMITS=dict.fromkeys(settings.RATE_LIMITS, (10**6, 1))):
        yield


@pytest.fixture
def rooms_until(store, ada) -> Callable[[int], list[RoomScript]]:
    """Makes rooms of ada's, with two unread messages in each, until there are as many."""
    rooms: list[RoomScript] = []

    def until(many: int) -> list[RoomScript]:
        while len(rooms) < many:
            rooms.append(create_room(ada, bytes([len(rooms)]) * 16))
            store.append([new_message(n, room=rooms[-1].id) for n in (1, 2)])
        return rooms

    return until


async def same_for_one_and_fifty(
    rooms_until: Callable[[int], list[RoomScript]], measure: Callable[[], Awaitable[list[str]]]
) -> list[str]:
    """What `measure` noted with fifty rooms, which is as many as with one.

    The shorter of two logs counts: a check that the hub makes every 30 s can fall into one.
    """
    noted = []
    for many in (1, FIFTY):
        await sync_to_async(rooms_until)(many)
        noted.append(min([await measure(), await measure()], key=len))
    one, fifty = noted
    print(f"{len(one)} with one room, {len(fifty)} with fifty")  # noqa: T201
    assert len(fifty) == len(one), one
    return fifty


@pytest.mark.asyncio
async def test_queries_of_connecting(join, ada, rooms_until):
    async def connect() -> list[str]:
        with counted() as log:
            async with join(ada) as wire:
                ready = await wire.event("ready")
        assert {head["unread"] for head in ready["heads"].values()} == {2}
        return log

    assert len(await same_for_one_and_fifty(rooms_until, connect)) <= 12


@pytest.mark.asyncio
async def test_queries_of_pings_are_none(join, hub, ada, rooms_until):
    async def ping() -> list[str]:
        async with join(ada) as wire:
            with counted() as log:
                pongs = [await wire.pong() for _ in range(3)]
        assert {(head["msg"], head["unread"]) for head in pongs[-1]["heads"].values()} == {(2, 2)}
        return log

    assert await same_for_one_and_fifty(rooms_until, ping) == []


@pytest.mark.asyncio
async def test_queries_of_the_hubs_check(join, hub, ada, rooms_until):
    async def check() -> list[str]:
        async with join(ada):
            with counted() as log:
                await hub.check()
        return log

    assert len(await same_for_one_and_fifty(rooms_until, check)) <= 6


@pytest.mark.asyncio
async def test_queries_of_the_list_of_rooms(store, ada, rooms_until, monkeypatch):
    monkeypatch.setattr("messaging.selectors.get_store", lambda: store)

    def ask() -> list[str]:
        client = ada.client
        with counted() as log:
            rooms = client.get("/api/v1/chatrooms").json()["rooms"]
        assert {(room["msg"], room["unread"]) for room in rooms} == {(2, 2)}
        return log

    assert len(await same_for_one_and_fifty(rooms_until, sync_to_async(ask))) <= 20
