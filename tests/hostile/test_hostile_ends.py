"""Every honest end is played to a victim who wrote: none stops the room, twice in a row. What the
server only claims stops it, or is not believed.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from sotto.client import Client
from sotto.protocol.event_builder import make_remove
from tests.client.acting import PASSWORD
from tests.hostile.conftest import Scene
from tests.hostile.server import network
from tests.hostile.test_hostile_absence import HONEST, accepts_a_restored_backup, returns, wrote
from tests.hostile.victims import sees
from tests.live import LiveServer
from tests.vectors.making import cast

End = Callable[[Scene], Awaitable[None]]


@asynccontextmanager
async def guest(scene: Scene):
    """A third member, who has written "bye"."""
    async with Client(scene.hostile.upstream, transport=network()) as client:
        await client.account.sign_up(f"guest.{secrets.token_hex(4)}", PASSWORD, cast()["cleo"].keys)
        await client.rooms.join(scene.link)
        await client.messages.send(scene.id, "bye")
        yield client


def disable(server: LiveServer, name: str) -> None:
    """As an administrator does: it also signs the account out everywhere."""
    server.manage("people", "disable", name)


# --- the victim stays ---------------------------------------------------------------------------


async def test_hostile_ends_of_other_members_are_quiet(scene, server):
    """One leaves, one is removed, one banned, one ends their account, one is disabled."""
    async with guest(scene) as leaver:
        await leaver.rooms.leave(scene.id)
    scene.link = await scene.ada.room_admin.invite(scene.id, uses=10)
    for ban in (False, True):
        async with guest(scene) as other:
            await scene.ada.members.remove(scene.id, other.me.uid, ban=ban)
            scene.link = await scene.ada.room_admin.invite(scene.id, uses=10)
    async with guest(scene) as deleted:
        await deleted.rooms.leave(scene.id)
        await deleted.session.api.post("me/delete", {"password": PASSWORD})
    scene.link = await scene.ada.room_admin.invite(scene.id, uses=10)
    async with guest(scene) as disabled:
        disable(server, disabled.me.name)
    await scene.join()
    texts = [*HONEST, *["bye"] * 5]
    await sees(scene.victim, scene.id, texts=texts)
    await scene.victim.say(scene.id, "mine")
    await returns(scene, texts=[*texts, "mine"], frozen=False, lost=False)


async def test_hostile_end_of_a_rank_is_quiet(scene):
    await wrote(scene)
    await scene.ada.members.set_role(scene.id, scene.victim.uid, "moderator")
    await scene.restart()
    await sees(scene.victim, scene.id, texts=[*HONEST, "mine"])
    await scene.victim.say(scene.id, "as a moderator")
    await scene.ada.members.set_role(scene.id, scene.victim.uid, "member")
    await returns(scene, texts=[*HONEST, "mine", "as a moderator"], frozen=False, lost=False)
    await scene.victim.say(scene.id, "as a member")


async def test_hostile_end_by_a_block_is_quiet(scene):
    await wrote(scene)
    await scene.ada.session.api.put(f"blocks/{scene.victim.uid}", {})
    await scene.mallory.client.messages.send(scene.id, "four")
    await returns(scene, texts=[*HONEST, "mine", "four"], frozen=False, lost=False)


async def test_hostile_end_of_an_account_that_comes_back_is_quiet(scene, server):
    """The victim's own account is disabled, and enabled again."""
    await wrote(scene)
    disable(server, scene.victim.name)
    await scene.ada.messages.send(scene.id, "four")
    server.manage("people", "enable", scene.victim.name)
    await scene.victim.signs_in_again()
    await returns(scene, texts=[*HONEST, "mine", "four"], frozen=False, lost=False)


async def test_hostile_backup_that_is_restored_again_is_quiet(scene):
    """Accepted once; nothing of the victim's is lost by the second time."""
    await accepts_a_restored_backup(scene)
    scene.hostile.rows[scene.id] = (await scene.rows())[:3]
    await returns(scene, frozen=False, lost=False)


# --- the victim goes ----------------------------------------------------------------------------


@pytest.mark.parametrize("ban", [False, True], ids=["removed", "banned"])
async def test_hostile_removal_is_told_by_the_signed_log(scene, ban):
    await wrote(scene)
    await scene.ada.members.remove(scene.id, scene.victim.uid, ban=ban)
    await scene.ada.messages.send(scene.id, "among us")
    out = "banned" if ban else "removed"
    await sees(scene.victim, scene.id, out=out, frozen=False)
    await returns(scene, out=out, frozen=False)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_ban_that_is_lifted_is_quiet(scene):
    await wrote(scene)
    await scene.ada.members.remove(scene.id, scene.victim.uid, ban=True)
    await sees(scene.victim, scene.id, out="banned")
    await scene.ada.members.ban(scene.id, scene.victim.uid, on=False)
    scene.link = await scene.ada.room_admin.invite(scene.id)
    await scene.join()
    await returns(scene, texts=[*HONEST, "mine"], frozen=False, lost=False, out="")
    await scene.victim.say(scene.id, "back")


async def test_hostile_leave_and_return_is_quiet(scene):
    await wrote(scene)
    await scene.victim.leaves(scene.id)
    scene.link = await scene.ada.room_admin.invite(scene.id)
    await scene.join()
    await returns(scene, texts=[*HONEST, "mine"], frozen=False, lost=False)
    await scene.victim.say(scene.id, "back")


async def test_hostile_refusal_of_a_direct_room_is_quiet(scene):
    """The other person declines by leaving; what was written stays."""
    await wrote(scene)
    assert await scene.victim.writes_to(scene.ada.me.name)
    listed = await scene.ada.rooms.overview()
    peers = {(item.get("peer") or {}).get("uid"): item["id"] for item in listed}
    direct = peers[scene.victim.uid]
    await scene.victim.restart(direct)
    await scene.victim.say(direct, "hello")
    await scene.ada.rooms.leave(direct)
    for _ in range(2):
        await scene.victim.restart(direct)
        await sees(scene.victim, direct, texts=["hello"], frozen=False, lost=False)


# --- lies ---------------------------------------------------------------------------------------


@pytest.mark.core
async def test_hostile_server_shortens_the_log_to_a_removal_that_was_taken_back(scene):
    """An honest removal, repeated after the victim was let in again."""
    await wrote(scene)
    await scene.ada.members.remove(scene.id, scene.victim.uid)
    old = await scene.log()
    scene.link = await scene.ada.room_admin.invite(scene.id)
    await scene.join()
    await sees(scene.victim, scene.id, texts=[*HONEST, "mine"], out="")
    room = await scene.room()
    scene.hostile.logs[scene.id] = [
        {"event": one["event"], "sig": one["sig"]} for one in room.events[: len(old)]
    ]
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True)


async def test_hostile_server_makes_up_a_removal(scene):
    """By mallory, who is no moderator."""
    await wrote(scene)
    state = (await scene.room()).state
    by_mallory = make_remove(state, scene.mallory.author(), bytes(32), uid=scene.victim.uid)
    scene.hostile.logs[scene.id] = [*await scene.log(), dict(by_mallory)]
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True, out="")
