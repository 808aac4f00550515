"""The site on MongoDB by one variable: a conversation, and a database that goes away."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator

import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.engines.mongo import MongoServer
from tests.live import LiveServer
from tests.vectors.making import cast


@pytest.fixture(scope="module")
def mongo(tmp_path_factory) -> Iterator[MongoServer]:
    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def server(mongo, tmp_path_factory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("site") / "data", MONGODB_URL=mongo.url) as running:
        yield running


async def sign_up(server: LiveServer, who: str) -> Client:
    client = Client(server.url)
    await client.account.sign_up(f"{who}.{secrets.token_hex(4)}", PASSWORD, cast()[who].keys)
    return client


@pytest.mark.slow
async def test_store_mongo_carries_a_conversation(server):
    ada, ben = await sign_up(server, "ada"), await sign_up(server, "ben")
    async with ada, ben:
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        await ada.messages.send(room, "one")
        await ben.messages.send(room, "two")
        one, two = await ada.messages.history(room)
        await ada.messages.edit(one, "first")
        await ben.messages.react(one, "\N{HERB}")
        await ada.messages.delete(two)
        async with asyncio.timeout(15):
            while [line.status for line in await ben.messages.history(room)] != ["ok", "deleted"]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert (await ben.messages.history(room))[0].text == "first"


@pytest.mark.slow
async def test_fault_mongo_stopped_for_a_while_loses_nothing(server, mongo):
    """Nothing is acknowledged meanwhile, and everything is sent afterwards, once, in order."""
    ada, ben = await sign_up(server, "ada"), await sign_up(server, "ben")
    async with ada, ben:
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        sent: list[int] = []

        async def talk() -> None:
            for n in range(30):
                seq = await ada.messages.send(room, f"line {n}")
                sent.append(seq)

        talking = asyncio.create_task(talk())
        while len(sent) < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        mongo.stop()
        await asyncio.sleep(3)
        stalled = len(sent)
        await asyncio.sleep(1)
        assert len(sent) == stalled, "acknowledged by nobody"
        await asyncio.to_thread(mongo.start)
        async with asyncio.timeout(60):
            await talking
        assert sent == list(range(1, 31))
        lines = [line.text for line in await ben.messages.history(room)]
        assert lines == [f"line {n}" for n in range(30)]
