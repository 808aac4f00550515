"""The disk of an embedded site is full: senders are told, what was acknowledged stays, and once
there is room they go on.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from sotto.client import Client
from tests.client.acting import PASSWORD
from tests.faults.raw import sealed_frames, signed_in
from tests.faults.storm import EACH, storm
from tests.live import LiveServer
from tests.vectors.making import cast

DISK = "24m"
UNSHARE = ["unshare", "--mount", *(["--user", "--map-root-user"] if os.geteuid() else [])]
MOUNT = f'mount -t tmpfs -o size={DISK} tmpfs "$SOTTO_DATA" && exec "$@"'
BLOCK = bytes(4096)
CHUNK = 65_552  # bytes of a sealed chunk
WITHIN = 600  # seconds, on a busy machine


class SmallDisk(LiveServer):
    """Its data lie on a disk of their own, which nobody else sees and which goes with it."""

    @property
    def command(self) -> list[str]:
        self.data.mkdir(exist_ok=True)
        return [*UNSHARE, "sh", "-c", MOUNT, "sh", *super().command]

    @property
    def _filler(self) -> Path:
        return Path(f"/proc/{self.pid}/root{self.data}/filler")

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as filler:
            while True:
                try:
                    filler.write(BLOCK)
                except OSError:
                    return

    def attachments(self) -> list[Path]:
        folder = Path(f"/proc/{self.pid}/root{self.data}/files")
        return [path for path in folder.rglob("*") if path.is_file()]

    def make_room(self) -> None:
        self._filler.unlink()


def disks_can_be_made() -> bool:
    tried = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return shutil.which("unshare") is not None and not subprocess.run(tried).returncode


needs_disk = pytest.mark.skipif(
    not disks_can_be_made(), reason="this system lets nobody but root make a small disk to fill"
)


@pytest.mark.slow
@needs_disk
async def test_fault_store_sqlite_full_disk_is_said_and_the_same_bytes_are_taken_later(
    tmp_path: Path,
):
    with SmallDisk(tmp_path / "data", LOG_LEVEL="INFO", DISK_FLOOR="0") as server:
        async with Client(server.url) as ada, asyncio.timeout(WITHIN):
            await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            frames = sealed_frames(ada, room, [f"{n} " + "x" * 30_000 for n in range(200)])
            async with signed_in(server, ada) as socket:
                server.fill()
                stored, answer = 0, {"type": "ack"}
                while answer["type"] == "ack":
                    await socket.send(frames[stored])
                    answer = await answer_of(socket)
                    stored += answer["type"] == "ack"
                assert answer["code"] == "unavailable"
                assert answer["cid"] in frames[stored], "the client knows which message it was"
                server.make_room()
                await socket.send(frames[stored])
                assert (await answer_of(socket))["seq"] == stored + 1
            assert len(await ada.messages.history(room)) == stored + 1


async def answer_of(socket) -> dict:
    """The next ack or error."""
    while True:
        told = json.loads(await socket.recv())
        for event in told if isinstance(told, list) else [told]:
            if event["type"] in {"ack", "error"}:
                return event


@needs_disk
@pytest.mark.slow
async def test_fault_store_sqlite_full_disk_loses_and_doubles_nothing(tmp_path: Path):
    with SmallDisk(tmp_path / "data", LOG_LEVEL="INFO", DISK_FLOOR="0") as server:

        async def full() -> None:
            failures = server.log.read_bytes().count(b"commit.failed")
            await asyncio.to_thread(server.fill)
            while server.log.read_bytes().count(b"commit.failed") == failures:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await asyncio.sleep(1)
            await asyncio.to_thread(server.make_room)

        await storm([server.url], EACH, full, full)


@pytest.mark.slow
@needs_disk
async def test_fault_files_full_disk_is_said_and_nothing_half_is_left(tmp_path: Path):
    with SmallDisk(tmp_path / "data", LOG_LEVEL="INFO", DISK_FLOOR="0") as server:
        async with Client(server.url) as ada, asyncio.timeout(WITHIN):
            await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            headers = {
                "Authorization": f"Bearer {ada.session.api.access}",
                "Content-Type": "application/octet-stream",
            }
            address = f"{server.url}/api/v1/chatrooms/{room}/files/"
            async with httpx2.AsyncClient(headers=headers, timeout=60) as program:
                full = await program.put(address + "e" * 32, content=bytes(600 * CHUNK))
                assert (full.status_code, full.json()["error"]["code"]) == (503, "unavailable")
                assert int(full.headers["Retry-After"]) > 0
                assert server.attachments() == []
                fits = await program.put(address + "f" * 32, content=bytes(CHUNK))
                assert fits.status_code == 201
        assert "Traceback" not in server.log.read_text()
