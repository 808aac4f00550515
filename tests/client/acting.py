"""What people do in the client's tests."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from sotto.client import Client
from tests.live import ROOT

PASSWORD = "correct horse battery staple"


async def heard(client: Client, many: int = 1, *, within: float = 15) -> list[str]:
    """The texts of the next messages."""
    found = []
    async with asyncio.timeout(within):
        async for message in client.messages.receive():
            assert message.status == "ok", message
            assert not message.missing
            assert not message.other_view
            found.append(message.text)
            if len(found) == many:
                break
    return found


async def room_of_two(sign_up, tag: str, **policy) -> tuple[Client, Client, str]:
    ada, ben = await sign_up("ada", f"ada.{tag}"), await sign_up("ben", f"ben.{tag}")
    room = await ada.rooms.create("Garden", "What grows", **policy)
    link = await ada.room_admin.invite(room)
    assert await ben.rooms.join(link) == room
    return ada, ben, room


async def until(true, within: float = 10) -> None:
    """Wait for what others do in their own time."""
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 (others are programs of their own)
            await asyncio.sleep(0.05)


def cli_command(home: Path, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from sotto.cli.main import run; run()",
        "--home",
        str(home),
        *arguments,
    ]


def cli_environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "client"),
        "SOTTO_SERVER": url,
        "SOTTO_PASSWORD": PASSWORD,
    }


def run_cli(url: str, home: Path, *arguments: str, text: str = "") -> tuple[int, str, str]:
    """(exit code, output, errors) of a command, run as a program of its own."""
    done = subprocess.run(
        cli_command(home, *arguments),
        env=cli_environment(url),
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr
