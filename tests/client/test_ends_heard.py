"""What a running program learns of ends that no signed log tells: replaced keys, stopped rooms."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest

from sotto.client import Client
from sotto.keys.own_keys import KeysNotPublished
from sotto.protocol.identity import Keys
from sotto.room_errors import KeysReplaced
from tests.client.acting import DONE, PASSWORD, SECURITY
from tests.hostile.server import network
from tests.vectors.making import cast, resets

NEXT = resets()["cleo2"].keys


async def next_failure(client: Client, failure: type[Exception]) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(failure):
            async for _ in client.messages.receive():
                pass  # the messages before it


async def is_ready(client: Client, kid: str | None, room: str) -> None:
    """The server greets the client's next connection."""
    head = {"msg": 0, "log": 0, "read": 0, "unread": 0}
    now = client.session.clock.now()
    frame = {"type": "ready", "kid": kid, "now": now, "heads": {room: head}, "online": {}}
    await client.session.manager.stream.handler(frame)


async def test_keys_replaced_elsewhere_are_heard_of_at_once(sign_up, server, monkeypatch):
    ada = await sign_up("ada", "ada.replaced")
    room = await ada.rooms.create("Garden")
    await ada.messages.send(room, "with the old keys")
    monkeypatch.setattr(Keys, "generate", classmethod(lambda cls: NEXT))
    async with Client(server.url, transport=network()) as thief:
        await thief.account.reset_keys("ada.replaced", PASSWORD)
    await next_failure(ada, KeysReplaced)
    with pytest.raises(KeysReplaced):
        await ada.messages.send(room, "nothing more")
    with pytest.raises(KeysReplaced):
        await ada.room_admin.set_policy(room, ttl=3)
    assert [message.text for message in await ada.messages.history(room)] == ["with the old keys"]
    async with Client(server.url, transport=network()) as again:
        with pytest.raises(KeysReplaced):
            await again.account.log_in("ada.replaced", PASSWORD, cast()["ada"].keys)


async def test_keys_replaced_while_away_are_heard_of_with_the_next_connection(sign_up):
    ada = await sign_up("ada", "ada.away")
    room = await ada.rooms.create("Garden")
    for _ in range(2):  # said once
        await is_ready(ada, cast()["ben"].kid, room)
    await next_failure(ada, KeysReplaced)
    assert ada.session.manager.inbox.empty()
    with pytest.raises(KeysReplaced):
        await ada.messages.send(room, "nothing more")
    await is_ready(ada, None, room)
    await next_failure(ada, KeysNotPublished)
    await is_ready(ada, ada.me.kid, room)  # the server had lied
    assert await ada.messages.send(room, "as before") == 1


def test_the_command_says_what_to_do_about_replaced_keys(cli, server, monkeypatch):
    name = "ada.asks"
    assert cli("signup", name)[0] == DONE
    monkeypatch.setattr(Keys, "generate", classmethod(lambda cls: NEXT))
    assert cli("login", name, "--new-keys", home="other")[0] == DONE
    code, _, errors = cli("rooms")
    assert code == SECURITY
    assert "newer keys, made elsewhere" in errors
    assert "change your password" in errors


class Stopping(httpx2.AsyncHTTPTransport):
    """A network on which every room of the list is stopped while `stopped`."""

    stopped = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if request.method != "GET" or not request.url.path.endswith("/chatrooms"):
            return response
        answer = json.loads(await response.aread())
        rooms = [{**room, "stopped": self.stopped} for room in answer["rooms"]]
        return httpx2.Response(200, json={**answer, "rooms": rooms})


async def test_a_room_that_the_operator_stops_and_lets_go_on(sign_up):
    network = Stopping()
    ada = await sign_up("ada", "ada.halted", transport=network)
    room = await ada.rooms.create("Garden")
    manager = ada.session.manager
    told: list[bool] = []
    manager.on_stop = lambda room: told.append(room.stopped)

    async def hears(**frame: Any) -> None:
        await manager.stream.handler({"room": room, **frame})

    for _ in range(2):
        await hears(type="room_stopped", stopped=True)
    assert (told, manager.cached(room).stopped) == ([True], True)
    await ada.messages.send(room, "it goes on")  # the server's word locks nothing here
    assert told == [True, False]
    await hears(type="error", cid="c" * 22, code="room_stopped", detail="The operator …")
    assert told == [True, False, True]
    await hears(type="room_stopped", stopped=False)
    network.stopped = True  # while this was not connected
    assert [room.stopped for room in await ada.rooms.all()] == [True]
