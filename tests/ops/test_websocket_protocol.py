"""Shared frames: the bytes of RFC 6455, and only where the server may write them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.frames import Frame
from websockets.streams import StreamReader

from accounts.access import SessionRef
from chatsite.lib.ws_framing import text_frame
from chatsite.ops.websocket_protocol import PreparedFrames
from messaging.live.connection import OUTBOX, Connection

ADA = SessionRef(uid="a" * 32, name="ada", sign_in="f")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_shared_frame_is_one_that_websockets_reads(size):
    text = "é" * (size // 2) + "x" * (size % 2)
    reader = StreamReader()
    reader.feed_data(text_frame(text))
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parsing)
    frame = done.value.value
    assert frame.fin
    assert frame.opcode == 1
    assert bytes(frame.data).decode() == text
    assert not reader.buffer, "nothing is left"


class Transport:
    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: bytes) -> None:
        self.written.append(data)


@pytest.fixture
def protocol() -> PreparedFrames:
    protocol = PreparedFrames.__new__(PreparedFrames)
    protocol.transport = Transport()  # type: ignore[assignment]
    protocol.handshake_complete = True
    protocol.close_sent = protocol.disconnected = False
    protocol.writable = asyncio.Event()
    protocol.writable.set()
    return protocol


def test_an_open_socket_takes_a_frame(protocol):
    assert protocol.write_prepared(b"frame")
    assert protocol.transport.written == [b"frame"]


@pytest.mark.parametrize(
    "stop",
    [
        pytest.param(lambda one: one.pause_writing(), id="the reader is slow"),
        pytest.param(lambda one: setattr(one, "close_sent", True), id="closed by us"),
        pytest.param(lambda one: setattr(one, "disconnected", True), id="gone"),
        pytest.param(lambda one: setattr(one, "handshake_complete", False), id="not yet open"),
        pytest.param(lambda one: setattr(one.transport, "closing", True), id="closing"),
    ],
)
def test_no_other_does(protocol, stop):
    stop(protocol)
    assert not protocol.write_prepared(b"frame")
    assert protocol.transport.written == []


class Line:
    """A connection whose server has both ways; `open`: the prepared one takes frames."""

    def __init__(self) -> None:
        self.open = True
        self.prepared: list[bytes] = []
        self.sent: list[Any] = []
        self.reads = asyncio.Event()
        self.connection = Connection(ADA, self, self.write, drain_within=0.2)
        self.connection.greet('"hello"')

    def write(self, frame: bytes) -> bool:
        if self.open:
            self.prepared.append(frame)
        return self.open

    async def send(self, text_data: str) -> None:
        await self.reads.wait()
        self.sent.append(text_data)

    async def close(self, code: int) -> None:
        await self.reads.wait()
        self.sent.append(code)

    def share(self, event: str) -> None:
        self.connection.share(event, text_frame(event))


async def test_a_shared_event_never_overtakes_a_queued_one():
    line = Line()
    line.connection.push("1")
    line.share("2")
    await asyncio.sleep(0)
    line.share("3")
    assert line.prepared == [text_frame('"hello"'), text_frame("[1,2]"), text_frame("3")]


async def test_before_the_greeting_nothing_is_shared():
    line = Line()
    line.connection = Connection(ADA, line, line.write)
    line.prepared.clear()
    line.share("1")
    await asyncio.sleep(0)
    assert line.prepared == []
    line.connection.greet("0")
    assert line.prepared == [text_frame("[0,1]")]


async def test_a_reader_that_is_behind_gets_everything_in_order_the_ordinary_way():
    line = Line()
    line.open = False
    for n in range(5):
        line.share(str(n))
    await asyncio.sleep(0)
    line.open = True
    line.share("5")
    assert line.prepared == [text_frame('"hello"')], "it may not overtake what waits"
    line.reads.set()
    await line.connection.drained()
    assert [json.loads(text) for text in line.sent] == [[0, 1, 2, 3, 4], 5]


async def test_a_reader_that_does_not_drain_is_closed_with_4413():
    line = Line()
    line.open = False
    for n in range(OUTBOX + 2):
        line.share(str(n))
        await asyncio.sleep(0)
    assert line.connection.closed
    line.reads.set()
    await line.connection.wait_closed()
    assert line.sent[-1] == 4413
