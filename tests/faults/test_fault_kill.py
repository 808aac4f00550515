"""A web process that is killed again and again under twenty clients."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from sotto.session import Client
from tests.client.acting import PASSWORD
from tests.live import LiveServer
from tests.vectors.making import cast

CLIENTS = 20
WITHIN = 240  # seconds, for a thousand messages


@asynccontextmanager
async def crowd(server: LiveServer) -> AsyncIterator[tuple[list[Client], str]]:
    """Twenty people in one room."""
    keys = [person.keys for person in cast().values()]
    async with AsyncExitStack() as stack:
        people = []
        for n in range(CLIENTS):
            client = await stack.enter_async_context(Client(server.url))
            name = f"p{n}.{secrets.token_hex(4)}"
            await client.sign_up(name, PASSWORD, keys[n % len(keys)])
            people.append(client)
        owner, *others = people
        room = await owner.create_room("Storm")
        link = await owner.invite(room, uses=CLIENTS)
        for client in others:
            await client.join(link)
        yield people, room


async def storm(server: LiveServer, each: int, kills: int) -> None:
    """Everybody sends `each` messages while the process is killed `kills` times."""
    async with crowd(server) as (people, room):
        acknowledged: dict[int, str] = {}

        async def talk(who: int, client: Client) -> None:
            for n in range(each):
                text = f"{who}:{n}"
                seq = await client.send(room, text)
                assert seq not in acknowledged, "one number was given twice"
                acknowledged[seq] = text

        talking = [asyncio.create_task(talk(*one)) for one in enumerate(people)]
        total = each * CLIENTS
        for kill in range(1, kills + 1):
            while len(acknowledged) < total * kill / (kills + 1):
                await asyncio.sleep(0.02)
                assert not any(task.done() and task.exception() for task in talking)
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.to_thread(server.start)
        await asyncio.gather(*talking)
        histories = [await client.history(room) for client in people]
    first = [(line.seq, line.text) for line in histories[0]]
    assert [seq for seq, _ in first] == list(range(1, total + 1)), "contiguous, nothing doubled"
    assert dict(first) == acknowledged, "what was acknowledged is there, as it was"
    assert sorted(text for _, text in first) == sorted(
        f"{who}:{n}" for who in range(CLIENTS) for n in range(each)
    ), "each was sent once"
    for history in histories[1:]:
        assert [(line.seq, line.text) for line in history] == first, "one order for all"
    assert {line.status for history in histories for line in history} == {"ok"}
    assert not any(line.missing for history in histories for line in history)


async def test_fault_killed_process_loses_and_doubles_nothing(tmp_path: Path):
    with LiveServer(tmp_path / "data") as server:
        async with asyncio.timeout(WITHIN):
            await storm(server, each=50, kills=4)


@pytest.mark.slow
async def test_fault_killed_process_loses_and_doubles_nothing_in_10000_messages(tmp_path: Path):
    with LiveServer(tmp_path / "data") as server:
        async with asyncio.timeout(10 * WITHIN):
            await storm(server, each=500, kills=20)
