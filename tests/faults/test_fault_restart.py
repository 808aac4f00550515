"""A web process that is told to end: it says so, finishes what it has, and everybody comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.faults.raw import sealed_frames, signed_in
from tests.faults.storm import storm
from tests.live import LiveServer
from tests.vectors.making import cast

RESTARTING = 1012


async def restarted(server: LiveServer) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)


@pytest.mark.slow
async def test_fault_restarts_lose_and_double_nothing(tmp_path: Path):
    with LiveServer(tmp_path / "data", LOG_LEVEL="INFO") as server:
        await storm([server.url], 50, *[lambda: restarted(server)] * 3)


@pytest.mark.slow
async def test_fault_restart_is_announced_and_what_was_sent_is_acknowledged(tmp_path: Path):
    """The socket of a sender is closed with 1012, not before the acks of what it had sent."""
    with LiveServer(tmp_path / "data", LOG_LEVEL="INFO") as server:
        async with Client(server.url) as ada:
            await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            said = sealed_frames(ada, room, [f"line {n}" for n in range(200)])
            async with signed_in(server, ada) as socket:
                for frame in said:
                    await socket.send(frame)
                first = await socket.recv()
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                texts, code = [str(first)], 0
                try:
                    while True:
                        texts.append(str(await socket.recv()))
                except ConnectionClosed as closed:
                    code = closed.rcvd.code if closed.rcvd else 0
                await stopping
            acks = sum(text.count('"type":"ack"') for text in texts)
            assert code == RESTARTING
            await asyncio.to_thread(server.start)
            lines = await ada.messages.history(room)
    assert acks == len(lines) == len(said), "nothing was half way"
