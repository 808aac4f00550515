#!/usr/bin/env python3
"""Starts Firefox for Playwright and passes WebDriver BiDi between them.

Playwright speaks BiDi to a Firefox that nobody has patched, but asks for commands that ESR
releases do not have yet. This program stands in for the browser's executable: it starts the real
one (SOTTO_FIREFOX) with the same arguments, announces an address of its own, and answers commands
that Firefox does not know with an empty result. Everything else passes unchanged.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

ANNOUNCED = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
# What Playwright reads from the answers to commands that are unknown to Firefox.
EMPTY = {"collector": "none"}


async def main() -> int:
    firefox = await asyncio.create_subprocess_exec(
        os.environ["SOTTO_FIREFOX"],
        *sys.argv[1:],
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, firefox.terminate)
    upstream = await announced_address(firefox)

    async def answer(playwright: ServerConnection) -> None:
        assert playwright.request is not None
        address = upstream + playwright.request.path
        async with connect(address, max_size=None, compression=None) as browser:
            await asyncio.wait(
                [
                    asyncio.create_task(forward(playwright, browser)),
                    asyncio.create_task(forward_known(browser, playwright)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )

    async with serve(answer, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        sys.stderr.write(f"WebDriver BiDi listening on ws://127.0.0.1:{port}\n")
        sys.stderr.flush()
        assert firefox.stderr is not None
        await firefox.stderr.read()  # until it ends; a full pipe would stop it
    return await firefox.wait()


async def announced_address(firefox: asyncio.subprocess.Process) -> str:
    assert firefox.stderr is not None
    async for line in firefox.stderr:
        found = ANNOUNCED.search(line)
        if found:
            return found[1].decode()
    raise SystemExit("Firefox ended before it listened.")


async def forward(source, target) -> None:
    async for text in source:
        await target.send(text)


async def forward_known(browser, playwright) -> None:
    async for text in browser:
        await playwright.send(with_unknown_answered(text))


def with_unknown_answered(text: str) -> str:
    """The frame as it came, or an empty success where Firefox does not know the command."""
    if '"unknown command"' not in text:
        return text
    frame = json.loads(text)
    if frame.get("type") != "error" or frame.get("error") != "unknown command":
        return text
    return json.dumps({"type": "success", "id": frame["id"], "result": EMPTY})


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
