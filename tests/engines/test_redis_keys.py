"""The owner's Redis keys, by name, on a real Redis (docs/owner.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import httpx2
import pytest
from redis import Redis

from sotto.client import Client
from tests.client.acting import PASSWORD, until
from tests.engines.redis import RedisServer
from tests.live import LiveServer
from tests.vectors.making import cast

OWN = ("session:", "chatroom:", "search_cache:", "search_mark:", "rate_limit:", "window:", "sotto")


@pytest.fixture(scope="module", params=["", pytest.param("club:", marks=pytest.mark.slow)])
def site(request, tmp_path_factory) -> Iterator[tuple[LiveServer, RedisServer, str]]:
    folder = tmp_path_factory.mktemp("keys")
    with ExitStack() as stack:
        redis = RedisServer(folder)
        redis.start()
        stack.callback(redis.stop)
        variables = {"REDIS_URL": redis.url, "REDIS_PREFIX": request.param}
        server = stack.enter_context(LiveServer(folder / "data", **variables))
        yield server, redis, request.param


@pytest.fixture
async def ada(site) -> AsyncIterator[Client]:
    async with Client(site[0].url) as client:
        await client.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
        yield client


async def test_the_key_patterns_are_the_owners(site, ada):
    """`session:{user_id}`, `chatroom:{room_id}:members`, `search_cache:{query_hash}` and
    `rate_limit:{user_id}:{endpoint}`; a prefix only if a variable sets one.
    """
    server, redis, prefix = site
    room = await ada.rooms.create("Garden")
    await ada.messages.send(room, "the kettle is on")
    assert [hit.text async for hit in ada.search.messages(room, "kettle")] == ["the kettle is on"]
    headers = {"Authorization": f"Bearer {ada.session.api.access}"}
    with Redis.from_url(redis.url, decode_responses=True) as asked:

        async def presence_is_told() -> bool:
            return bool(asked.exists(f"{prefix}chatroom:{room}:members"))

        await until(presence_is_told)  # each process tells it in its own time
        asked.delete(f"{prefix}session:{ada.me.uid}")  # what stands there after a sign-in
        listed = httpx2.get(f"{server.url}/api/v1/me/sessions", headers=headers).json()
        keys = set(asked.scan_iter("*"))
        assert f"{prefix}session:{ada.me.uid}" in keys
        assert f"{prefix}chatroom:{room}:members" in keys
        assert any(key.startswith(f"{prefix}search_cache:") for key in keys)
        assert f"{prefix}rate_limit:{ada.me.uid}:search" in keys
        own = tuple(f"{prefix}{name}" for name in OWN)
        assert not [key for key in keys if not key.startswith((*own, "_kombu"))]
        members = asked.zrange(f"{prefix}chatroom:{room}:members", 0, -1)
        assert [member.partition(":")[2] for member in members] == [ada.me.uid]
        assert listed["sessions"][0]["current"]
        # Never asked whether somebody may: what it says changes nothing, and it is made again.
        asked.set(f"{prefix}session:{ada.me.uid}", "0")
        assert httpx2.get(f"{server.url}/api/v1/me", headers=headers).status_code == 200
        asked.delete(f"{prefix}session:{ada.me.uid}")
        again = httpx2.get(f"{server.url}/api/v1/me/sessions", headers=headers).json()
        assert [one["id"] for one in again["sessions"]] == [one["id"] for one in listed["sessions"]]
        assert asked.exists(f"{prefix}session:{ada.me.uid}")
