"""What the server says over the socket: nothing of it is believed for coming by itself."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import Scene
from tests.hostile.victims import sees

HONEST = ["one", "two", "three"]


async def entered(scene: Scene) -> None:
    """The victim is a member, has seen the room as it is, and the server has it in its hands."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    scene.hostile.rows[scene.id] = await scene.rows()


async def says(scene: Scene, *rows) -> None:
    scene.hostile.rows[scene.id] += rows
    frame = {"type": "message_receive", "room": scene.id, "messages": list(rows)}
    await scene.hostile.push(frame)


@pytest.mark.core
async def test_hostile_forged_message_by_itself(scene):
    await entered(scene)
    room, ada = await scene.room(), scene.ada.me
    await says(scene, scene.mallory.message(room, 4, uid=ada.uid, kid=ada.kid))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)
    await says(scene, scene.mallory.message(room, 5, "in her own name"))
    texts = [*HONEST, "in her own name"]
    await sees(scene.victim, scene.id, texts=texts, refused=1, frozen=False)


async def test_hostile_replay_by_itself(scene):
    await entered(scene)
    rows = await scene.rows()
    await says(scene, {**rows[0], "seq": 4})
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_other_message_in_the_place_of_one_shown(scene):
    """What stands there stays there."""
    await entered(scene)
    forged = scene.mallory.message(await scene.room(), 3)
    scene.hostile.rows[scene.id][2] = forged
    await scene.hostile.push(
        {"type": "message_receive", "room": scene.id, "messages": [forged]},
    )
    await says(scene, scene.mallory.message(await scene.room(), 4, "after it"))
    await sees(scene.victim, scene.id, texts=[*HONEST, "after it"], frozen=False)


async def test_hostile_number_jumped_over(scene):
    """The message between them is held back for good."""
    await entered(scene)
    await says(scene, scene.mallory.message(await scene.room(), 5, "the fifth"))
    await sees(scene.victim, scene.id, texts=[*HONEST, "the fifth"], gaps=1, frozen=False)


async def test_hostile_event_by_itself(scene):
    """Mallory makes the victim a moderator, which is the owner's to do."""
    await entered(scene)
    state, uid = (await scene.room()).state, scene.victim.uid
    forged = scene.mallory.event(state, "role", uid=uid, role="moderator")
    scene.hostile.logs[scene.id] = [*await scene.log(), dict(forged)]
    await scene.hostile.push({"type": "room_event", "room": scene.id, **forged})
    await sees(scene.victim, scene.id, frozen=True)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_log_shorter_than_what_was_seen(scene):
    await entered(scene)
    scene.hostile.logs[scene.id] = (await scene.log())[:-1]
    await scene.hostile.push({"type": "room_event", "room": scene.id})
    await sees(scene.victim, scene.id, frozen=True)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_acknowledgement_of_another_message(scene):
    """Their own is said to stand where ada's stands."""
    await entered(scene)

    def twist(frame):
        return [{**frame, "seq": 1}] if frame["type"] == "ack" else [frame]

    scene.hostile.on_frame = twist
    await scene.victim.tries_to_say("mine", scene.id)
    await sees(scene.victim, scene.id, frozen=True)
