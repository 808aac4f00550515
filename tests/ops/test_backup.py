"""`manage.py backup` and `check_backup`: a backup is whole, or says that it is not."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chatsite.ops.backup.check import check
from sotto.client import Client
from tests.abuse.wire import Wire
from tests.client.acting import PASSWORD, until
from tests.engines.postgres import postgres_url
from tests.live import ROOT, LiveServer
from tests.ops.sites import backed_up, environment, manage, only_file, parts
from tests.vectors.making import cast

CHUNK = 65_552  # bytes of a sealed chunk
ENGINES = ("DATABASE_URL", "MONGODB_URL", "MONGODB_DATABASE", "REDIS_URL")


def manifest_of(backup: Path) -> dict:
    return json.loads((backup / "manifest.json").read_text())


def test_a_backup_says_what_is_in_it(site, kept):
    manifest = manifest_of(kept)
    assert manifest["newest"][site.said.room] == 6
    assert site.said.room in manifest["heads"]
    assert manifest["tables"]["users"]["rows"] == 2
    only_file(kept / "files" / site.said.room)
    stored = [path for path in (kept / "files").rglob("*") if path.is_file()]
    assert manifest["files"] == len(stored)  # other rooms may have some, too
    assert manifest["gone"] == manifest["lost"] == manifest["dropped"] == []


def test_a_backup_is_for_its_owner_alone_and_holds_no_secret(site, kept):
    secret = site.server.data / "secrets" / "secret_key"
    key = site.server.environment.get("SECRET_KEY") or secret.read_text()
    for path in [kept, *kept.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.is_dir() or key.encode() not in path.read_bytes(), path


@pytest.mark.slow
async def test_a_backup_under_traffic_is_whole(site, tmp_path):
    """Messages, files and deletions go on meanwhile, in a room of their own."""
    async with Client(site.server.url) as ada:
        await ada.account.log_in(site.said.ada, PASSWORD, cast()["ada"].keys)
        room, sent = await ada.rooms.create("Busy"), asyncio.Event()

        async def write() -> None:
            while True:
                await ada.files.send(room, os.urandom(2000), name="noise")
                sent.set()
                await ada.messages.delete((await ada.messages.history(room))[-1])

        writing = asyncio.create_task(write())
        await sent.wait()
        made = await asyncio.to_thread(backed_up, site.server, tmp_path)
        assert not writing.done(), writing.exception()
        writing.cancel()
        newest = (await ada.messages.history(room))[-1].seq
    manifest = manifest_of(made)
    assert 0 < manifest["newest"][room] <= newest
    assert manifest["lost"] == []


@pytest.mark.slow
async def test_abuse_an_upload_that_never_ends_stops_no_backup(site, tmp_path):
    """Its row is there before its bytes."""
    async with Client(site.server.url) as ada:
        await ada.account.log_in(site.said.ada, PASSWORD, cast()["ada"].keys)
        room = await ada.rooms.create("Slow")
        coming = site.server.data / "files" / room / ("e" * 32)
        with Wire(site.server) as wire:
            wire.head(
                "PUT",
                f"/api/v1/chatrooms/{room}/files/{coming.name}",
                ada.session.api.access,
                Content_Type="application/octet-stream",
                Content_Length=str(100 * CHUNK),
            ).send(bytes(CHUNK))
            await until(lambda: asyncio.to_thread(coming.exists))
            making = asyncio.create_task(asyncio.to_thread(backed_up, site.server, tmp_path))
            while not making.done():  # fast enough not to be closed as too slow
                wire.send(bytes(CHUNK))
                await asyncio.wait({making}, timeout=4)
            made = await making
            assert coming.exists(), "it is still on its way"
    assert list((made / "files").glob(f"{room}/*")) == []
    assert manifest_of(made)["lost"] == manifest_of(made)["gone"] == []


@pytest.mark.slow
def test_fault_the_variables_name_files_and_the_backup_is_of_the_site(site, tmp_path):
    """As compose.yaml gives them: what a backup reads is what the site uses."""
    given = environment(site.server)
    for name in ENGINES:
        if value := given.pop(name, ""):
            (tmp_path / name).write_text(f"{value}\n")
            given[f"{name}_FILE"] = str(tmp_path / name)
    done = subprocess.run(
        [sys.executable, "manage.py", "backup", str(tmp_path / "kept")],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert site.said.room in manifest_of(Path(done.stdout.strip()))["newest"]


@pytest.mark.slow
def test_fault_a_mistyped_data_folder_is_refused(site, tmp_path):
    wrong, folder = str(tmp_path / "dta"), tmp_path / "kept"
    refusals = [
        manage(site.server, "backup", str(folder), SOTTO_DATA=wrong).sentence for _ in range(2)
    ]
    assert "SOTTO_DATA" in refusals[0]
    assert refusals[0] == refusals[1], "the first leaves nothing that the second takes for a site"
    assert not list(folder.glob("*"))


@pytest.mark.slow
def test_fault_another_message_store_is_refused(site, tmp_path):
    if "MONGODB_URL" not in site.server.environment:
        variables = {"DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3"}
    else:
        variables = {"MONGODB_DATABASE": "other"}
    refusal = manage(site.server, "backup", str(tmp_path / "kept"), **variables).sentence
    assert next(iter(variables)) in refusal


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"no database at all, but as long as one" * 100])
def test_fault_a_file_that_is_no_database_is_refused(tmp_path, content):
    server = LiveServer(tmp_path / "data")
    server.data.mkdir()
    (server.data / "sotto.sqlite3").write_bytes(content)
    assert "sotto.sqlite3" in manage(server, "backup", str(tmp_path / "kept")).sentence
    assert (server.data / "sotto.sqlite3").read_bytes() == content


@pytest.mark.slow
def test_fault_a_site_without_accounts_is_refused(tmp_path):
    with LiveServer(tmp_path / "data") as server:
        assert "no account" in manage(server, "backup", str(tmp_path / "kept")).sentence


@pytest.mark.slow
def test_fault_a_postgresql_without_tables_is_refused(tmp_path):
    with postgres_url() as url:
        server = LiveServer(tmp_path / "data", DATABASE_URL=url)
        assert "DATABASE_URL" in manage(server, "backup", str(tmp_path / "kept")).sentence


@pytest.mark.slow
def test_fault_files_that_the_site_lost_or_that_rotted_are_told(site, tmp_path):
    file = only_file(site.server.data / "files" / site.said.room)
    whole = file.read_bytes()
    try:
        flip(file)
        rotten = manage(site.server, "backup", str(tmp_path / "kept"))
        file.unlink()
        lost = manage(site.server, "backup", str(tmp_path / "kept"))
        done = manage(site.server, "backup", str(tmp_path / "kept"), "--without-lost-files")
        file.mkdir()
        unreadable = manage(site.server, "backup", str(tmp_path / "kept"))
        file.rmdir()
    finally:
        file.write_bytes(whole)
    assert "1 attachment" in rotten.sentence
    assert "1 attachment" in lost.sentence
    assert "Is a directory" in unreadable.sentence
    assert done.code == 0, done.err
    checked = manage(site.server, "check_backup", done.out.strip())
    assert checked.code == 0
    assert site.said.room in checked.err, "every check names it again"


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    "harm",
    [flip, *(pytest.param(harm, marks=pytest.mark.slow) for harm in (cut, Path.unlink))],
)
def test_fault_every_part_that_is_not_as_written_is_named(kept, harm, tmp_path):
    made = shutil.copytree(kept, tmp_path / "made")
    for part in parts(made):
        whole = part.read_bytes()
        if not whole and harm is not Path.unlink:
            continue
        name = part.relative_to(made).as_posix().removesuffix(".sha256")
        harm(part)
        faults = check(made)
        part.write_bytes(whole)
        assert any(name in fault for fault in faults), (name, faults)
    assert check(made) == []


@pytest.mark.slow
def test_fault_a_file_beside_the_parts_is_named(kept):
    for place in (kept / "more", kept / "files" / "more"):
        place.write_text("?")
        assert [fault for fault in check(kept) if "more" in fault]
        place.unlink()


@pytest.mark.slow
def test_fault_a_folder_that_is_no_backup_is_refused(tmp_path):
    server = LiveServer(tmp_path / "data")
    ended = manage(server, "check_backup", str(tmp_path))
    assert ended.code == 1
    assert ended.err.count("no backup") == 1
    assert "Traceback" not in ended.err


@pytest.mark.slow
def test_fault_a_backup_that_is_killed_at_work_is_no_backup(site, tmp_path):
    environ = {**environment(site.server), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, "manage.py", "backup", str(tmp_path)], cwd=ROOT, env=environ
    )
    assert process.wait() == -signal.SIGKILL
    [left] = tmp_path.iterdir()
    assert left.suffix == ".partial"
    assert check(left)


KILLED = """
import os, signal, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
django.setup()
from chatsite.ops.backup import create
create.Manifest.write = lambda manifest, folder: os.kill(os.getpid(), signal.SIGKILL)
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv[1:])
"""
"""manage.py, killed when all parts are written and none is named yet."""
