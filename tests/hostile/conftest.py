"""A room of honest people and of one whose keys the server holds; and the victim."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sotto.client import Client
from sotto.room import Room
from tests.browser.people import Stage
from tests.client.acting import PASSWORD
from tests.hostile.browser_victim import BrowserVictim
from tests.hostile.client_victim import ClientVictim
from tests.hostile.forge import Mallory
from tests.hostile.jumping_browser import JumpingBrowser
from tests.hostile.jumping_victim import JumpingVictim
from tests.hostile.server import Hostile, network
from tests.hostile.victims import Victim
from tests.vectors.making import cast

HERE = Path(__file__).parent


WITH_PROGRAMS = {"keys", "messages"}
"""Which tests `make test` runs whole with a program as the victim."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the others `make test` runs the core alone, and in a browser the core of that: each takes
    some seconds with a program and some fifteen in a browser.
    """
    for item in items:
        if HERE not in item.path.parents:
            continue
        core, in_browser = item.get_closest_marker("core"), item.get_closest_marker("browser")
        if core is not None and (not in_browser or core.kwargs.get("browser")):
            continue
        if in_browser or item.path.stem.removeprefix("test_hostile_") not in WITH_PROGRAMS:
            item.add_marker(pytest.mark.slow)


@dataclass
class Scene:
    """ada owns the room and has said "one" and "two", mallory has said "three"; all three are
    honest as far as they know. `link` lets the victim in, who has not joined yet.
    """

    hostile: Hostile
    ada: Client
    mallory: Mallory
    victim: Victim
    id: str
    link: str

    async def room(self) -> Room:
        """As mallory knows it, and so the server."""
        return await self.mallory.client.rooms.open(self.id)

    async def rows(self) -> list[dict[str, Any]]:
        """What the real server has."""
        room = await self.room()
        return [dict(row) for row in room.rows.values()]

    async def log(self) -> list[dict[str, str]]:
        room = await self.room()
        return [{"event": event["event"], "sig": event["sig"]} for event in room.events]

    async def new_epoch(self) -> None:
        """Somebody comes and is removed: the room has another key, and another link."""
        async with Client(self.hostile.upstream, transport=network()) as guest:
            await guest.account.sign_up(
                f"guest.{secrets.token_hex(4)}", PASSWORD, cast()["cleo"].keys
            )
            await guest.rooms.join(self.link)
            await self.ada.members.remove(self.id, guest.me.uid)
        self.link = await self.ada.room_admin.invite(self.id, uses=10)

    async def join(self) -> None:
        await self.victim.join(self.link, self.id)

    async def restart(self) -> None:
        await self.victim.restart(self.id)


def _names_its_own(metafunc: pytest.Metafunc) -> bool:
    """True if a module or test says by a mark whom the hostile server serves."""
    marks = metafunc.definition.iter_markers("parametrize")
    return any(mark.args[0] == "scene" for mark in marks)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scene" not in metafunc.fixturenames or _names_its_own(metafunc):
        return
    in_browser, slow = pytest.mark.browser, pytest.mark.slow
    kinds = ["client", pytest.param("browser", marks=in_browser)]
    about = metafunc.module.__name__.rpartition("_hostile_")[2]
    if about == "windows":
        kinds = ["jumping"]
    else:  # also with a victim that jumps about in the room before it reads it
        jumping = pytest.param("jumping-browser", marks=[in_browser, slow])
        kinds += [pytest.param("jumping", marks=slow), jumping]
    metafunc.parametrize("scene", kinds, indirect=True, scope="function")


@pytest_asyncio.fixture(loop_scope="session")
async def scene(request, server, browsers, tmp_path) -> AsyncIterator[Scene]:
    """New people with fixed keys: a client whose account is in the rooms of earlier tests does more
    with every test.
    """
    tag = secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        people = []
        for name, keys in (("ada", cast()["ada"].keys), ("mallory", cast()["ben"].keys)):
            client = Client(server.url, transport=network())
            await stack.enter_async_context(client)
            await client.account.sign_up(f"{name}.{tag}", PASSWORD, keys)
            people.append(client)
        ada, mallory = people
        room = await ada.rooms.create("Garden")
        link = await ada.room_admin.invite(room, uses=10)
        await ada.messages.send(room, "one")
        await mallory.rooms.join(link)
        await ada.messages.send(room, "two")
        await mallory.messages.send(room, "three")
        hostile = await stack.enter_async_context(Hostile(server.url))
        programs = {"client": ClientVictim, "jumping": JumpingVictim}
        if request.param in programs:
            program = programs[request.param](hostile, tmp_path / "vic")
            stack.push_async_callback(program.close)
            victim: Victim = program
        else:
            stage = Stage(hostile, await browsers.get())
            kind = JumpingBrowser if request.param == "jumping-browser" else BrowserVictim
            victim = kind(hostile, await stack.enter_async_context(stage))
        await victim.sign_up(f"vic.{tag}")
        yield Scene(hostile, ada, Mallory(mallory), victim, room, link)
