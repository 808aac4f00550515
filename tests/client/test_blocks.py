"""Nothing is sent to a person who is blocked, by any way that a program has, until they are
unblocked.
"""

from __future__ import annotations

import pytest

from sotto.client import Client
from sotto.hooks.store import Hooks
from sotto.profile.profile_dir import ProfileDir
from sotto.room_errors import Blocked
from tests.client.acting import DONE, PASSWORD, REFUSED, USAGE, until
from tests.client.hooking import all_sent, folder, post, serving, texts, waiting
from tests.vectors.making import cast


async def direct(ada: Client, ben: Client) -> str:
    """The direct room of both, accepted."""
    room = await ada.rooms.direct(ben.me.name)
    await ben.rooms.accept(room)
    await ada.messages.send(room, "hello")
    return room


async def test_every_kind_of_message_is_refused_until_the_block_is_lifted(sign_up, tmp_path):
    ada, ben = await sign_up("ada", "ada.block"), await sign_up("ben", "ben.block")
    room = await direct(ada, ben)
    (first,) = await ada.messages.history(room)
    (tmp_path / "plums.txt").write_bytes(b"ripe")
    storage = await ada.session.api.get(f"chatrooms/{room}/files")
    await ada.contacts.block(ben.me.uid)
    assert await ada.contacts.blocked() == {ben.me.uid: "ben.block"}
    ways = [
        lambda: ada.messages.send(room, "not for you"),
        lambda: ada.messages.edit(first, "other"),
        lambda: ada.messages.delete(first),
        lambda: ada.messages.react(first, "🌧"),
        lambda: ada.messages.pin(first),
        lambda: ada.messages.poll(room, "When?", ["now", "later"]),
        lambda: ada.files.send(room, tmp_path / "plums.txt"),
    ]
    for way in ways:
        with pytest.raises(Blocked, match=r"You have blocked ben\.block\."):
            await way()
    assert await texts(ben, room) == ["hello"]
    assert await ada.session.api.get(f"chatrooms/{room}/files") == storage, "no byte travelled"
    await ben.messages.send(room, "are you there?")  # ben does not learn of it
    await ada.contacts.unblock(ben.me.uid)
    await ada.messages.send(room, "again")
    assert await texts(ben, room) == ["hello", "are you there?", "again"]


async def test_rooms_with_others_go_on(sign_up):
    ada, ben = await sign_up("ada", "ada.block.group"), await sign_up("ben", "ben.block.group")
    room = await ada.rooms.create("Garden")
    await ben.rooms.join(await ada.room_admin.invite(room))
    await ada.contacts.block(ben.me.uid)
    await ada.messages.send(room, "to everybody")
    assert await texts(ben, room) == ["to everybody"]


async def test_a_message_that_waits_for_a_connection_is_not_sent_to_who_was_blocked_meanwhile(
    sign_up, monkeypatch
):
    """The block is made in a browser, while the program has no connection and a message waits."""
    ada, ben = await sign_up("ada", "ada.block.away"), await sign_up("ben", "ben.block.away")
    room = await direct(ada, ben)
    stream, sent = ada.session.manager.stream, ada.session.manager.stream.send

    async def lost(frame):
        monkeypatch.setattr(stream, "send", sent)
        await ada.session.api.put(f"blocks/{ben.me.uid}", {})
        ada.session.manager._disconnected()
        return False

    monkeypatch.setattr(stream, "send", lost)
    with pytest.raises(Blocked):
        await ada.messages.send(room, "too late")
    assert await texts(ben, room) == ["hello"]


async def test_messages_of_a_hook_wait_until_the_block_is_lifted(
    server, sign_up, tmp_path, monkeypatch
):
    monkeypatch.setattr("sotto.hooks.server.AGAIN", 0.2)  # seconds
    ben = await sign_up("ben", "ben.block.hook")
    async with Client(server.url, profile_dir=ProfileDir(tmp_path / "ada")) as ada:
        await ada.account.sign_up("ada.block.hook", PASSWORD, cast()["ada"].keys)
        room = await direct(ada, ben)
        secret = Hooks(folder(ada)).add("ci", room)
        await ada.contacts.block(ben.me.uid)
        async with serving(ada) as (port, noted):
            assert (await post(port, secret, b"green"))[0] == 202

            async def said() -> bool:
                return any("(Blocked)" in line for line in noted)

            await until(said)
            assert len(waiting(ada)) == 1
            assert await texts(ben, room) == ["hello"]
            await ada.contacts.unblock(ben.me.uid)
            await all_sent(ada)
        assert await texts(ben, room) == ["hello", "green"]


def test_blocks_by_the_command_line(cli):
    for name in ("ada.block.cli", "ben.block.cli"):
        assert cli("signup", name, home=name)[0] == DONE
    ada = {"home": "ada.block.cli"}
    assert cli("send", "@ben.block.cli", "hello", **ada)[0] == DONE
    assert cli("block", "@Ben.block.cli", **ada) == (DONE, "", "")
    assert cli("blocked", **ada)[1] == "ben.block.cli\n"
    code, _, errors = cli("send", "@ben.block.cli", "not for you", **ada)
    assert code == REFUSED
    assert "`sotto block ben.block.cli --lift`" in errors
    assert cli("block", "nobody.there", **ada)[0] == REFUSED
    assert cli("block", "nobody.there", "--lift", **ada)[0] == USAGE
    assert cli("block", "ben.block.cli", "--lift", **ada) == (DONE, "", "")
    assert cli("block", "ben.block.cli", "--lift", **ada)[0] == USAGE
    assert cli("blocked", **ada)[1] == ""
    assert cli("send", "@ben.block.cli", "again", **ada)[0] == DONE
