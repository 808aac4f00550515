"""People who sign up at the server of all tests, and the command line as they run it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD, call_cli
from tests.vectors.making import cast


@pytest.fixture
async def sign_up(server):
    """`await sign_up("ada", name)`: somebody with ada's keys and a name of their own."""
    async with AsyncExitStack() as stack:

        async def enter(who: str, name: str, **options: Any) -> Client:
            client = await stack.enter_async_context(Client(server.url, **options))
            await client.account.sign_up(name, PASSWORD, cast()[who].keys)
            return client

        yield enter


@pytest.fixture
def cli(server, tmp_path):
    """`cli("rooms", home="ada")`: a command in that profile; (exit code, output, errors)."""

    def command(*arguments: str, home: str = "profile", text: str = "") -> tuple[int, str, str]:
        return call_cli(server.url, tmp_path / home, *arguments, text=text)

    return command
