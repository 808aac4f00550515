"""Who belongs to a room: adding, knocking, roles, removal, direct rooms, new keys."""

from __future__ import annotations

import asyncio
from unittest.mock import AsyncMock

import pytest

from sotto.api import ApiError
from sotto.cli.context import find_room, former_state
from sotto.client import Client
from sotto.exports.export import check_export
from sotto.log_api import Clock, machine_clock
from sotto.profile.profile_dir import ProfileDir
from sotto.room_errors import Closed, FormerMember, UnapprovedKeys
from tests.client.acting import PASSWORD, heard, room_of_two, until
from tests.vectors.making import cast


class Late(Clock):
    """A clock that goes wrong whatever the server says."""

    def set(self, now: object) -> None:
        pass


async def role_of(client: Client, room: str, uid: str) -> str:
    return (await client.rooms.open(room)).state.members[uid].role


async def test_each_room_has_a_key_of_its_own_of_256_bits(sign_up):
    ada = await sign_up("ada", "ada.own.keys")
    rooms = [await ada.rooms.create(f"Room {n}") for n in range(3)]
    keys = [dict((await ada.rooms.open(room)).keys) for room in rooms]
    assert [set(found) for found in keys] == [{1}] * 3
    assert {len(found[1]) for found in keys} == {32}
    assert len({found[1] for found in keys}) == 3


async def test_who_is_added_by_name_reads_what_was_before(sign_up):
    ada, ben = await sign_up("ada", "ada.add"), await sign_up("ben", "ben.add")
    room = await ada.rooms.create("Added")
    await ada.messages.send(room, "before")
    await ada.members.add(room, "ben.add")
    assert [item["accepted"] for item in await ben.rooms.overview()] == [False]
    await ben.rooms.accept(room)
    assert [message.text for message in await ben.messages.history(room)] == ["before"]


async def test_who_is_removed_reads_nothing_more(sign_up):
    ada, ben, room = await room_of_two(sign_up, "remove")
    await ben.messages.send(room, "here")
    assert len(await ben.messages.history(room)) == 1
    link = await ada.room_admin.invite(room)
    await ada.members.remove(room, ben.me.uid, ban=True)
    await ada.messages.send(room, "without you")
    assert (await ada.rooms.open(room)).state.e == 2
    with pytest.raises(FormerMember, match="removed you from this room and banned you"):
        await ben.messages.history(room)
    with pytest.raises(FormerMember):
        await ben.messages.send(room, "let me back in")
    exported = await ben.rooms.export(room)
    assert [line["text"] for line in exported["conversation"]] == ["here"]
    with pytest.raises(ApiError):
        await ben.rooms.join(link)


async def test_roles_are_given_and_handed_over(sign_up):
    ada, ben, room = await room_of_two(sign_up, "role")
    await ada.members.set_role(room, ben.me.uid, "moderator")
    assert await role_of(ben, room, ben.me.uid) == "moderator"
    await ada.members.set_role(room, ben.me.uid, "owner")
    assert await role_of(ada, room, ada.me.uid) == "moderator"
    with pytest.raises(ApiError):
        await ada.members.set_role(room, ben.me.uid, "member")


async def test_a_knock_is_answered(sign_up):
    ada, ben = await sign_up("ada", "ada.knock"), await sign_up("ben", "ben.knock")
    room = await ada.rooms.create("Private", join="approve")
    await ada.messages.send(room, "before")
    link = await ada.room_admin.invite(room)
    seen = await ben.rooms.preview(link)
    assert (seen.state, seen.profile.name, seen.inviter) == (None, "Private", "ada.knock")
    joining = asyncio.create_task(ben.rooms.join(link))
    await until(lambda: ada.members.knocks(room))
    (waiting,) = await ada.members.knocks(room)
    assert (waiting.name, waiting.reset) == ("ben.knock", False)
    await ada.members.let_in(room, waiting.uid)
    assert await joining == room
    assert [message.text for message in await ben.messages.history(room)] == ["before"]


async def test_a_knock_is_refused_or_stays_unanswered(sign_up):
    ada, ben = await sign_up("ada", "ada.refuse"), await sign_up("ben", "ben.refuse")
    cleo = await sign_up("cleo", "cleo.refuse")
    room = await ada.rooms.create("Private", join="approve")
    link = await ada.room_admin.invite(room)
    with pytest.raises(TimeoutError):
        await cleo.rooms.join(link, wait=0.1)
    joining = asyncio.create_task(ben.rooms.join(link))

    async def knocked() -> bool:
        return ben.me.uid in {one.uid for one in await ada.members.knocks(room)}

    await until(knocked)
    await ada.members.refuse(room, ben.me.uid)
    with pytest.raises(ApiError, match="refused"):
        await joining


async def test_a_direct_room_is_one_and_the_same_for_both(sign_up):
    ada, ben = await sign_up("ada", "ada.direct"), await sign_up("ben", "ben.direct")
    room = await ada.rooms.direct("ben.direct")
    await ada.messages.send(room, "psst")
    await ben.rooms.accept(room)
    assert await ben.rooms.direct("ada.direct") == room
    assert await ada.rooms.direct("ben.direct") == room
    await ben.messages.send(room, "yes?")
    assert [message.text for message in await ada.messages.history(room)] == ["psst", "yes?"]


async def test_a_request_reaches_a_program_that_listens_once_accepted(sign_up):
    ada, ben = await sign_up("ada", "ada.late"), await sign_up("ben", "ben.late")
    listening = asyncio.create_task(heard(ben))
    await asyncio.sleep(0.3)
    room = await ada.rooms.direct("ben.late")
    await ben.rooms.accept(room)
    await ada.messages.send(room, "hello")
    assert await listening == ["hello"]


async def test_the_end_of_a_room(sign_up):
    ada, ben, room = await room_of_two(sign_up, "close")
    await ben.messages.send(room, "bye")
    await ada.room_admin.close(room)
    with pytest.raises(Closed):
        await ben.messages.send(room, "more")
    await ben.rooms.delete(room)
    assert await ben.rooms.all() == []


async def test_policies_change_and_disclosures_are_logged(sign_up):
    ada, ben, room = await room_of_two(sign_up, "policy")
    with pytest.raises(ApiError):
        await ben.room_admin.disclose(room, 1, 2, "small-model")
    await ada.room_admin.set_policy(room, ai="ask", n=0)
    await ben.messages.send(room, "one")
    await ben.room_admin.disclose(room, 1, 1, "small-model")
    state = (await ada.rooms.open(room)).state
    assert (state.policy["ai"], state.policy["n"]) == ("ask", 0)
    assert [(found.uid, found.model) for found in state.disclosures] == [
        (ben.me.uid, "small-model")
    ]


async def test_an_invitation_is_revoked(sign_up):
    ada, ben = await sign_up("ada", "ada.revoke"), await sign_up("ben", "ben.revoke")
    room = await ada.rooms.create("Revoked")
    link = await ada.room_admin.invite(room)
    await ada.room_admin.revoke(room, link)
    with pytest.raises(ApiError, match="invite_revoked"):
        await ben.rooms.join(link)


async def test_new_keys_are_believed_only_when_approved(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, "reset")
    cleo = await sign_up("cleo", "cleo.reset")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    await ben.messages.send(room, "before")
    await ben.close()
    async with Client(server.url) as anew:
        await anew.account.reset_keys("ben.reset", PASSWORD)
        assert await anew.members.ask_back_in() == [room]
        await until(lambda: ada.members.knocks(room))
        (waiting,) = await ada.members.knocks(room)
        assert (waiting.name, waiting.reset) == ("ben.reset", True)
        with pytest.raises(UnapprovedKeys, match=r"ben\.reset"):
            await ada.members.let_in(room, waiting.uid)
        ada.contacts.approve_key(waiting.kid)
        await ada.members.let_in(room, waiting.uid)
        await ada.messages.send(room, "welcome back")
        with pytest.raises(UnapprovedKeys, match=r"ben\.reset"):
            await cleo.messages.send(room, "who is that?")
        cleo.contacts.approve_key(waiting.kid)
        await cleo.messages.send(room, "welcome")
        await ada.room_admin.hand_over_keys(room)
        found = [message.text for message in await anew.messages.history(room)]
        assert found == ["before", "welcome back", "welcome"]
        assert ada.contacts.safety_number(anew.me.uid) == anew.contacts.safety_number(ada.me.uid)


async def test_a_sealed_kit_on_the_server_opens_with_its_code(sign_up, server):
    ada = await sign_up("ada", "ada.sealed")
    code = await ada.account.store_recovery_kit()
    async with Client(server.url) as again:
        await again.account.restore("ada.sealed", PASSWORD, code.lower().replace("-", " "))
        assert again.me.kid == ada.me.kid
    async with Client(server.url) as file:
        await file.account.restore("ada.sealed", PASSWORD, ada.account.recovery_kit())
        assert file.me.kid == ada.me.kid


async def test_what_a_rotator_left_undone_is_done(sign_up, monkeypatch):
    """A rotation that carries neither profile nor links: another member adds them."""
    monkeypatch.setattr("sotto.room_manager.REPAIR_AFTER", (0, 0.1))
    # The key of an open room stays for a minute.
    early = Late(lambda: machine_clock() - 120_000)
    ada = await sign_up("ada", "ada.mend", clock=early)
    ben = await sign_up("ben", "ben.mend")
    room = await ada.rooms.create("Garden")
    link = await ada.room_admin.invite(room, uses=2)
    await ben.rooms.join(link)
    await ben.messages.send(room, "before")
    there = await ben.rooms.open(room)
    profile, there.profile_plain = there.profile_plain, None
    with monkeypatch.context() as patch:
        patch.setattr("sotto.keys.rotation.extended_links", lambda *_: [])
        patch.setattr("sotto.room_manager.repair", lambda *_: asyncio.sleep(0))
        await ben.room_admin.rotate_key(room)
    there.profile_plain = profile
    await ada.room_admin.hand_over_keys(room)
    cleo = await sign_up("cleo", "cleo.mend")
    await cleo.rooms.join(link)
    await ben.messages.send(room, "after")
    found = await cleo.rooms.open(room)
    assert found.name == "Garden"
    assert [message.text for message in found.messages] == ["before", "after"]


async def test_safety_numbers_are_alike_on_both_sides(sign_up):
    ada, ben, _ = await room_of_two(sign_up, "safety")
    number = ada.contacts.safety_number(ben.me.uid)
    assert number == ben.contacts.safety_number(ada.me.uid)
    assert (len(number), cast()["ben"].kid in ada.trust.verified) == (60, False)
    ada.contacts.mark_verified(ben.me.uid)
    assert ben.me.kid in ada.trust.verified


async def test_a_room_that_somebody_was_removed_from_is_found_and_exported(
    sign_up, server, tmp_path, monkeypatch
):
    ada = await sign_up("ada", "ada.former")
    room = await ada.rooms.create("Choir")
    async with Client(server.url, profile_dir=ProfileDir(tmp_path)) as ben:
        await ben.account.sign_up("ben.former", PASSWORD, cast()["ben"].keys)
        await ben.rooms.join(await ada.room_admin.invite(room))
        listed, uid = await ben.rooms.overview(), ben.me.uid
        assert await ben.rooms.former() == []
    await ada.members.remove(room, uid)
    async with Client(server.url, profile_dir=ProfileDir(tmp_path)) as ben:
        await ben.account.resume()
        with monkeypatch.context() as patch:
            patch.setattr(ben.rooms, "overview", AsyncMock(return_value=listed))
            assert await ben.rooms.all() == []  # removed just after the list was made
        [former] = await ben.rooms.former()
        assert (former.name, former_state(former)) == ("Choir", "removed by ada.former")
        assert (await find_room(ben, "choir", former=True)).id == room
        with pytest.raises(FormerMember, match=r"ada\.former removed you"):
            await find_room(ben, "choir")
        assert check_export(await ben.rooms.export(room)).id == room
    await ada.members.add(room, "ben.former")
    async with Client(server.url, profile_dir=ProfileDir(tmp_path)) as ben:
        await ben.account.resume()
        assert await ben.rooms.former() == []
        assert (await find_room(ben, "choir")).id == room
