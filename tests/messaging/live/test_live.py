"""The same over a real server and a real network: `manage.py serve` and `websockets`."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chatsite.lib import wire
from messaging.live.frames import MAX_FRAME
from tests.base import PASSWORD
from tests.live import LiveServer
from tests.messaging.members import Member
from tests.messaging.senders import WITHIN, Sender, cid_in


class Socket:
    """A connection whose arrays of events are taken apart."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._waiting: deque[dict[str, Any]] = deque()

    async def send(self, frame: dict[str, Any] | str) -> None:
        await self._connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def event(self, type_: str) -> dict[str, Any]:
        """The next event of a type; others before it are skipped."""
        async with asyncio.timeout(WITHIN):
            while True:
                while self._waiting:
                    event = self._waiting.popleft()
                    if event["type"] == type_:
                        return event
                value = json.loads(await self._connection.recv())
                self._waiting.extend(value if isinstance(value, list) else [value])

    async def closed(self) -> int:
        with pytest.raises(ConnectionClosed) as closed:
            await self.event("nothing")
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@asynccontextmanager
async def connect(server: LiveServer, member: Member, **options: Any) -> AsyncIterator[Socket]:
    address = f"ws://localhost:{server.port}/ws/"
    async with websockets.connect(address, max_size=MAX_FRAME, **options) as connection:
        socket = Socket(connection)
        await socket.send({"type": "auth", "token": member.access})
        assert (await socket.event("ready"))["uid"] == member.uid
        yield socket


async def test_messages_travel_and_no_secret_reaches_the_log(server):
    ada = Member(server)
    sender = Sender(ada, ada.create_room())  # type: ignore[arg-type]
    frame = sender.seal(ct=secrets.token_bytes(80))
    async with connect(server, ada) as socket, connect(server, ada) as other:
        await socket.send({**frame, "sig": wire.b64(bytes(64))})
        assert (await socket.event("error"))["code"] == "bad_message"
        await socket.send(json.dumps(frame)[:-1])
        assert (await socket.event("error"))["code"] == "bad_frame"
        await socket.send(frame)
        assert (await socket.event("ack"))["seq"] == 1
        assert (await other.event("message_receive"))["messages"] == ada.history(sender.room)
    log = server.log.read_text()
    for text in (frame["ct"], frame["h"], frame["sig"], ada.access, ada.refresh, PASSWORD):
        assert text not in log


@pytest.mark.parametrize("size", [MAX_FRAME + 1, 4 * MAX_FRAME])
async def test_a_frame_that_is_too_large_closes_the_connection(server, size):
    async with connect(server, Member(server)) as socket:
        await socket.send("x" * size)
        assert await socket.closed() == 1009


async def test_a_foreign_page_does_not_even_connect(server):
    with pytest.raises(InvalidStatus) as refused:
        async with connect(server, Member(server), origin="http://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_signing_out_closes_the_socket_within_a_second(server):
    ada = Member(server)
    async with connect(server, ada) as socket:
        await asyncio.to_thread(ada.sign_out)
        async with asyncio.timeout(1):
            await socket.event("session_revoked")
            assert await socket.closed() == 4401


@pytest.mark.slow
async def test_what_was_acknowledged_survives_a_crash(tmp_path):
    """SIGKILL amid a burst: every acked message is there, once, under the number in its ack;
    what got no answer is sent again and is not doubled.
    """
    with LiveServer(tmp_path / "data") as server:
        ada = Member(server)
        sender = Sender(ada, ada.create_room())  # type: ignore[arg-type]
        sent = [sender.seal() for _ in range(150)]
        acked = await burst(server, ada, sent, kill_after=20)
        assert len(acked) >= 20
        server.start()
        assert stored(ada, sender).items() >= acked.items()
        async with connect(server, ada) as socket:
            for frame in sent:
                await socket.send(frame)
            answers = [await socket.event("ack") for _ in sent]
        seqs = {answer["cid"]: answer["seq"] for answer in answers}
        assert seqs.items() >= acked.items()
        assert stored(ada, sender) == seqs
        assert sorted(seqs.values()) == list(range(1, 151))


def stored(ada: Member, sender: Sender) -> dict[str, int]:
    return {cid_in(row): row["seq"] for row in ada.history(sender.room)}


async def burst(
    server: LiveServer, ada: Member, sent: list[dict[str, Any]], *, kill_after: int
) -> dict[str, int]:
    """Send as fast as it goes, kill the server after some acks; what was acked, by cid."""
    acked: dict[str, int] = {}
    async with connect(server, ada) as socket:
        sending = asyncio.create_task(send_all(socket, sent))
        with suppress(ConnectionClosed):
            while True:
                ack = await socket.event("ack")
                acked[ack["cid"]] = ack["seq"]
                if len(acked) == kill_after:
                    server.stop(signal.SIGKILL)
        await sending
    return acked


async def send_all(socket: Socket, sent: list[dict[str, Any]]) -> None:
    with suppress(ConnectionClosed):
        for frame in sent:
            await socket.send(frame)
