"""What a program believes beside a room's log and messages: who is who, and what it knew before.

The Python client alone; the cases of the protocol are played to both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import WireError
from sotto.protocol.events import SignedEvent
from sotto.protocol.invite_link import Link
from sotto.protocol.log import extend_log
from sotto.protocol.message import Header, parse_message
from sotto.room import Room
from sotto.room_errors import FormerMember, Frozen, UnapprovedKeys
from tests.client.acting import PASSWORD, until
from tests.hostile.client_victim import ClientVictim
from tests.hostile.conftest import Scene
from tests.hostile.forge import stranger
from tests.hostile.server import network
from tests.hostile.victims import sees

pytestmark = pytest.mark.parametrize("scene", ["client"], indirect=True)
HONEST = ["one", "two", "three"]


def victim(scene: Scene) -> ClientVictim:
    assert isinstance(scene.victim, ClientVictim)
    return scene.victim


async def entered(scene: Scene) -> Client:
    """The victim is a member, and has seen the room as it is."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    await scene.room()
    return victim(scene).client


# --- who is who ---------------------------------------------------------------------------------


@pytest.mark.core
async def test_hostile_direct_room_with_somebody_else_client(scene):
    """The server's list says that the room with mallory is the one with ada."""
    client = await entered(scene)
    theirs = await client.rooms.direct(scene.mallory.client.me.name)
    ada = scene.ada.me

    def twist(path, answer):
        for item in answer.get("rooms", []):
            if item["id"] == theirs:
                item["peer"] = {"uid": ada.uid, "name": ada.name}

    scene.hostile.twist = twist
    with pytest.raises(WireError):
        await client.rooms.direct(scene.ada.me.name)


async def test_hostile_refusal_that_leads_to_another_direct_room_client(scene):
    """There is a room with ada already, says the server, and names the one with mallory."""
    client = await entered(scene)
    theirs = await client.rooms.direct(scene.mallory.client.me.name)

    def answer(body):
        refused = {"error": {"code": "direct_exists", "detail": "", "room": theirs}}
        return refused if '"t":"add"' in body["event"] else None

    scene.hostile.made_up["POST", "/log"] = answer
    with pytest.raises(WireError):
        await client.rooms.direct(scene.ada.me.name)


@pytest.mark.core
async def test_hostile_other_keys_for_somebody_known_client(scene):
    """Asked for ada, the server shows newer keys that it has made."""
    client = await entered(scene)
    ada = scene.ada.me
    impostor = stranger(ada.uid, ada.name, 2, ada.kid)
    scene.hostile.made_up["GET", f"/users/{scene.ada.me.name}"] = {
        "uid": ada.uid,
        "name": ada.name,
        "identity": impostor.signed,
    }
    with pytest.raises(UnapprovedKeys):
        await client.rooms.direct(scene.ada.me.name)


async def test_hostile_older_keys_for_somebody_known_client(scene):
    client = await entered(scene)
    ada = scene.ada.me
    newer = stranger(ada.uid, ada.name, 2, ada.kid)
    client.trust.learn([newer.signed])
    client.trust.approve(newer.kid)
    with pytest.raises(WireError, match="older keys"):
        await client.contacts.find(scene.ada.me.name)


# --- what was known before ----------------------------------------------------------------------


async def taken_away(scene: Scene, client: Client) -> None:
    """The server says that the account is no longer a member."""
    await scene.hostile.push({"type": "ready", "now": scene.mallory.now, "heads": {}})

    async def gone() -> bool:
        return not client.session.manager.has(scene.id)

    await until(gone)


async def test_hostile_room_taken_away_and_given_back_shorter_client(scene):
    """As if one had been removed and taken in again, to a log that lost its end."""
    client = await entered(scene)
    await taken_away(scene, client)
    scene.hostile.logs[scene.id] = (await scene.log())[:-1]
    with pytest.raises(Frozen):
        await client.messages.history(scene.id)


async def test_hostile_room_taken_away_from_a_program_without_a_profile_client(scene):
    """What it has seen since it began, it knows without a folder, too."""
    await entered(scene)
    async with Client(scene.hostile.url, transport=network()) as client:
        await client.account.log_in(victim(scene).name, PASSWORD, victim(scene).client.me.keys)
        await client.messages.history(scene.id)
        await taken_away(scene, client)
        scene.hostile.logs[scene.id] = (await scene.log())[:-1]
        with pytest.raises(Frozen):
            await client.messages.history(scene.id)


async def test_hostile_own_message_lost_while_the_room_was_away_client(scene):
    client = await entered(scene)
    await client.messages.send(scene.id, "mine")
    await taken_away(scene, client)
    scene.hostile.rows[scene.id] = (await scene.rows())[:3]
    with pytest.raises(Frozen):
        await client.messages.history(scene.id)


async def test_hostile_frozen_room_taken_away_and_given_back_client(scene):
    """What was caught once is not forgotten for that."""
    client = await entered(scene)
    scene.hostile.logs[scene.id] = [*await scene.log(), dict(await forged_event(scene))]
    await scene.hostile.push({"type": "room_event", "room": scene.id})
    await sees(scene.victim, scene.id, frozen=True)
    await scene.hostile.push({"type": "ready", "now": scene.mallory.now, "heads": {}})
    del scene.hostile.logs[scene.id]
    await scene.victim.idle(0.3)
    with pytest.raises(Frozen):
        await client.messages.send(scene.id, "never sent")


async def forged_event(scene: Scene) -> SignedEvent:
    """Mallory makes herself a moderator."""
    state, uid = (await scene.room()).state, scene.mallory.client.me.uid
    return scene.mallory.event(state, "role", uid=uid, role="moderator")


@pytest.mark.parametrize("kept", [True, False], ids=["log-kept", "only-its-head-kept"])
async def test_hostile_log_rewritten_behind_an_event_of_a_newer_version_client(scene, kept):
    """What nobody here understands must not hide what was changed before it. Who kept the log
    believes that alone; who kept only its head (as profiles did at first) finds it missing.
    """
    await entered(scene)
    room, events = await scene.room(), await scene.log()
    state = extend_log(None, events[:-1], room.trust.known)
    other = scene.mallory.event(state, "leave")
    state = extend_log(state, [other], room.trust.known)
    newer = scene.mallory.signed({**scene.mallory.head(state, "fanfare")})
    scene.hostile.logs[scene.id] = [*events[:-1], dict(other), dict(newer)]
    await restarted(scene, kept)
    await sees(scene.victim, scene.id, frozen=not kept, texts=HONEST if kept else [])
    assert not await scene.victim.can_write(scene.id)
    del scene.hostile.logs[scene.id]  # the honest log is still the one that is believed
    await restarted(scene, kept)
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    assert await scene.victim.can_write(scene.id)


async def restarted(scene: Scene, kept: bool) -> None:
    """The victim in a new run, with or without the log that the last one kept."""
    assert isinstance(scene.victim, ClientVictim)
    await scene.victim.close()
    if not kept:
        scene.victim.forgets_logs()
    await scene.restart()


async def test_hostile_kit_of_keys_that_were_given_up_client(scene, tmp_path):
    """The server plays along with the old kit; the profile knows better."""
    home, name = tmp_path / "kit", f"kit.{scene.victim.name}"
    async with Client(scene.hostile.upstream, transport=network()) as person:
        await person.account.sign_up(name, PASSWORD)
        old, old_kid = person.account.recovery_kit(), person.me.kid
    async with Client(
        scene.hostile.url, profile_dir=ProfileDir(home), transport=network()
    ) as person:
        await person.account.reset_keys(name, PASSWORD)

    def twist(path, answer):
        if path.endswith("/me"):
            answer["kid"] = old_kid

    scene.hostile.twist = twist
    async with Client(
        scene.hostile.url, profile_dir=ProfileDir(home), transport=network()
    ) as person:
        with pytest.raises(WireError):
            await person.account.restore(name, PASSWORD, old)


@pytest.mark.core
@pytest.mark.parametrize("to", [0, 1])
async def test_hostile_order_to_go_back_in_ones_own_chain_client(scene, to):
    """Under a number used again there would be two messages, and the server could show either."""
    client = await entered(scene)
    for text in ("four", "five"):
        await client.messages.send(scene.id, text)
    room = await client.rooms.open(scene.id)
    used = {(header.dev, header.n) for header in map(header_of, room.rows.values())}
    ids, sent = ["", room.messages[3].id], asyncio.Queue[Header]()

    def twist(frame):
        if frame["type"] != "message_send":
            return [frame]
        sent.put_nowait(header_of(frame))
        return []

    scene.hostile.on_frame = twist
    sending = asyncio.create_task(client.messages.send(scene.id, "six"))
    order = {"type": "error", "code": "order", "detail": "", "room": scene.id}
    first = await sent.get()
    await scene.hostile.push({**order, "cid": first.cid, "n": to, "id": ids[to]})
    again = await sent.get()
    sending.cancel()
    assert (again.dev, again.n) not in used


def header_of(row: Mapping[str, Any]) -> Header:
    return parse_message(row).header


# --- who was removed ----------------------------------------------------------------------------


async def test_hostile_removed_member_reads_nothing_client(scene):
    """The server goes on giving her all that it has, and kept: messages, log, every wrap, the link
    and its items.
    """
    mallory, ada = scene.mallory.client, scene.ada
    link = f"chatrooms/join/{Link.parse(scene.link).iid}"
    items = await mallory.session.api.get(f"{link}/items")
    await ada.members.remove(scene.id, mallory.me.uid)
    for text in ("four", "five"):
        await ada.messages.send(scene.id, text)
    room = await ada.rooms.open(scene.id)
    keys = await ada.session.api.get(f"chatrooms/{scene.id}/keys")
    hostile = scene.hostile
    hostile.rows[scene.id] = [dict(row) for row in room.rows.values()]
    hostile.logs[scene.id] = [dict(event) for event in room.events]
    hostile.identities = list(room.trust.signed.values())
    hostile.made_up["GET", f"{scene.id}/keys"] = keys
    hostile.made_up["POST", "/key_request"] = {}
    hostile.made_up["GET", f"{link}/items"] = items
    hostile.made_up["GET", link] = {
        "room": scene.id,
        "events": hostile.logs[scene.id],
        "identities": hostile.identities,
        "head": hostile.head_of(hostile.logs[scene.id]),
        "card": "",
        "state": "open",
    }
    async with Client(hostile.url, transport=network()) as again:
        await again.account.log_in(mallory.me.name, PASSWORD, mallory.me.keys)
        hostile.made_up["POST", link] = {"room": scene.id, "head": [], **items}
        hostile.made_up["POST", "/wraps"] = {}
        with pytest.raises(FormerMember, match="removed you"):
            await again.messages.history(scene.id)
        with pytest.raises(FormerMember):
            await again.rooms.join(scene.link)  # although the server says that it worked
        with pytest.raises(FormerMember):
            await again.messages.history(scene.id)
        held = Room(scene.id, again.me, again.session.trust)
        held.extend(hostile.logs[scene.id], hostile.head_of(hostile.logs[scene.id]))
        held.accept_wraps(keys["wraps"])
        assert (held.state.e, 2 in held.keys) == (2, False)
