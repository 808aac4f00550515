"""People who sign up at the server of all tests, and the command line as they run it."""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from typing import Any

import pytest

from sotto.client import Client
from sotto.hooks.store import Hooks
from sotto.profile.profile_dir import ProfileDir
from tests.client.acting import DONE, PASSWORD, call_cli
from tests.vectors.making import cast

numbers = itertools.count()


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


@pytest.fixture
def pair(cli):
    """Two people in one room: (ada's name, ben's name, the room's id)."""
    tag = next(numbers)
    ada, ben = f"ada.cli{tag}", f"ben.cli{tag}"
    for name in (ada, ben):
        assert cli("signup", name, home=name)[0] == DONE
    code, room, _ = cli("create", "Garden", "--topic", "What grows", home=ada)
    assert code == DONE
    code, link, _ = cli("invite", "garden", home=ada)
    assert code == DONE
    assert cli("join", "-", home=ben, text=link)[:2] == (DONE, room)
    return ada, ben, room.strip()


@pytest.fixture
async def hooked(server, tmp_path):
    """(ada, her room, the secret of its hook `ci`)."""
    async with AsyncExitStack() as stack:

        async def make(tag: str, template: str = "") -> tuple[Client, str, str]:
            profile = ProfileDir(tmp_path / "ada")
            ada = await stack.enter_async_context(Client(server.url, profile_dir=profile))
            await ada.account.sign_up(f"ada.hook.{tag}", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Builds")
            return ada, room, Hooks(profile).add("ci", room, template)

        yield make
