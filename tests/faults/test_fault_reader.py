"""A peer that stops reading: it is disconnected, delays nobody, and memory stays as it was."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.faults.raw import signed_in
from tests.live import LiveServer
from tests.vectors.making import cast

pytestmark = pytest.mark.slow

TOO_SLOW, CUT_OFF = 4413, 0
"""How a reader is closed; on a busy machine it begins to read when it is given up already."""
READERS = 10
MESSAGES, LETTERS = 400, 30_000
GROWTH = 60e6  # bytes; unbounded, ten readers would hold some 160 MB
WITHIN = 600  # seconds, on a busy machine


def deaf(port: int) -> socket.socket:
    """A connection that takes little in, as a phone in a tunnel."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    taken.connect(("127.0.0.1", port))
    return taken


async def rest_of(reader: ClientConnection) -> int:
    """Read on to the end: the code that it was closed with, CUT_OFF if none came."""
    try:
        while True:
            await reader.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else CUT_OFF


async def test_fault_reader_that_stops_reading_is_closed_and_costs_nobody_anything(tmp_path: Path):
    async with asyncio.timeout(WITHIN), AsyncExitStack() as stack:
        server = stack.enter_context(LiveServer(tmp_path / "data", LOG_LEVEL="INFO"))
        ada, ben = [await stack.enter_async_context(Client(server.url)) for _ in range(2)]
        await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up("ben", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        await ada.messages.send(room, "warm")
        slow = [
            await stack.enter_async_context(
                signed_in(server, ben, sock=deaf(server.port), max_queue=1, ping_interval=None)
            )
            for _ in range(READERS)
        ]
        process = psutil.Process(server.pid)
        before = process.memory_info().rss
        for n in range(MESSAGES):
            await ada.messages.send(room, f"{n} " + "x" * LETTERS)
        most = process.memory_info().rss
        heard = [line.text.split(" ")[0] for line in await ben.messages.history(room)]
        assert heard == ["warm", *map(str, range(MESSAGES))], "the others read on"
        codes = await asyncio.gather(*map(rest_of, slow))
    assert set(codes) <= {TOO_SLOW, CUT_OFF}
    assert most - before < GROWTH, f"{(most - before) / 1e6:.0f} MB more"
