"""Who is who, as the server tells it: their own key, other people's keys, and their names."""

from __future__ import annotations

import os
from typing import Any

import pytest

from sotto.client import Client
from sotto.keys.rotation import begin_epoch
from sotto.protocol.event_builder import make_epoch
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import open_identity
from sotto.protocol.log import extend_log
from sotto.protocol.room_keys import wrap_key
from tests.client.acting import PASSWORD
from tests.hostile.conftest import Scene
from tests.hostile.forge import Stranger, stranger
from tests.hostile.server import network
from tests.hostile.victims import sees

HONEST = ["one", "two", "three"]


async def entered(scene: Scene) -> None:
    """The victim is a member, and has seen the room as it is."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    await scene.room()


# --- their own key ------------------------------------------------------------------------------


async def test_hostile_server_that_names_no_key_another_and_none_again(scene):
    """Nothing that is kept goes, nothing is made, and all is as before once it tells the truth."""
    await entered(scene)
    victim, hostile = scene.victim, scene.hostile
    assert await victim.begins()
    before, sent = await victim.kept(), len(hostile.sent)
    assert before.kid == victim.kid
    other = stranger(victim.uid, victim.name)
    hostile.identities = [other.signed]
    for kid in (None, other.kid, None):
        hostile.name_key(kid)
        assert not await victim.begins()
        assert await victim.kept() == before
    posted = [path for path, _ in hostile.sent[sent:] if path.endswith("/identities")]
    assert posted == []
    hostile.tell_the_truth()
    hostile.identities = []
    assert await victim.begins()
    assert await victim.kept() == before
    await scene.restart()
    await sees(victim, scene.id, texts=HONEST, frozen=False)


async def test_hostile_server_that_lost_the_key_gets_the_same_one_again(scene):
    """It refuses it at first, as one that only pretends does."""
    await entered(scene)
    victim, hostile = scene.victim, scene.hostile
    await victim.begins()
    before = await victim.kept()
    refusal = {"error": {"code": "has_identity", "detail": "There are keys already."}}
    hostile.name_key(None)
    assert not await victim.begins()
    hostile.made_up["POST", "/identities"] = lambda body: refusal
    with pytest.raises(Exception, match=r"keys already|Timeout"):
        await refused(victim)
    assert await victim.kept() == before
    taken: list[dict[str, Any]] = []

    def take(body):
        taken.append(body)
        hostile.tell_the_truth()

    hostile.made_up["POST", "/identities"] = take
    await victim.publishes_again()
    (body,) = taken
    assert body["body"] == scene_identity(scene)["body"]
    assert await victim.kept() == before
    assert await victim.begins()


async def test_hostile_storage_lost_and_no_key_named(scene):
    """What is left is the kit: it brings the same key back, and nobody makes another."""
    await entered(scene)
    victim, hostile = scene.victim, scene.hostile
    kit = await victim.loses_storage()
    sent = len(hostile.sent)
    hostile.name_key(None)
    assert not await victim.begins()
    assert not [path for path, _ in hostile.sent[sent:] if path.endswith("/identities")]
    taken: list[str] = []

    def take(body):
        taken.append(body["body"])
        hostile.tell_the_truth()

    hostile.made_up["POST", "/identities"] = take
    await victim.brings(kit)
    assert taken == [scene_identity(scene)["body"]]
    assert (await victim.kept()).kid == scene_identity_kid(scene)


def scene_identity_kid(scene: Scene) -> str:
    return open_identity(scene_identity(scene)).kid


def scene_identity(scene: Scene) -> dict[str, str]:
    """The victim's identity as everybody else knows it."""
    signed: dict[str, str] = scene.mallory.client.trust.signed[scene.victim.kid]
    return signed


async def refused(victim: Any) -> None:
    if hasattr(victim, "page"):
        victim.page.set_default_timeout(3000)
        try:
            await victim.publishes_again()
        finally:
            victim.page.set_default_timeout(20_000)
    else:
        await victim.publishes_again()


# --- the keys of others -------------------------------------------------------------------------


def answers(scene: Scene, person: Any) -> None:
    """Asked for ada, the server shows these keys."""
    identity = {"uid": person.uid, "name": person.name, "identity": person.signed}
    scene.hostile.made_up["GET", f"/users/{scene.ada.me.name}"] = identity


def ada_now(scene: Scene) -> Any:
    me = scene.ada.me
    signed = scene.ada.trust.signed[me.kid]
    return type("Ada", (), {"uid": me.uid, "name": me.name, "kid": me.kid, "signed": signed})


async def test_hostile_newer_keys_that_nobody_approved_and_older_ones_afterwards(scene):
    await entered(scene)
    me = scene.ada.me
    newer = stranger(me.uid, me.name, 2, me.kid)
    answers(scene, newer)
    assert not await scene.victim.writes_to(scene.ada.me.name)
    assert scene.hostile.wrapped_to <= {scene.victim.kid}
    await scene.victim.trusts_new_key(
        scene.ada.me.name
    )  # the real server then refuses the made-up key
    assert newer.kid in scene.hostile.wrapped_to
    scene.hostile.sent.clear()
    answers(scene, ada_now(scene))
    assert not await scene.victim.writes_to(scene.ada.me.name)
    assert scene.hostile.wrapped_to <= {scene.victim.kid}


async def test_hostile_second_uid_of_a_known_name(scene):
    await entered(scene)
    other = stranger(name=scene.ada.me.name)
    answers(scene, other)
    assert not await scene.victim.writes_to(scene.ada.me.name)
    answers(scene, ada_now(scene))
    assert not await scene.victim.writes_to(scene.ada.me.name)
    assert scene.hostile.wrapped_to <= {scene.victim.kid}
    answers(scene, other)
    await scene.victim.accepts_namesake(
        scene.ada.me.name
    )  # the real server then knows nobody of that uid
    assert other.kid in scene.hostile.wrapped_to


async def test_hostile_second_uid_of_a_name_in_the_room(scene):
    """Ada's log would have to hold it: mallory, who may add people, is in with the server."""
    await scene.ada.members.set_role(scene.id, scene.mallory.client.me.uid, "moderator")
    await entered(scene)
    other = stranger(name=scene.ada.me.name)
    await added(scene, other)
    await scene.restart()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    assert not await scene.victim.can_write(scene.id)
    assert scene.hostile.wrapped_to <= {scene.victim.kid}
    await scene.victim.accepts_namesake(scene.ada.me.name, scene.id)
    await scene.victim.idle(0.5)
    assert await scene.victim.can_write(scene.id)


async def added(scene: Scene, person: Stranger) -> None:
    """From now on the log says that mallory has taken somebody in."""
    room = await scene.room()
    event: SignedEvent = scene.mallory.event(
        room.state, "add", uid=person.uid, to=person.kid, iid=""
    )
    extend_log(room.state, [event], {**room.trust.known, person.kid: person.identity})
    scene.hostile.logs[scene.id] = [*await scene.log(), dict(event)]
    scene.hostile.identities = [person.signed]


# --- keys of the room ---------------------------------------------------------------------------


async def test_hostile_member_gives_two_members_different_keys(scene):
    """Mallory begins an epoch and wraps another key to the victim: ada hands over the right one."""
    await entered(scene)
    mallory = scene.mallory.client
    async with Client(scene.hostile.upstream, transport=network()) as guest:
        await guest.account.sign_up(f"guest.{scene.victim.name}", PASSWORD)
        await guest.rooms.join(scene.link)
        await guest.rooms.leave(scene.id)  # the room is closed until it has another key
    room, wrong = await scene.room(), os.urandom(32)
    e, victim = room.state.e + 1, scene.victim.kid

    def make(state, author, key):
        return make_epoch(state, author, key)

    written = mallory.session.log_api.write

    async def unequal(to, path, body):
        spki = mallory.trust.known[victim].rsa
        for wrap in body.get("wraps", []):
            if wrap["to"] == victim:
                wrap["ct"] = wrap_key(wrong, scene.id, e, victim, spki)
        return await written(to, path, body)

    mallory.session.log_api.write = unequal
    await begin_epoch(mallory.session.log_api, room, {"t": "epoch"}, make)
    mallory.session.log_api.write = written
    assert room.state.e == e
    await mallory.messages.send(scene.id, "four")
    await sees(scene.victim, scene.id, texts=[*HONEST, "four"], locked=0, frozen=False)
    await scene.victim.say(scene.id, "five")
    found = await scene.ada.messages.history(scene.id)
    assert [message.text for message in found][-2:] == ["four", "five"]
