"""Files between members, over a real server: as they were sent, or not at all."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import httpx2
import pytest

from sotto.api import ApiError
from sotto.cli.output_files import local_name
from sotto.client import Client
from sotto.exports.export import check_export
from sotto.exports.html_export import as_html
from sotto.protocol.attachments import Attachment
from sotto.protocol.encoding import WireError
from tests.client.acting import PASSWORD, room_of_two
from tests.live import LiveServer
from tests.vectors.making import cast

DATA = bytes(i % 251 for i in range(200_000))


@pytest.fixture
def picture(tmp_path) -> Path:
    path = tmp_path / "plums.png"
    path.write_bytes(DATA)
    return path


def stored(server: LiveServer, room: str) -> list[Path]:
    return list((server.data / "files" / room).glob("*"))


async def test_a_file_arrives_as_it_was(sign_up, server, picture, tmp_path):
    ada, ben, room = await room_of_two(sign_up, "share.file")
    told: list[tuple[int, int]] = []
    seq = await ada.files.send(room, picture, body="ripe", progress=lambda *n: told.append(n))
    (message,) = await ben.messages.history(room)
    assert (message.seq, message.text) == (seq, "ripe")
    (file,) = message.files
    assert (file.name, file.type, file.size) == ("plums.png", "image/png", len(DATA))
    to = await ben.files.download(file, tmp_path / "got.png")
    assert to.read_bytes() == DATA
    assert to.stat().st_mode & 0o077 == 0
    assert told[-1] == (file.sealed_size, file.sealed_size)
    assert len(told) == 4
    (path,) = stored(server, room)
    assert path.stat().st_size == file.sealed_size
    assert DATA[:16] not in path.read_bytes()


async def test_bytes_are_sent_under_a_name(sign_up, tmp_path):
    ada, ben, room = await room_of_two(sign_up, "bytes.file")
    await ada.messages.send(room, "have a look")
    (first,) = await ben.messages.history(room)
    await ben.files.send(room, b"", name="empty.txt", type="text/x-nothing", re=first)
    message = (await ada.messages.history(room))[-1]
    assert message.reply_to == first.seq
    assert message.files[0].type == "text/x-nothing"
    assert (await ada.files.download(message.files[0], tmp_path / "empty")).read_bytes() == b""


async def test_a_message_that_comes_brings_its_file(sign_up, tmp_path):
    ada, ben, room = await room_of_two(sign_up, "come.file")
    await ben.messages.history(room)
    await ada.files.send(room, DATA, name="a.bin")
    async with asyncio.timeout(15):
        async for message in ben.messages.receive(room):
            await ben.files.download(message.files[0], tmp_path / "a.bin")
            break
    assert (tmp_path / "a.bin").read_bytes() == DATA


async def test_a_changed_file_is_refused_and_leaves_nothing(sign_up, server, tmp_path):
    """hostile_server: another byte, a byte less, a byte more, and another member's file."""
    ada, ben, room = await room_of_two(sign_up, "hostile.file")
    await ada.files.send(room, DATA, name="a.bin")
    (path,) = stored(server, room)
    good = path.read_bytes()
    await ada.files.send(room, DATA, name="b.bin")
    other = next(one for one in stored(server, room) if one != path).read_bytes()
    (file,) = (await ben.messages.history(room))[0].files
    folder = tmp_path / "in"
    folder.mkdir()
    for bad in (bytes([good[0] ^ 1]) + good[1:], good[:70_000] + b"\0" + good[70_001:], other):
        path.write_bytes(bad)
        with pytest.raises(WireError):
            await ben.files.download(file, folder / "a.bin")
        assert list(folder.iterdir()) == []
    path.write_bytes(good)
    assert (await ben.files.download(file, folder / "a.bin")).read_bytes() == DATA


async def test_what_is_there_is_not_overwritten(sign_up, tmp_path):
    ada, _, room = await room_of_two(sign_up, "there.file")
    await ada.files.send(room, DATA, name="a.bin")
    (file,) = (await ada.messages.history(room))[0].files
    (tmp_path / "a.bin").write_text("mine")
    with pytest.raises(FileExistsError):
        await ada.files.download(file, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_text() == "mine"


async def test_a_deleted_messages_file_is_gone(sign_up, server, tmp_path):
    ada, ben, room = await room_of_two(sign_up, "gone.file")
    await ada.files.send(room, DATA, name="a.bin")
    (message,) = await ada.messages.history(room)
    await ada.messages.delete(message)
    assert stored(server, room) == []
    with pytest.raises(ApiError) as refused:
        await ben.files.download(message.files[0], tmp_path / "a.bin")
    assert refused.value.code == "no_such_file"
    assert (await ben.messages.history(room))[0].files == []


@pytest.mark.slow
async def test_a_file_too_large_is_refused_before_it_is_sent(tmp_path):
    with LiveServer(tmp_path / "data", FILE_MOST="9000", STORAGE_PER_PERSON="18000") as small:
        async with Client(small.url) as ada:
            await ada.account.sign_up("ada.small", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Small")
            with pytest.raises(ApiError, match="too_large"):
                await ada.files.send(room, bytes(9000), name="a.bin")
            await ada.files.send(room, bytes(8984), name="a.bin")
            with pytest.raises(ApiError, match="quota"):
                await ada.files.send(room, bytes(8984), name="b.bin")
            assert len(await ada.messages.history(room)) == 1
        assert [path.stat().st_size for path in stored(small, room)] == [9000]


@pytest.mark.slow
async def test_a_room_s_own_limit_is_told_before_a_file_is_sent(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, "own.limit")
    server.manage("rooms", "quota", room, "1")
    await ada.files.send(room, bytes(600_000), name="a.bin")
    with pytest.raises(ApiError, match="room_quota") as refused:
        await ben.files.send(room, bytes(600_000), name="b.bin")
    assert "files of this room" in str(refused.value)
    server.manage("rooms", "quota", room, "none")
    await ben.files.send(room, bytes(600_000), name="b.bin")


class Ending(httpx2.AsyncBaseTransport):
    """A network on which the token ends with the first upload."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport()
        self.sent: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "PUT" and "/files/" in request.url.path:
            self.sent.append(request.url.path)
            if len(self.sent) == 1:
                await request.aread()
                request.headers["Authorization"] = "Bearer nonsense"
        return await self._inner.handle_async_request(request)


async def test_a_token_that_ends_on_the_way_costs_one_more_try(sign_up, server, tmp_path):
    network = Ending()
    ada = await sign_up("ada", "ada.token.file", transport=network)
    room = await ada.rooms.create("Slow")
    await ada.files.send(room, DATA, name="a.bin")
    first, second = network.sent
    assert first != second, "sealed under another key, it has another id"
    (file,) = (await ada.messages.history(room))[0].files
    assert second.endswith(file.id)
    assert (await ada.files.download(file, tmp_path / "a.bin")).read_bytes() == DATA


async def test_an_export_names_the_files(sign_up):
    ada, _, room = await room_of_two(sign_up, "export.file")
    await ada.files.send(room, DATA, name="<plums>.png")
    found = json.loads(json.dumps(await ada.rooms.export(room)))
    assert found["conversation"][0]["files"] == ["<plums>.png"]
    assert check_export(found).messages[0].files[0].size == len(DATA)
    assert "&lt;plums&gt;.png" in as_html(found)


async def test_an_avatar_is_a_file_of_the_room(sign_up, server, picture, tmp_path):
    ada, _, room = await room_of_two(sign_up, "avatar.file")
    await ada.room_admin.set_avatar(room, picture)
    await ada.room_admin.set_profile(room, "Orchard")
    link = await ada.room_admin.invite(room)
    cleo = await sign_up("cleo", "cleo.avatar.file")
    await cleo.rooms.join(link)
    profile = (await cleo.rooms.open(room)).profile
    assert profile is not None
    assert profile.name == "Orchard"
    got = await cleo.files.download(Attachment.read(profile.avatar, room), tmp_path / "avatar.png")
    assert got.read_bytes() == DATA
    await ada.room_admin.set_avatar(room, None)
    assert stored(server, room) == []


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("plums.png", "plums.png"),
        ("../../.ssh/authorized_keys", "_.._.ssh_authorized_keys"),
        ("/etc/passwd", "_etc_passwd"),
        ("..\\x.exe", "_x.exe"),
        (".bashrc", "bashrc"),
        ("..", "e" * 32),
        ("", "e" * 32),
        ("a\nb\x1b[2J\u202egnp.exe", "a b[U+001B][2J[U+202E]gnp.exe"),
        ("ü" * 150, "ü" * 100),
        ("ü" * 150 + ".tar.gz", "ü" * 98 + ".gz"),
    ],
)
def test_a_senders_name_for_a_file_leads_nowhere(name, here):
    assert local_name(Attachment("e" * 32, "", 0, name, "", "")) == here


def test_files_on_the_command_line(cli, picture, tmp_path):
    assert cli("signup", "ada.files", home="ada.files")[0] == 0
    room = cli("create", "Pictures", home="ada.files")[1].strip()
    assert cli("send", room, "ripe", "--file", str(picture), home="ada.files")[0] == 0
    assert cli("send", room, "--file", str(picture), home="ada.files")[0] == 0
    first, mark, second = cli("history", room, home="ada.files")[1].splitlines()
    assert first.endswith("ada.files: ripe")
    assert mark == "    [file 1: plums.png, 200 kB]"
    assert second.endswith("ada.files: [file 1: plums.png, 200 kB]")
    folder = tmp_path / "in"
    folder.mkdir()
    got = str(folder / "plums.png")
    assert cli("fetch", room, "1", str(folder), home="ada.files") == (0, f"{got}\n", "")
    assert (folder / "plums.png").read_bytes() == DATA
    assert (cli("fetch", room, "1", str(folder), home="ada.files"))[0] == 2, "it is there already"
    assert cli("fetch", room, "7", home="ada.files")[0] == 2
    assert cli("send", room, "--file", str(tmp_path / "nothing"), home="ada.files")[0] == 2
    assert cli("send", room, home="ada.files")[0] == 2
    assert os.listdir(folder) == ["plums.png"]
