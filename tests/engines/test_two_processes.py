"""Two web processes on PostgreSQL, MongoDB's protocol and Redis: they act as one site."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.room_errors import FormerMember
from tests.client.acting import PASSWORD, heard
from tests.engines.site import Site, site_of_two
from tests.ops.sites import backed_up
from tests.vectors.making import cast

WITHIN = 120  # seconds, on a busy machine


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
async def pair(site) -> AsyncIterator[tuple[Client, Client, str]]:
    """ada on one process, ben on the other, in a room."""
    tag = secrets.token_hex(4)
    async with Client(site.left.url) as ada, Client(site.right.url) as ben:
        await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        yield ada, ben, room


async def until(true) -> None:
    async with asyncio.timeout(WITHIN):
        while not true():  # noqa: ASYNC110 (the servers are programs of their own)
            await asyncio.sleep(0.02)


def overheard(client: Client) -> list[dict]:
    """Every frame that comes to a client from now on."""
    frames: list[dict] = []
    handler = client.session.manager.stream.handler

    async def listen(frame):
        frames.append(frame)
        await handler(frame)

    client.session.manager.stream.handler = listen
    return frames


async def test_store_mongo_and_postgres_are_backed_up(site, pair, tmp_path):
    ada, _, room = pair
    await ada.messages.send(room, "kept")
    made = await asyncio.to_thread(backed_up, site.left, tmp_path)
    assert room in (made / "messages" / "messages.jsonl").read_text()


async def test_store_mongo_and_postgres_messages_cross_in_order(pair):
    ada, ben, room = pair
    await ben.rooms.open(room)
    listening = asyncio.create_task(heard(ben, 20))
    for n in range(20):
        await ada.messages.send(room, f"line {n}")
    assert await listening == [f"line {n}" for n in range(20)]
    await asyncio.gather(
        *(who.messages.send(room, "at once") for who in (ada, ben) for _ in range(10))
    )
    seqs = [[line.seq for line in await who.messages.history(room)] for who in (ada, ben)]
    assert seqs[0] == seqs[1] == list(range(1, 41)), "one order, no hole, for all"


@pytest.mark.slow
async def test_presence_and_typing_cross(site):
    tag = secrets.token_hex(4)
    async with Client(site.left.url) as ada, Client(site.right.url) as ben:
        await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        frames = overheard(ada)  # before he comes: of that she hears once
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        both, alone = sorted([ada.me.uid, ben.me.uid]), [ada.me.uid]
        await until(lambda: online(both) in map(told, frames))
        await ben.session.manager.stream.send({"type": "typing_start", "room": room})
        await until(lambda: any(frame["type"] == "typing_start" for frame in frames))
        frames.clear()
        await ben.close()
        await until(lambda: online(alone) in map(told, frames))


def online(uids: list[str]) -> tuple[str, list[str]]:
    return "presence", uids


def told(frame: dict) -> tuple[str, list[str]]:
    return frame["type"], frame.get("online", [])


async def test_removal_crosses(pair):
    ada, ben, room = pair
    frames = overheard(ben)
    await ada.members.remove(room, ben.me.uid)
    await until(lambda: any(f["type"] == "room_event" for f in frames))
    with pytest.raises(FormerMember, match="removed you"):
        await ben.messages.send(room, "still here?")
    frames.clear()
    await ada.messages.send(room, "without ben")
    await asyncio.sleep(0.5)
    assert not [f for f in frames if f["type"] == "message_receive"]


async def test_a_sign_in_that_ends_closes_the_socket_on_the_other_process(site, pair):
    _, ben, _ = pair
    frames = overheard(ben)
    token = {"Authorization": f"Bearer {ben.session.api.access}"}
    async with httpx2.AsyncClient(base_url=site.left.url, headers=token) as http:
        assert (await http.post("/api/v1/auth/logout")).status_code == 204
    await until(lambda: any(f["type"] == "session_revoked" for f in frames))


@pytest.mark.slow
async def test_fault_redis_restarts_and_nothing_is_lost(site, pair):
    ada, ben, room = pair
    await ben.rooms.open(room)
    sent: list[int] = []

    async def talk() -> None:
        for n in range(60):
            seq = await ada.messages.send(room, f"line {n}")
            sent.append(seq)
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    await until(lambda: len(sent) >= 10)
    site.redis.stop()
    async with Client(site.left.url) as late:
        with pytest.raises(ApiError, match="unavailable"):  # nobody counts the tries meanwhile
            await late.account.sign_up(
                f"cleo.{secrets.token_hex(4)}", PASSWORD, cast()["cleo"].keys
            )
    await asyncio.to_thread(site.redis.start)
    async with asyncio.timeout(WITHIN):
        await talking
    assert sent == list(range(1, 61)), "messages need no Redis"
    async with asyncio.timeout(WITHIN):
        while len(await ben.messages.history(room)) < 60:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert [line.text for line in await ben.messages.history(room)] == [
        f"line {n}" for n in range(60)
    ]
    await until_signing_up_works(site)
    await ada.messages.send(room, "and on")
    async with asyncio.timeout(WITHIN):
        while (await ben.messages.history(room))[-1].text != "and on":  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def until_signing_up_works(site: Site) -> None:
    async with asyncio.timeout(WITHIN):
        for server in (site.left, site.right):
            async with Client(server.url) as client:
                while True:
                    try:
                        name = f"cleo.{secrets.token_hex(4)}"
                        await client.account.sign_up(name, PASSWORD, cast()["cleo"].keys)
                        break
                    except ApiError:
                        await asyncio.sleep(0.2)
