"""Frames and sockets without the client around them."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from sotto.chain import Chain, send_frame
from sotto.client import Client
from tests.live import LiveServer


def sealed_frames(client: Client, room: str, texts: Sequence[str]) -> list[str]:
    """`message_send` frames that follow each other, of a room that `client` has opened. It has
    not sent them: it must send nothing itself afterwards.
    """
    manager = client.session.manager
    opened = manager.cached(room)
    chain, key = Chain(opened, manager.senders[room].tip), opened.keys[opened.state.e]
    frames = []
    for text in texts:
        content = {"t": "text", "body": text}
        sealed = chain.seal(secrets.token_hex(16), content, key, manager.log_api.clock.now())
        chain.advance(sealed)
        frames.append(json.dumps(send_frame(opened, sealed, content)))
    return frames


@asynccontextmanager
async def signed_in(
    server: LiveServer, client: Client, **options: Any
) -> AsyncIterator[ClientConnection]:
    """A socket of `client`'s sign-in that has had its `ready`."""
    address = server.url.replace("http", "ws") + "/ws/"
    async with connect(address, compression=None, **options) as socket:
        await socket.send(json.dumps({"type": "auth", "token": client.session.api.access}))
        while '"type":"ready"' not in str(await socket.recv()):
            pass
        yield socket
