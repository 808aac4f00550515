"""What a profile remembers between runs, and what it notices then."""

from __future__ import annotations

import asyncio
import json
import stat

import httpx2
import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir, ProfileDirError, RoomRecord, StoredAccount
from sotto.protocol.encoding import WireError, b64
from sotto.room_errors import Frozen
from tests.client.acting import PASSWORD, until
from tests.vectors.making import cast


class Tampered(httpx2.AsyncHTTPTransport):
    """The network, but `change` edits answers whose path ends with `path`."""

    def __init__(self, path: str, change) -> None:
        super().__init__()
        self._path, self._change = path, change

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if not request.url.path.endswith(self._path):
            return response
        body = json.loads(await response.aread())
        self._change(body)
        return httpx2.Response(response.status_code, json=body)


@pytest.fixture
def home(tmp_path):
    return lambda name="ada": ProfileDir(tmp_path / name)


@pytest.fixture
async def garden(sign_up, server, home):
    """ada's profile after a first run: a room with two messages of hers. (name, room)"""

    async def make(tag: str) -> tuple[str, str]:
        async with Client(server.url, profile_dir=home()) as ada:
            await ada.account.sign_up(f"ada.{tag}", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Garden")
            await ada.messages.send(room, "one")
            await ada.messages.send(room, "two")
        return f"ada.{tag}", room

    return make


def devices(room) -> set[str]:
    return {json.loads(row["h"])["dev"] for row in room.rows.values()}


async def test_the_next_run_goes_on_without_a_password(garden, server, home):
    name, room = await garden("again")
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.resume()
        assert ada.me.name == name
        assert await ada.messages.send(room, "three") == 3
        found = await ada.rooms.open(room)
        assert [message.text for message in found.messages] == ["one", "two", "three"]
        assert len(devices(found)) == 1
    kept = home().room(room)
    assert kept.tip is not None
    assert (kept.tip[1], set(kept.sent), set(kept.keys)) == (3, {1, 2, 3}, {1})


async def test_two_programs_at_once_are_two_devices(garden, server, home):
    _, room = await garden("twice")
    async with (
        Client(server.url, profile_dir=home()) as one,
        Client(server.url, profile_dir=home()) as two,
    ):
        for client in (one, two):
            await client.account.resume()
        await asyncio.gather(*(c.messages.send(room, "hi") for c in (one, two) for _ in range(3)))
        found = await one.rooms.open(room)
        assert [message.status for message in found.messages] == ["ok"] * 8
        assert len(devices(found)) == 2
    assert set(home().room(room).sent) == set(range(1, 9))


async def test_a_refresh_token_is_used_once_by_all_programs_together(garden, server, home):
    await garden("tokens")
    async with (
        Client(server.url, profile_dir=home()) as one,
        Client(server.url, profile_dir=home()) as two,
    ):
        for client in (one, two):
            await client.account.resume()
            client.session.api.access = "too.old"
        await asyncio.gather(one.rooms.overview(), two.rooms.overview())
        two.session.api.access = "too.old"
        await two.rooms.overview()


async def test_after_logging_out_nobody_is_there(garden, server, home):
    name, _ = await garden("out")
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.log_out()
    async with Client(server.url, profile_dir=home()) as ada:
        with pytest.raises(ApiError, match="signed_out"):
            await ada.account.resume()
        await ada.account.log_in(name, PASSWORD)  # the keys are still there


async def test_a_log_that_became_shorter_freezes_the_room(garden, server, home):
    _, room = await garden("shorter")
    head = home().room(room).head

    def change(answer) -> None:
        answer["events"], answer["head"] = [], [answer["head"][0] - 1, "A" * 43]

    lying = Tampered("/log", change)
    async with Client(server.url, profile_dir=home(), transport=lying) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen, match="lost"):
            await ada.rooms.open(room)
        with pytest.raises(Frozen):
            await ada.messages.send(room, "more")
        assert (await ada.rooms.export(room))["frozen"]
    assert home().room(room).head == head


@pytest.fixture
def hide_last():
    """The server lost the newest message."""

    def change(answer) -> None:
        answer["messages"] = [row for row in answer["messages"] if row["seq"] != 2]
        answer["head"] = 1

    return Tampered("/messages", change)


async def test_a_message_that_was_acknowledged_and_is_gone_freezes(garden, server, home, hide_last):
    _, room = await garden("gone")
    async with Client(server.url, profile_dir=home(), transport=hide_last) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen, match="gone"):
            await ada.rooms.open(room)


async def test_the_servers_version_is_accepted_by_an_explicit_act(garden, server, home, hide_last):
    _, room = await garden("accept")
    before = home().room(room)
    async with Client(server.url, profile_dir=home(), transport=hide_last) as ada:
        await ada.account.resume()
        with pytest.raises(Frozen):
            await ada.rooms.open(room)
        found = await ada.rooms.accept_server_version(room)
        assert [message.text for message in found.messages] == ["one"]
    after = home().room(room)
    assert (after.sent, after.tip, after.turn) == ({}, None, 1)
    assert after.keys == before.keys
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "from a new device")
        assert len(devices(await ada.rooms.open(room))) == 2


async def test_an_older_identity_is_noticed(garden, sign_up, server, home):
    await garden("older")
    ben = await sign_up("ben", "ben.older")
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.resume()
        old = await ada.session.api.get("users/ben.older")
        await ada.contacts.find("ben.older")
    async with Client(server.url) as anew:
        await anew.account.reset_keys("ben.older", PASSWORD)
        kid = anew.me.kid
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.resume()
        person = await ada.contacts.find("ben.older")
        assert (person.kid, ada.trust.doubt(person)) == (kid, "newer")
        ada.contacts.approve_key(kid)
        ada.contacts.mark_verified(ben.me.uid)
    lying = Tampered("/users/ben.older", lambda answer: answer.update(old))
    async with Client(server.url, profile_dir=home(), transport=lying) as ada:
        await ada.account.resume()
        assert kid in ada.trust.verified
        with pytest.raises(WireError, match="older"):
            await ada.contacts.find("ben.older")


async def test_only_the_owner_can_read_a_profile(garden, home):
    _, room = await garden("modes")
    path = home().path
    modes = {
        p.relative_to(path).as_posix(): stat.S_IMODE(p.stat().st_mode) for p in path.rglob("*")
    }
    assert modes.pop("rooms") == modes.pop("logs") == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert {
        "account.json",
        "tokens.json",
        "trust.json",
        f"rooms/{room}.json",
        f"logs/{room}.json",
    } <= set(modes)
    assert not [name for name in modes if name.startswith(".")]


async def test_a_profile_belongs_to_one_account_and_one_server(garden, server, home):
    await garden("mine")
    for url, name in ((server.url, "somebody.else"), ("http://localhost:1", "ada.mine")):
        async with Client(url, profile_dir=home()) as other:
            with pytest.raises(ProfileDirError, match="another"):
                await other.account.log_in(name, PASSWORD, cast()["ben"].keys)


def test_a_damaged_file_is_not_taken_for_an_empty_one(home):
    room = "ab" * 16
    there = home()
    there.store_room(room, RoomRecord(head=(3, "A" * 43), keys={1: bytes(32)}))
    assert home().room(room).head == (3, "A" * 43)
    for text in ("", "{}", '{"head":[1,2],"keys":{},"sent":{},"tip":[],"turn":0}'):
        (there.path / "rooms" / f"{room}.json").write_text(text)
        with pytest.raises(ProfileDirError, match="damaged"):
            home().room(room)


def test_damaged_keys_are_not_taken_for_the_account_s(home):
    """A profile's keys are loaded without the long check of their primes, not without any."""
    there, keys = home(), cast()["ben"].keys
    there.store_account(StoredAccount("http://localhost", "a" * 32, "ben", "A" * 43, keys))
    assert there.account().keys.pkcs8 == keys.pkcs8
    path = there.path / "account.json"
    kept, der = json.loads(path.read_text()), keys.pkcs8
    for at in range(0, len(der), 23):
        bad = der[:at] + bytes([der[at] ^ 1]) + der[at + 1 :]
        path.write_text(json.dumps({**kept, "rsa": b64(bad)}))
        with pytest.raises(ProfileDirError, match="damaged"):
            there.account()


def test_a_file_is_written_whole_or_not_at_all(home, monkeypatch):
    there = home()
    there.store_tokens("a", "b")

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sotto.profile.private_dir.os.fsync", fails)
    with pytest.raises(ProfileDirError, match="No space"):
        there.store_tokens("c", "d")
    assert there.tokens() == ("a", "b")
    assert [p.name for p in there.path.iterdir()].count("tokens.json") == 1
    assert not [p for p in there.path.iterdir() if "tokens.json." in p.name]


def test_a_program_that_runs_since_before_does_not_bring_back_what_was_given_up(home):
    room = "cd" * 16
    old, new = home(), home()
    old.room(room)
    old.store_room(room, RoomRecord(head=(9, "A" * 43), sent={4: "A" * 43}))
    new.room(room)
    new.reset_room(room)
    old.store_room(room, RoomRecord(head=(9, "A" * 43), sent={4: "A" * 43}))
    assert home().room(room) == RoomRecord(turn=1)


async def test_what_a_program_learns_is_kept_while_it_runs(garden, server, home):
    _, room = await garden("soon")
    async with Client(server.url, profile_dir=home()) as ada:
        await ada.account.resume()
        await ada.messages.send(room, "three")

        async def kept() -> bool:
            return 3 in home().room(room).sent

        await until(kept, within=5)


async def test_hostile_another_row_in_the_place_of_a_refused_one_has_to_verify(server, home):
    """What was refused binds nothing at the next run. A member who saw another row says so."""
    async with (
        Client(server.url, profile_dir=home()) as ada,
        Client(server.url, profile_dir=home("ben")) as ben,
    ):
        await ada.account.sign_up("ada.other-row", PASSWORD, cast()["ada"].keys)
        await ben.account.sign_up("ben.other-row", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        await ben.rooms.join(await ada.room_admin.invite(room))
        await ada.messages.send(room, "one")
        await ada.messages.send(room, "two")

    async def read(key: str) -> list[tuple[str, str, bool]]:
        def change(answer) -> None:
            for row in answer["messages"]:
                if row["seq"] == 1 and key:
                    row[key] = ("A" if row[key][0] != "A" else "B") + row[key][1:]

        lying = Tampered("/messages", change)
        async with Client(server.url, profile_dir=home("ben"), transport=lying) as ben:
            await ben.account.resume()
            return [
                (one.status, one.text, one.other_view) for one in await ben.messages.history(room)
            ]

    assert await read("ct") == [("refused", "", False), ("ok", "two", True)]
    assert await read("sig") == [("refused", "", False), ("ok", "two", False)]
    assert await read("") == [("ok", "one", False), ("ok", "two", False)]
    assert await read("ct") == [("refused", "", False), ("ok", "two", True)]
