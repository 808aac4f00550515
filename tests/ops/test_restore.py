"""`manage.py restore`: what comes back, what is kept, and what a client makes of it."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pymongo import MongoClient

from chatsite.ops.backup.check import check
from sotto.api import ApiError
from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.room_errors import Frozen
from tests.client.acting import PASSWORD, run_cli
from tests.live import LiveServer
from tests.ops.sites import KINDS, MAP, SITES, backed_up, manage, signed_in, talk, tree
from tests.vectors.making import cast


@pytest.fixture(params=KINDS)
def server(request, tmp_path) -> Iterator[LiveServer]:
    """A site that tests may stop and change."""
    with SITES[request.param](tmp_path) as running:
        yield running


@pytest.mark.slow
async def test_a_backup_comes_back_and_who_knows_more_stops(server, tmp_path):
    said = await talk(server)
    async with Client(server.url) as ada:
        await signed_in(ada, said.ada)
        await ada.messages.history(said.room)
        made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
        await ada.messages.send(said.room, "after the backup")
        await ada.files.send(said.room, b"another map", name="other.txt")
        await ada.room_admin.invite(said.room)
        await asyncio.to_thread(server.stop)
        done = await asyncio.to_thread(manage, server, "restore", str(made))
        assert done.code == 0, done.err
        assert "replaced-" in done.out
        await asyncio.to_thread(server.start)
        with pytest.raises(ApiError):
            await ada.rooms.create("as if nothing had been")  # every sign-in has ended
    async with Client(server.url) as ben:
        await signed_in(ben, said.ben)
        lines = await ben.messages.history(said.room)
        assert [line.text for line in lines if line.kind == "text"][:3] == said.texts
        assert "after the backup" not in [line.text for line in lines]
        [with_map] = [line for line in lines if line.files]
        fetched = await ben.files.download(with_map.files[0], tmp_path / "map.txt")
        assert fetched.read_bytes() == MAP
        assert await ben.messages.send(said.room, "on from here") == 7
        await ben.files.send(said.room, b"a third map", name="third.txt")
        await ben.rooms.create("Numbers of rows go on, too")
    again = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    manifest = json.loads((again / "manifest.json").read_text())
    assert manifest["newest"][said.room] == 8


BEFORE_WORDS = {
    "messaging": "0010_reference_by_seq",
    "rooms": "0006_requests",
    "accounts": "0007_storage",
    "summaries": "0003_worker_heard_at",
}
"""The newest migrations before those that renamed columns."""


@pytest.mark.slow
async def test_a_backup_with_the_older_names_of_columns_comes_back(server, tmp_path):
    said = await talk(server)
    await asyncio.to_thread(server.stop)
    for app, name in BEFORE_WORDS.items():
        done = await asyncio.to_thread(manage, server, "migrate", app, name)
        assert done.code == 0, done.err
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    done = await asyncio.to_thread(manage, server, "restore", str(made))
    assert done.code == 0, done.err
    await asyncio.to_thread(server.start)
    async with Client(server.url) as ben:
        await signed_in(ben, said.ben)
        lines = await ben.messages.history(said.room)
        assert [line.text for line in lines if line.kind == "text"][:3] == said.texts
        [with_map] = [line for line in lines if line.files]
        fetched = await ben.files.download(with_map.files[0], tmp_path / "map.txt")
        assert fetched.read_bytes() == MAP


def replaced_messages(server: LiveServer, room: str) -> int:
    """How many messages of a room what was replaced holds."""
    if "MONGODB_URL" not in server.environment:
        [kept] = server.data.glob("replaced-*")
        with sqlite3.connect(kept / "sotto.sqlite3") as database:
            query = "SELECT count(*) FROM messages WHERE room = ?"
            return database.execute(query, [room]).fetchone()[0]
    client: MongoClient = MongoClient(server.environment["MONGODB_URL"])
    messages = client[server.environment["MONGODB_DATABASE"]]
    [name] = [n for n in messages.list_collection_names() if n.endswith(".messages")]
    return messages[name].count_documents({"room": room})


@pytest.mark.slow
async def test_fault_who_knows_more_stops_and_is_told_what_the_operator_says(tmp_path):
    profile = tmp_path / "ada"
    with SITES["embedded"](tmp_path) as server:
        name = f"ada.{secrets.token_hex(4)}"
        async with Client(server.url, profile_dir=ProfileDir(profile)) as ada:
            await ada.account.sign_up(name, PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            assert await ada.rooms.restore_notices() == []
            made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
            await ada.room_admin.invite(room)
        server.stop()
        assert manage(server, "restore", str(made)).code == 0
        server.start()
        async with Client(server.url, profile_dir=ProfileDir(profile)) as ada:
            await ada.account.log_in(name, PASSWORD)
            with pytest.raises(Frozen):
                await ada.messages.send(room, "as if nothing had been")
            [said] = await ada.rooms.restore_notices()
            assert said.backup == json.loads((made / "manifest.json").read_text())["at"]
            assert said.backup < said.at
        code, _, errors = await asyncio.to_thread(run_cli, server.url, profile, "history", room)
        assert code == 4
        assert str(said) in errors


@pytest.mark.slow
async def test_what_is_replaced_is_kept(server, tmp_path):
    said = await talk(server)
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    async with Client(server.url) as ada:
        await signed_in(ada, said.ada)
        await ada.messages.send(said.room, "after the backup")
        await ada.files.send(said.room, b"another map", name="other.txt")
    server.stop()
    assert manage(server, "restore", str(made)).code == 0
    assert replaced_messages(server, said.room) == 8
    [kept] = server.data.glob("replaced-*")
    assert len([path for path in (kept / "files").rglob("*") if path.is_file()]) == 2
    if "DATABASE_URL" in server.environment:
        with psycopg.connect(server.environment["DATABASE_URL"]) as database:
            [(schema,)] = database.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replaced%'"
            ).fetchall()
            query = f"SELECT count(*) FROM {schema}.files"
            assert database.execute(query).fetchone() == (2,)


@pytest.mark.slow
async def test_a_backup_comes_back_on_an_empty_machine(server, tmp_path):
    said = await talk(server, lines=1)
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    with SITES["shared" if "DATABASE_URL" in server.environment else "embedded"](
        tmp_path / "elsewhere"
    ) as other:
        other.stop()
        shutil.rmtree(other.data)
        done = manage(other, "restore", str(made))
        assert done.code == 0, done.err
        other.start()
        async with Client(other.url) as ben:
            await signed_in(ben, said.ben)
            assert (await ben.messages.history(said.room))[0].text == "line 0"


@pytest.mark.slow
async def test_fault_a_running_site_is_not_restored(server, tmp_path):
    said = await talk(server, lines=1)
    made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
    async with Client(server.url) as ada:
        await signed_in(ada, said.ada)
        await ada.messages.send(said.room, "after the backup")
        refusal = await asyncio.to_thread(manage, server, "restore", str(made))
        assert "running" in refusal.sentence
        assert (await ada.messages.history(said.room))[-1].text == "after the backup"


@pytest.mark.slow
async def test_fault_a_broken_backup_leaves_everything_as_it_was(tmp_path):
    """The log of a database that was not closed well, too: it holds what was acknowledged."""
    with SITES["embedded"](tmp_path) as server:
        said = await talk(server, lines=1)
        made = await asyncio.to_thread(backed_up, server, tmp_path / "kept")
        server.stop(9)
        assert (server.data / "sotto.sqlite3-wal").stat().st_size > 0
        before = tree(server.data)
        whole = (made / "database.sqlite3").read_bytes()
        for harm in (whole[:-1], b"", None):
            (made / "database.sqlite3").unlink(missing_ok=True)
            if harm is not None:
                (made / "database.sqlite3").write_bytes(harm)
            assert "database.sqlite3" in manage(server, "restore", str(made)).sentence
            assert tree(server.data) == before
        assert "no backup" in manage(server, "restore", str(tmp_path / "absent")).sentence
        assert tree(server.data) == before
        server.start()
        async with Client(server.url) as ben:
            await signed_in(ben, said.ben)
            assert len(await ben.messages.history(said.room)) == 3


@pytest.mark.slow
def test_fault_a_backup_of_a_newer_version_is_refused(kept, site, tmp_path):
    """The manifest is rewritten as that version would have."""
    newer = Path(shutil.copytree(kept, tmp_path / "newer"))
    rewrite(newer, lambda manifest: manifest["migrations"].append(["rooms", "9999_later"]))
    [fault] = check(newer)
    assert "rooms.9999_later" in fault
    assert "newer version" in manage(site.server, "restore", str(newer)).sentence
    rewrite(newer, lambda manifest: manifest.update(v=2))
    assert "newer version" in check(newer)[0]


@pytest.mark.slow
def test_fault_a_backup_of_other_engines_is_refused(kept, site, tmp_path):
    elsewhere = LiveServer(tmp_path / "data")
    if "DATABASE_URL" not in site.server.environment:
        variables = {"MONGODB_URL": "mongodb://127.0.0.1:9/?directConnection=true"}
    else:
        variables = {}
    refusal = manage(elsewhere, "restore", str(kept), **variables).sentence
    assert "MONGODB_URL" in refusal
    assert not (elsewhere.data / "sotto.sqlite3").exists()


def rewrite(backup: Path, change) -> None:
    """Another manifest with the right hash."""
    from hashlib import sha256

    path = backup / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
    digest = sha256(path.read_bytes()).hexdigest()
    (backup / "manifest.json.sha256").write_text(f"{digest}  manifest.json\n")
