"""Sites with something in them, and the operator's commands run on them."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chatsite.ops.backup.check import check
from sotto.client import Client
from tests import programs
from tests.client.acting import PASSWORD
from tests.engines.mongo import mongo_url
from tests.engines.postgres import postgres_url
from tests.engines.redis import redis_url
from tests.live import ROOT, LiveServer
from tests.vectors.making import cast

WITHIN = 120  # seconds
MAP = b"a map of the garden"


@dataclass
class Ended:
    """A command that ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line of its refusal."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert self.code != 0
        return lines[0]


def environment(server: LiveServer, **variables: str) -> dict[str, str]:
    """What a process of the site is started with, and `variables` instead of some of it."""
    return {**server.environment, "LOG_LEVEL": "WARNING", **variables}


def manage(server: LiveServer, *command: str, **variables: str) -> Ended:
    """Run `manage.py` with the site's own settings."""
    python = [sys.executable, "manage.py", *command]
    done = programs.run(python, ROOT, environment(server, **variables), WITHIN)
    return Ended(done.returncode, done.stdout, done.stderr)


def backed_up(server: LiveServer, folder: Path) -> Path:
    """The new backup in `folder`, checked."""
    done = manage(server, "backup", str(folder))
    assert done.code == 0, done.err
    made = Path(done.out.strip())
    assert check(made) == []
    return made


@contextmanager
def embedded(folder: Path) -> Iterator[LiveServer]:
    folder.mkdir(parents=True, exist_ok=True)
    with LiveServer(folder / "data") as server:
        yield server


@contextmanager
def shared(folder: Path) -> Iterator[LiveServer]:
    """On PostgreSQL, MongoDB's protocol and Redis, each of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        database = f"sotto_{secrets.token_hex(4)}"
        engines = {
            "DATABASE_URL": stack.enter_context(postgres_url()),
            "MONGODB_URL": stack.enter_context(mongo_url(folder)),
            "MONGODB_DATABASE": database,
            "REDIS_URL": stack.enter_context(redis_url(folder)),
        }
        yield stack.enter_context(LiveServer(folder / "data", **engines))


SITES = {"embedded": embedded, "shared": shared}
KINDS = ["embedded", pytest.param("shared", marks=pytest.mark.slow)]
"""The keys of SITES, for fixtures."""


@dataclass
class Talk:
    """A room of ada and ben with messages and a file."""

    room: str
    ada: str
    ben: str
    texts: list[str] = field(default_factory=list)


@dataclass
class Site:
    server: LiveServer
    said: Talk


async def talk(server: LiveServer, lines: int = 3) -> Talk:
    """ada writes `lines` messages, sends a file and deletes a message; ben has joined."""
    tag = secrets.token_hex(4)
    async with Client(server.url) as ada, Client(server.url) as ben:
        await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        for n in range(lines):
            await ada.messages.send(room, f"line {n}")
        await ada.files.send(room, MAP, name="map.txt")
        await ada.messages.send(room, "a mistake")
        await ada.messages.delete((await ada.messages.history(room))[-1])
        await ben.messages.mark_read(room)
    return Talk(room, f"ada.{tag}", f"ben.{tag}", [f"line {n}" for n in range(lines)])


def only_file(folder: Path) -> Path:
    """The one attachment below a folder of attachments."""
    [found] = [path for path in folder.rglob("*") if path.is_file()]
    return found


def parts(backup: Path) -> list[Path]:
    return sorted(path for path in backup.rglob("*") if path.is_file())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, but for locks."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".running", ".turn"}
    }


async def signed_in(client: Client, name: str) -> Client:
    await client.account.log_in(name, PASSWORD, cast()[name.partition(".")[0]].keys)
    return client
