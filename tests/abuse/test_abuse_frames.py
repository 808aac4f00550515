"""WebSocket frames that no client sends: each ends its own connection, and nothing else."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from chatsite.ops.websocket_protocol import MOST_FRAGMENTS
from tests.abuse.conftest import Household
from tests.live import LiveServer


def raw(opcode: Opcode, data: bytes, *, fin: bool = True) -> bytes:
    """A client's frame, whatever its parts mean together."""
    return Frame(opcode, data, fin=fin).serialize(mask=True)


RESERVED_BIT = bytes([0xC1]) + raw(Opcode.TEXT, b"{}")[1:]


def in_fragments(data: bytes, many: int) -> list[bytes]:
    """One text message in `many` frames."""
    size = -(-len(data) // many) or 1
    parts = [data[at * size : (at + 1) * size] for at in range(many)]
    kinds = [Opcode.TEXT] + [Opcode.CONT] * (many - 1)
    return [
        raw(kind, part, fin=at == many - 1)
        for at, (kind, part) in enumerate(zip(kinds, parts, strict=True))
    ]


async def signed_in(site: LiveServer, household: Household) -> ClientConnection:
    address = site.url.replace("http", "ws") + "/ws/"
    socket = await connect(address, compression=None)
    await socket.send(json.dumps({"type": "auth", "token": household.member}))
    assert '"ready"' in str(await socket.recv())
    return socket


async def closed(socket: ClientConnection, frames: list[bytes]) -> int:
    """The code with which the server closes after these bytes."""
    for frame in frames:
        socket.transport.write(frame)
    async with asyncio.timeout(10):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        pytest.param([raw(Opcode.TEXT, b"\xff\xfe{}")], 1007, id="no UTF-8"),
        pytest.param(in_fragments(b'{"type":"p\xc3', 3), 1007, id="UTF-8 that breaks off"),
        pytest.param([raw(Opcode.CONT, b"{}")], 1002, id="a continuation of nothing"),
        pytest.param(
            [raw(Opcode.TEXT, b"{", fin=False), raw(Opcode.TEXT, b"}")], 1002, id="two at a time"
        ),
        pytest.param([RESERVED_BIT], 1002, id="a reserved bit"),
        pytest.param(in_fragments(b"", MOST_FRAGMENTS + 2), 1009, id="fragments without end"),
        pytest.param([raw(Opcode.TEXT, b" " * (300 * 1024))], 1009, id="too large"),
        pytest.param(in_fragments(b" " * (300 * 1024), 30), 1009, id="too large in fragments"),
        pytest.param([raw(Opcode.BINARY, b"{}")], 1003, id="no text"),
    ],
)
async def test_abuse_a_frame_that_is_none_ends_its_connection_cleanly(
    site, household, frames, code
):
    before = site.log.stat().st_size
    assert await closed(await signed_in(site, household), frames) == code
    logged = site.log.read_text()[before:]
    assert "Traceback" not in logged
    assert "Exception" not in logged


async def test_a_message_in_fragments_is_one_message(site, household):
    socket = await signed_in(site, household)
    for frame in in_fragments(b'{"type":"ping"}', 5):
        socket.transport.write(frame)
    async with asyncio.timeout(10):
        while '"pong"' not in str(await socket.recv()):
            pass
    await socket.close()
