"""Two implementations of the protocol that share no line: the client against a real server."""

from __future__ import annotations

import asyncio
import signal

import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.protocol.encoding import WireError
from sotto.protocol.identity import Keys
from sotto.protocol.recovery_kit import open_kit
from sotto.room_errors import FormerMember
from tests.client.acting import PASSWORD, heard, room_of_two
from tests.live import LiveServer
from tests.vectors.making import cast


async def test_two_people_talk(sign_up):
    ada, ben, room = await room_of_two(sign_up, "talk")
    assert await ada.messages.send(room, "hello ben") == 1
    assert await ben.messages.send(room, "hello ada – ü 花 👋🏽") == 2
    for client in (ada, ben):
        assert await heard(client, 2) == ["hello ben", "hello ada – ü 花 👋🏽"]
        found = (await client.rooms.all())[0]
        assert found.profile is not None
        assert (found.profile.name, found.profile.topic) == ("Garden", "What grows")
    assert [message.name for message in await ben.messages.history(room)] == [
        "ada.talk",
        "ben.talk",
    ]


async def test_who_joins_reads_what_was_before(sign_up):
    ada, ben = await sign_up("ada", "ada.before"), await sign_up("ben", "ben.before")
    room = await ada.rooms.create("Before")
    await ada.messages.send(room, "first")
    cleo = await sign_up("cleo", "cleo.before")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await cleo.rooms.leave(room)
    await ada.messages.send(room, "second")
    await ben.rooms.join(await ada.room_admin.invite(room))
    assert (await ben.rooms.all())[0].state.e == 2
    assert [message.text for message in await ben.messages.history(room)] == ["first", "second"]


async def test_where_history_begins_with_joining_nothing_before_can_be_read(sign_up):
    ada, ben = await sign_up("ada", "ada.since"), await sign_up("ben", "ben.since")
    room = await ada.rooms.create("Since", history="join")
    await ada.messages.send(room, "for me alone")
    await ben.rooms.join(await ada.room_admin.invite(room))
    await ben.messages.send(room, "hello")
    before, after = await ben.messages.history(room)
    assert (before.status, before.text) == ("locked", "")
    assert after.text == "hello"
    assert [message.text for message in await ada.messages.history(room)] == [
        "for me alone",
        "hello",
    ]


async def test_who_leaves_reads_nothing_more(sign_up):
    ada, ben, room = await room_of_two(sign_up, "leave")
    cleo = await sign_up("cleo", "cleo.leave")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await cleo.messages.send(room, "still here")
    link = await ada.room_admin.invite(room)
    epoch = (await ada.rooms.all())[0].state.e
    await cleo.rooms.leave(room)
    await ben.messages.send(room, "now without cleo")
    assert await heard(ada, 2) == ["still here", "now without cleo"]
    state = (await ada.rooms.all())[0].state
    assert (state.e, state.open) == (epoch + 1, True)
    assert cleo.me.uid not in state.members
    assert await cleo.rooms.all() == []
    with pytest.raises(FormerMember, match="you left"):
        await cleo.messages.history(room)
    with pytest.raises(ApiError, match="invite_revoked"):
        await cleo.rooms.join(link)


async def test_a_link_serves_as_often_as_it_says(sign_up):
    ada = await sign_up("ada", "ada.link")
    room = await ada.rooms.create("Link")
    link = await ada.room_admin.invite(room, uses=2)
    for who in ("ben", "cleo"):
        await (await sign_up(who, f"{who}.link")).rooms.join(link)
    with pytest.raises(ApiError, match="invite_used"):
        await (await sign_up("dan", "dan.link")).rooms.join(link)


async def test_the_kit_brings_keys_and_messages_back(sign_up, server):
    ada, _, room = await room_of_two(sign_up, "kit")
    await ada.messages.send(room, "remember this")
    _, kid, keys = open_kit(ada.account.recovery_kit())
    async with Client(server.url) as again:
        await again.account.log_in("ada.kit", PASSWORD, keys)
        assert again.me.kid == kid
        assert [message.text for message in await again.messages.history(room)] == ["remember this"]
        await again.messages.send(room, "from elsewhere")
    async with Client(server.url) as thief:
        with pytest.raises(WireError):
            await thief.account.log_in("ada.kit", PASSWORD, cast()["ben"].keys)


async def test_several_send_at_once_and_all_see_one_order(sign_up):
    ada, ben, room = await room_of_two(sign_up, "order")
    await asyncio.gather(
        *(
            client.messages.send(room, f"{client.me.name} {n}")
            for n in range(20)
            for client in (ada, ben)
        )
    )
    texts = [
        [message.text for message in await client.messages.history(room)] for client in (ada, ben)
    ]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 40
    for name in ("ada.order", "ben.order"):
        assert [text for text in texts[0] if text.startswith(name)] == [
            f"{name} {n}" for n in range(20)
        ]


async def test_a_key_that_is_lacking_is_handed_over(sign_up, monkeypatch):
    """If the link gives no key, a member who holds it gives it to the new member."""
    monkeypatch.setattr("sotto.keys.key_handover.ANSWER_WITHIN", 0.1)
    monkeypatch.setattr("sotto.joining.open_item", lambda *_: bytes(32))
    ada, ben = await sign_up("ada", "ada.hand"), await sign_up("ben", "ben.hand")
    room = await ada.rooms.create("Hand")
    await ada.messages.send(room, "before")
    await ben.rooms.join(await ada.room_admin.invite(room))
    for _ in range(100):
        if (await ben.messages.history(room))[0].status == "ok":
            break
        await asyncio.sleep(0.1)
    assert [message.text for message in await ben.messages.history(room)] == ["before"]
    await ben.messages.send(room, "got it")
    assert await heard(ada, 2) == ["before", "got it"]


@pytest.mark.slow
async def test_the_server_may_go_away_and_come_back(tmp_path):
    with LiveServer(tmp_path / "data") as server:
        async with Client(server.url) as ada:
            await ada.account.sign_up("ada", PASSWORD, cast()["ada"].keys)
            room = await ada.rooms.create("Storm")
            await ada.messages.send(room, "before")
            server.stop(signal.SIGKILL)
            sending = asyncio.create_task(ada.messages.send(room, "meanwhile"))
            await asyncio.sleep(0.5)
            server.start()
            async with asyncio.timeout(30):
                assert await sending == 2
            assert await heard(ada, 2) == ["before", "meanwhile"]


async def test_new_keys_are_made_where_none_are_given(server):
    async with Client(server.url) as client:
        await client.account.sign_up("somebody.new", PASSWORD)
        assert isinstance(client.me.keys, Keys)
        room = await client.rooms.create("Alone")
        assert await client.messages.send(room, "hello") == 1
