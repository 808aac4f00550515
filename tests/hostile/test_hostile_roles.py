"""A moderator who lost the rank, and a server that helps them."""

from __future__ import annotations

from typing import Any

from sotto.protocol.event_builder import make_succeed
from tests.hostile.conftest import Scene
from tests.hostile.victims import sees

HONEST = ["one", "two", "three", "four"]


async def demoted(scene: Scene) -> Any:
    """Mallory was a moderator for a while. Returns the room as it was then."""
    uid = scene.mallory.client.me.uid
    await scene.ada.members.set_role(scene.id, uid, "moderator")
    before = await scene.room()
    led = (before.state.e, (before.state.seq, before.state.hash))
    await scene.ada.members.set_role(scene.id, uid, "member")
    await scene.ada.messages.send(scene.id, "four")
    scene.link = await scene.ada.room_admin.invite(scene.id, uses=10)
    return led


async def hiding(scene: Scene, seq: int, **header: Any) -> dict[str, Any]:
    room = await scene.room()
    content = {"t": "delete", "of": [room.find(4).ref]}
    return {**scene.mallory.message(room, seq, content=content, **header), "re": [4]}


async def test_hostile_demoted_moderator_names_the_log_from_before(scene):
    """Neither under the key of then nor under that of now does it count."""
    e, lh = await demoted(scene)
    forged = [await hiding(scene, 5, e=e, lh=lh), await hiding(scene, 6, lh=lh)]
    scene.hostile.rows[scene.id] = [*await scene.rows(), *forged]
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, refused=2, frozen=False)


async def test_hostile_demoted_moderator_deletes_as_the_member_they_are(scene):
    """An honest header: the message counts, and hides nothing of others."""
    await demoted(scene)
    scene.hostile.rows[scene.id] = [*await scene.rows(), await hiding(scene, 5)]
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, refused=0, frozen=False)


async def test_hostile_succession_that_nobody_was_named_for(scene):
    """The server says that the owner's account has ended; mallory writes that she follows."""
    room = await scene.room()
    owner = scene.ada.me.uid
    event = make_succeed(room.state, scene.mallory.author(), bytes(32), uid=owner)
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST[:3], frozen=False)
    scene.hostile.logs[scene.id] = [*await scene.log(), event]
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True)
