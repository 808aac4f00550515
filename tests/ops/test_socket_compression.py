"""SOCKET_COMPRESSION: permessage-deflate where a client offers it, off unless somebody sets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.extensions.permessage_deflate import PerMessageDeflate

from sotto.client import Client
from tests.client.acting import PASSWORD, heard
from tests.live import LiveServer
from tests.vectors.making import cast


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["0", "1"])
async def test_messages_arrive_and_are_compressed_only_if_it_is_set(tmp_path, setting):
    """Also frames that many sockets share, which the server writes as they are."""
    sockets: list[ClientConnection] = []

    @asynccontextmanager
    async def offering(url: str) -> AsyncIterator[ClientConnection]:
        async with websocket(url, compression="deflate") as socket:
            sockets.append(socket)
            yield socket

    with LiveServer(tmp_path / "data", SOCKET_COMPRESSION=setting) as server:
        async with (
            Client(server.url, connect=offering) as ada,
            Client(server.url, connect=offering) as ben,
        ):
            await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
            await ben.account.sign_up("ben", PASSWORD, cast()["ben"].keys)
            room = await ada.rooms.create("Garden")
            await ben.rooms.join(await ada.room_admin.invite(room))
            await ben.rooms.open(room)
            await ada.messages.send(room, "tomatoes " * 500)
            assert await heard(ben) == ["tomatoes " * 500]
            assert len(sockets) == 2
            for socket in sockets:
                used = any(isinstance(one, PerMessageDeflate) for one in socket.protocol.extensions)
                assert used == (setting == "1")
