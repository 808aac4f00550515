"""A restore that is killed leaves the old site, or goes on."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sotto.client import Client
from tests.live import ROOT, LiveServer
from tests.ops.sites import KINDS, SITES, backed_up, environment, manage, signed_in, talk


@pytest.fixture(params=KINDS)
def server(request, tmp_path) -> Iterator[LiveServer]:
    """A site that tests may stop and change."""
    with SITES[request.param](tmp_path) as running:
        yield running


BEFORE, HALF_WAY = ("prepared",), ("journal", "tables", "move 1", "move 2", "move 3", "notice")
KILLED = """
import os, signal, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
django.setup()
from pathlib import Path
import psycopg
from chatsite.ops.backup import restore

def killing(function, call=1, counts=lambda *given: True):
    calls = []
    def killed(*given, **named):
        calls.extend([1] * bool(counts(*given)))
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)
    return killed

def killed_after(function):
    def killed(*given, **named):
        function(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
    return killed

def exchanges(source, target):
    return "re" in (source.parent.name[:2], Path(target).parent.name[:2])  # restoring-, replaced-

def moves_table(database, query, *given):
    return "SET SCHEMA" in repr(query)

point, _, call = sys.argv.pop(1).partition(" ")
if point == "prepared":
    restore.Journal.write = killing(restore.Journal.write)
elif point == "journal":
    restore.Journal.write = killed_after(restore.Journal.write)
elif point == "tables":
    psycopg.Connection.execute = killing(psycopg.Connection.execute, 30, moves_table)
    Path.rename = killing(Path.rename, 1, exchanges)
elif point == "move":
    Path.rename = killing(Path.rename, int(call), exchanges)
else:
    restore.notice.add = killing(restore.notice.add)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
"""manage.py, killed at a point of a restore."""


def kill_at(point: str, server: LiveServer, backup: Path) -> None:
    """Restore until it is killed at a point, or is done."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, point, "restore", str(backup)],
        cwd=ROOT,
        env=environment(server),
        capture_output=True,
        text=True,
    )
    assert done.returncode in (-signal.SIGKILL, 0), (point, done.stderr)


@pytest.mark.slow
async def test_fault_a_restore_that_is_killed_leaves_the_old_or_goes_on(server, tmp_path):
    said = await talk(server, lines=1)
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    async with Client(server.url) as ada:
        await signed_in(ada, said.ada)
        await ada.messages.send(said.room, "after the backup")
    server.stop()
    kill_at("prepared", server, made)
    server.start()
    async with Client(server.url) as ben:
        await signed_in(ben, said.ben)
        assert (await ben.messages.history(said.room))[-1].text == "after the backup"
    server.stop()
    for point in HALF_WAY:
        kill_at(point, server, made)
        if not (server.data / "restore.json").exists():
            continue
        assert "restore" in manage(server, "backup", str(tmp_path / "kept")).sentence
        refused = manage(server, "serve")
        assert refused.code == 78, refused.err
        assert "manage.py restore" in refused.err
    done = manage(server, "restore", str(made))
    assert done.code == 0, done.err
    assert not list(server.data.glob("restoring-*"))
    server.start()
    async with Client(server.url) as ben:
        await signed_in(ben, said.ben)
        assert len(await ben.messages.history(said.room)) == 3  # a line, a file, what was deleted
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
