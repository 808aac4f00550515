"""Leaders come and go: ranks given and taken while others write, bans, and the owner's end."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.protocol.message import Header, seal_message
from tests.client.acting import PASSWORD, room_of_two, until
from tests.live import LiveServer

TEXTS = [f"line {n}" for n in range(8)]


async def texts_of(client: Client, room: str) -> list[str]:
    return [message.text for message in await client.messages.history(room)]


async def write_all(client: Client, room: str) -> None:
    for text in TEXTS:
        await client.messages.send(room, text)


@pytest.mark.parametrize("role", ["moderator", "member"])
async def test_a_change_of_rank_costs_no_message_and_doubles_none(sign_up, role):
    ada, ben, room = await room_of_two(sign_up, f"race.{role}")
    if role == "member":
        await ada.members.set_role(room, ben.me.uid, "moderator")
    await ben.messages.history(room)
    await asyncio.gather(write_all(ben, room), ada.members.set_role(room, ben.me.uid, role))
    for reader in (ada, ben):
        assert await texts_of(reader, room) == TEXTS
    state = (await ben.rooms.open(room)).state
    assert (state.members[ben.me.uid].role, state.e) == (role, 2 if role == "member" else 1)


async def test_a_reset_costs_no_message_and_doubles_none(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, "race.reset")
    cleo = await sign_up("cleo", "cleo.race.reset")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await ada.members.set_role(room, cleo.me.uid, "moderator")
    async with Client(server.url) as again:
        await again.account.reset_keys("cleo.race.reset", PASSWORD)
        await again.members.ask_back_in()
        (waiting,) = await ada.members.knocks(room)
        for client in (ada, ben):
            await client.contacts.find("cleo.race.reset")
            client.contacts.approve_key(waiting.kid)
        await asyncio.gather(write_all(ben, room), ada.members.let_in(room, waiting.uid))
        assert await texts_of(ben, room) == TEXTS
        assert (await ada.rooms.open(room)).state.e == 2


async def test_hostile_a_demoted_moderator_hides_nothing_by_an_older_log(sign_up):
    """On an honest server: what names the log from before the demotion is refused."""
    ada, ben, room = await room_of_two(sign_up, "demoted")
    await ada.messages.send(room, "stays")
    await ada.members.set_role(room, ben.me.uid, "moderator")
    held = await ben.rooms.open(room)
    before, key = held.state, held.keys[held.state.e]
    answers: list[dict] = []

    async def hide(e: int, key: bytes) -> None:
        found = await ben.rooms.open(room)
        header = Header(
            room=room, e=e, uid=ben.me.uid, kid=ben.me.kid, dev="e" * 32, n=1, pm="",
            lh=(before.seq, before.hash), sh=found.highest, cid="f" * 31 + str(e),
            ts=ben.session.clock.now(),
        )  # fmt: skip
        content = {"t": "delete", "of": [found.messages[0].ref]}
        sealed = seal_message(header, key, ben.me.keys.ed, content)
        frame = {"h": sealed.h, "iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}
        await ben.session.manager.stream.send({"type": "message_send", "room": room, **frame})

    before_handler = ben.session.manager.stream.handler

    async def note(frame: dict) -> None:
        if frame["type"] in ("ack", "error"):
            answers.append(frame)
        await before_handler(frame)

    await ada.members.set_role(room, ben.me.uid, "member")
    ben.session.manager.stream.handler = note
    fresh = await ben.rooms.open(room)
    await hide(before.e, key)
    await hide(fresh.state.e, fresh.keys[fresh.state.e])
    await until(lambda: _true(len(answers) == 2))
    assert [answer.get("code") for answer in answers] == ["stale", "stale"]
    assert await texts_of(ada, room) == ["stays"]


async def _true(value: bool) -> bool:
    return value


async def test_links_that_stay_open_after_a_demotion_lead_to_every_key(sign_up):
    ada, ben, room = await room_of_two(sign_up, "demoted.links")
    await ada.messages.send(room, "before")
    await ada.members.set_role(room, ben.me.uid, "moderator")
    hers, his = await ada.room_admin.invite(room), await ben.room_admin.invite(room)
    await ada.members.set_role(room, ben.me.uid, "member")
    await ada.messages.send(room, "after")
    cleo = await sign_up("cleo", "cleo.demoted.links")
    with pytest.raises(ApiError):
        await cleo.rooms.join(his)
    await cleo.rooms.join(hers)
    assert await texts_of(cleo, room) == ["before", "after"]


async def test_who_left_is_banned_and_let_again(sign_up):
    ada, ben, room = await room_of_two(sign_up, "banned")
    await ben.rooms.leave(room)
    await ada.rooms.open(room)
    await ada.members.ban(room, ben.me.uid)
    link = await ada.room_admin.invite(room)
    with pytest.raises(ApiError, match="banned"):
        await ben.rooms.join(link)
    await ada.members.ban(room, ben.me.uid, on=False)
    await ben.rooms.join(link)


@pytest.mark.slow
async def test_abuse_a_flood_of_key_requests_does_not_keep_the_owner_from_removing(sign_up):
    """Ben stores no wrap of his own, so that his requests are open until ada answers them."""
    ada, ben = await sign_up("ada", "ada.flood"), await sign_up("ben", "ben.flood")
    room = await ada.rooms.create("Garden")
    link = await ada.room_admin.invite(room)
    posts: Counter[str] = Counter()
    post_of_ada, post_of_ben = ada.session.api.post, ben.session.api.post

    async def counted(path: str, body: dict) -> dict:
        posts[path.rsplit("/", 1)[-1]] += 1
        return await post_of_ada(path, body)

    async def without_wraps(path: str, body: dict) -> dict:
        return {} if path.endswith("/wraps") else await post_of_ben(path, body)

    async def flood() -> None:
        for _ in range(25):
            await ben.session.api.post(f"chatrooms/{room}/key_request", {"e": [1]})

    ada.session.api.post, ben.session.api.post = counted, without_wraps
    await ben.rooms.join(link)
    await flood()
    await until(lambda: _true(posts["wraps"] >= 1))
    await flood()
    await ada.members.remove(room, ben.me.uid)
    assert ben.me.uid not in (await ada.rooms.open(room)).state.members
    assert posts["wraps"] == 1


# --- the successor -----------------------------------------------------------------------------


@pytest.mark.slow
async def test_the_successor_takes_over_when_the_owners_account_has_ended(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, "heir")
    await ada.messages.send(room, "before")
    await ada.members.name_successor(room, ben.me.uid)
    with pytest.raises(ApiError, match="owner_active"):
        await ben.members.take_over(room)
    disable(server, "ada.heir")
    (item,) = [item for item in await ben.rooms.overview() if item["id"] == room]
    assert item["ended"] == {ada.me.uid: "disabled"}
    await ben.members.take_over(room)
    state = (await ben.rooms.open(room)).state
    assert {uid: member.role for uid, member in state.members.items()} == {ben.me.uid: "owner"}
    assert (state.e, state.successor) == (2, "")
    await ben.messages.send(room, "after")
    assert await texts_of(ben, room) == ["before", "after"]


@pytest.mark.slow
async def test_nobody_takes_over_who_was_not_named(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, "no.heir")
    disable(server, "ada.no.heir")
    with pytest.raises(ApiError, match="forbidden"):
        await ben.members.take_over(room)
    assert (await ben.rooms.open(room)).state.members[ada.me.uid].role == "owner"


@pytest.mark.slow
async def test_abuse_nobody_leads_a_room_who_could_not_act(sign_up, server):
    """The client refuses before it writes anything, and so does the server, whatever is written."""
    ada, ben, room = await room_of_two(sign_up, "hand.over")
    cleo = await sign_up("cleo", "cleo.hand.over")
    await ada.members.add(room, "cleo.hand.over")
    disable(server, "ben.hand.over")
    loaded = await ada.rooms.open(room)
    before = loaded.state.seq
    refused = {cleo.me.uid: "not_answered", ben.me.uid: "account_ended"}
    for uid, why in refused.items():
        roles = [ada.members.set_role(room, uid, rank) for rank in ("owner", "moderator")]
        for change in (*roles, _named(ada, room, uid)):
            with pytest.raises(ApiError) as error:
                await change
            assert error.value.code == why
        for rank in ("owner", "moderator"):
            with pytest.raises(ApiError) as error:
                await ada.session.log_api.change(loaded, "role", uid=uid, role=rank)
            assert error.value.code == why
    assert (await ada.rooms.open(room)).state.seq == before
    await cleo.rooms.accept(room)
    await ada.members.set_role(room, cleo.me.uid, "owner")


async def _named(client: Client, room: str, uid: str) -> None:
    await client.members.name_successor(room, uid)


def disable(server: LiveServer, name: str) -> None:
    """As an administrator does."""
    server.manage("people", "disable", name)
