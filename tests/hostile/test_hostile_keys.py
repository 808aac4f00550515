"""Room keys, profiles and recovery kits that the server exchanges; and who was removed."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from sotto.client import Client
from sotto.protocol.encoding import WireError
from sotto.protocol.invite_link import Link, seal_item
from sotto.protocol.message import decrypt_message, parse_message
from sotto.protocol.room_keys import wrap_key
from tests.client.acting import PASSWORD
from tests.hostile.conftest import Scene
from tests.hostile.victims import sees
from tests.vectors.making import cast, resets

HONEST = ["one", "two", "three"]


def wrong_wraps(scene: Scene, make) -> None:
    """Every key that the victim is handed is one that `make(e)` gives, and nobody hears when the
    victim asks for others.
    """

    def twist(path, answer):
        if "items" in answer:
            answer["items"] = []
        if path.endswith("/keys"):
            kid = scene.victim.kid
            answer["wraps"] = [{"e": e, "to": kid, "ct": make(e)} for e in (1, 2)]

    scene.hostile.twist = twist
    scene.hostile.made_up["POST", "/key_request"] = {}
    scene.hostile.made_up["POST", "/wraps"] = {}


async def spki(scene: Scene) -> bytes:
    """The victim's RSA key, which the server knows."""
    return (await scene.ada.contacts.find(scene.victim.name)).rsa


async def test_hostile_wrong_key_to_one_member(scene):
    """Of its own making, so that the server could read what the victim writes."""
    rsa = await spki(scene)
    ours = os.urandom(32)
    wrong_wraps(scene, lambda e: wrap_key(ours, scene.id, e, scene.victim.kid, rsa))
    await scene.join()
    await sees(scene.victim, scene.id, texts=[], locked=3, frozen=False)
    assert not await written(scene)


async def test_hostile_wrap_of_another_room(scene):
    rsa, room = await spki(scene), await scene.room()
    other = await scene.mallory.client.rooms.create("Elsewhere")
    wrong_wraps(scene, lambda e: wrap_key(room.keys[1], other, e, scene.victim.kid, rsa))
    await scene.join()
    await sees(scene.victim, scene.id, texts=[], locked=3, frozen=False)


async def test_hostile_wrap_of_another_epoch(scene):
    """The first key in the place of the second, which not everybody may know."""
    await scene.new_epoch()
    await scene.ada.messages.send(scene.id, "four")
    rsa, room = await spki(scene), await scene.room()
    wrong_wraps(scene, lambda e: wrap_key(room.keys[1], scene.id, e, scene.victim.kid, rsa))
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, locked=1, frozen=False)
    assert not await written(scene)


@pytest.mark.core
async def test_hostile_wrong_key_in_an_invitation(scene):
    """The server has the link's secret from mallory, and puts its own key under it."""
    link, ours = Link.parse(scene.link), os.urandom(32)
    item = {"e": 1, "box": seal_item(link.key, scene.id, link.iid, 1, ours)}
    wrong_wraps(scene, lambda e: "")
    without_wraps = scene.hostile.twist

    def twist(path, answer):
        without_wraps(path, answer)
        if "items" in answer:
            answer["items"] = [item]

    scene.hostile.twist = twist
    await scene.join()
    await sees(scene.victim, scene.id, texts=[], locked=3, frozen=False)
    assert not await written(scene)


async def written(scene: Scene) -> bool:
    """Whether anything was sent that the server's own key would open."""
    before = len(await scene.rows())
    writable = await scene.victim.can_write(scene.id)
    if writable and scene.victim.rereads:
        with pytest.raises(Exception, match="key"):
            await scene.victim.say(scene.id, "never sent")
    return len(await scene.rows()) > before


async def test_hostile_older_profile(scene):
    """The name that the room had before."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    old = (await scene.mallory.client.session.api.get(f"chatrooms/{scene.id}/keys"))["profiles"]
    await scene.ada.room_admin.set_profile(scene.id, "Orchard")

    def twist(path, answer):
        for described in [answer, *answer.get("rooms", [])]:
            if described.get("id") == scene.id or path.endswith(f"{scene.id}/keys"):
                described["profiles"] = old

    scene.hostile.twist = twist
    await scene.restart()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    assert await scene.victim.room_name(scene.id) != "Garden"


def has_kit(path: str, answer: Any) -> None:
    """The server says that it keeps a copy, or nobody would be asked for its code."""
    if path.endswith("/me"):
        answer["kit"] = True


async def test_hostile_older_kit(scene):
    """The server kept the kit of keys that were given up; a thief of them could read along."""
    name = f"kit.{scene.victim.name}"
    async with Client(scene.hostile.upstream) as person:
        await person.account.sign_up(name, PASSWORD, cast()["cleo"].keys)
        old = json.loads(person.account.recovery_kit())
    async with Client(scene.hostile.upstream) as person:
        await person.account.reset_keys(name, PASSWORD)
        new = person.account.recovery_kit()
    scene.hostile.made_up["GET", "/kit"] = {"kit": old["kit"]}
    scene.hostile.twist = has_kit
    assert not await scene.victim.restores(name, json.dumps(old))
    assert not await scene.victim.restores(name, old["code"])
    assert await scene.victim.restores(name, new)


async def test_hostile_removed_member_reads_nothing_later(scene):
    """The server goes on giving mallory everything it has, and her link stays open there."""
    mallory, ada = scene.mallory.client, scene.ada
    held = dict((await scene.room()).keys)
    path = f"chatrooms/join/{Link.parse(scene.link).iid}"
    preview = await mallory.session.api.get(path)
    await ada.members.remove(scene.id, mallory.me.uid)
    for text in ("four", "five"):
        await ada.messages.send(scene.id, text)
    room = await ada.rooms.open(scene.id)
    later = [row for row in room.rows.values() if row["seq"] > 3]
    assert len(later) == 2
    for row in later:
        header = parse_message(row).header
        assert header.e not in held
        for key in held.values():
            with pytest.raises(WireError):
                decrypt_message(row, header, key)
    wraps = await ada.session.api.get(f"chatrooms/{scene.id}/wraps")
    assert room.state.e not in wraps["wraps"].get(mallory.me.kid, [])
    # Her link: no server can make it good again for those who check the log.
    events = [dict(event) for event in room.events]
    scene.hostile.logs[scene.id] = events
    scene.hostile.made_up["GET", path] = {
        **preview,
        "events": events,
        "head": scene.hostile.head_of(events),
    }
    assert not await scene.victim.joins(scene.link)


async def test_hostile_member_cannot_be_made_to_write_to_strangers(scene):
    """Who is not in the verified log gets no key, even if asked."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    given: list[str] = []

    def twist(path, answer):
        given.append(path)

    scene.hostile.twist = twist
    stranger = resets()["cleo2"]
    request = {"type": "key_request", "room": scene.id, "uid": stranger.uid, "kid": stranger.kid}
    for e in (1, 2):
        await scene.hostile.push({**request, "e": e})
    await scene.victim.idle(4)
    assert not [path for path in given if path.endswith("/wraps")]
