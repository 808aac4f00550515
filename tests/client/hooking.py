"""A receiver of hooks in tests, and what is posted to it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from sotto.client import Client
from sotto.hooks.server import HookServer
from sotto.hooks.store import Hooks, Spool
from sotto.profile.profile_dir import ProfileDir
from tests.client.acting import until

JSON, TEXT = "application/json", "text/plain"


async def request(port: int, raw: bytes, *, end: bool = False) -> tuple[int, str]:
    """The answer to raw bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    if end:
        writer.write_eof()
    try:
        answer = await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), body


async def post(port: int, secret: str, body: bytes, type_: str = TEXT, path: str = "ci"):
    head = (
        f"POST /{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: {type_}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return await request(port, head.encode() + body)


def folder(client: Client) -> ProfileDir:
    profile = client.session.profile_dir
    assert profile is not None
    return profile


@asynccontextmanager
async def serving(client: Client, *, delivering: bool = True):
    """The receiver of a client's profile: its port, and what it noted."""
    profile = folder(client)
    noted: list[str] = []
    server = HookServer(client, Hooks(profile).all, Spool(profile, client.me), noted.append)
    listening = await server.listen("127.0.0.1", 0)
    work = asyncio.create_task(server.deliver()) if delivering else None
    try:
        yield listening.sockets[0].getsockname()[1], noted
    finally:
        listening.close()
        if work is not None:
            work.cancel()


async def texts(client: Client, room: str) -> list[str]:
    return [message.text for message in await client.messages.history(room)]


def waiting(client: Client) -> list[Path]:
    return sorted((folder(client).path / "spool").iterdir())


async def all_sent(client: Client) -> None:
    async def empty() -> bool:
        return not waiting(client)

    await until(empty, within=30)
