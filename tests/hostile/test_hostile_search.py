"""What the server answers to a search is only a hint: nothing of it is shown unread."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile.conftest import Scene
from tests.hostile.victims import FORGED, sees

HONEST = ["one", "two", "three"]


def answers(scene: Scene, *rows: dict[str, Any], **beside: Any) -> list[dict[str, Any]]:
    """Every search finds these, says the server; what it was asked goes into the list."""
    asked: list[dict[str, Any]] = []

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        asked.append(body)
        hits = [{**row, "g": 1, "matched": [0]} for row in rows]
        return {"hits": hits, "df": [], "total": 3, "indexed": 3, "cursor": None, **beside}

    scene.hostile.made_up["POST", "/search"] = answer
    return asked


async def joined(scene: Scene) -> None:
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)


async def test_hostile_search_finds_what_does_not_match(scene):
    rows = await scene.rows()
    await joined(scene)
    asked = answers(scene, *reversed(rows), *rows)
    assert await scene.victim.finds(scene.id, "two") == ["two"]
    assert asked
    assert "two" not in str(asked), "the server is asked without words"


async def test_hostile_search_finds_what_nobody_said_here(scene):
    """A message under another's name, one that was never stored, one of another room, one at
    another's place, and rubbish.
    """
    room, rows = await scene.room(), await scene.rows()
    mallory, ada = scene.mallory.client, scene.ada.me
    other = await mallory.rooms.create("Elsewhere")
    await mallory.messages.send(other, f"two {FORGED}")
    foreign = dict((await mallory.rooms.open(other)).rows[1])
    text = f"two {FORGED}"
    await joined(scene)
    answers(
        scene,
        scene.mallory.message(room, 2, text, uid=ada.uid, kid=ada.kid),
        scene.mallory.message(room, 4, text),
        scene.mallory.message(room, 2, text),
        {**foreign, "seq": 2},
        {**rows[1], "seq": 3},
        {**rows[1], "sig": rows[0]["sig"]},
        {"seq": "2", "h": 1},
    )
    found = await scene.victim.finds(scene.id, "two")
    assert set(found) <= {"two"}, "at most what the victim has read itself"
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)


async def test_hostile_search_hides_a_deletion(scene):
    """The row as it was before, though who wrote it has deleted it."""
    rows = await scene.rows()
    messages = await scene.ada.messages.history(scene.id)
    await scene.ada.messages.delete(messages[1])
    await scene.join()
    await sees(scene.victim, scene.id, texts=["one", "three"], frozen=False)
    answers(scene, rows[1])
    assert await scene.victim.finds(scene.id, "two") == []


@pytest.mark.parametrize("how", ["another's", "under another's name", "rubbish"])
async def test_hostile_search_brings_forged_changes_beside_its_hits(scene, how):
    """A correction that another wrote, one under another's name, and two rows for one number."""
    room, rows = await scene.room(), await scene.rows()
    ada = scene.ada.me
    edit = {"t": "edit", "of": room.messages[1].ref, "body": f"two {FORGED}"}
    named = {"uid": ada.uid, "kid": ada.kid} if how == "under another's name" else {}
    refs: list[Any] = [{**scene.mallory.message(room, 4, content=edit, **named), "re": [2]}]
    if how == "rubbish":
        refs = [{**rows[0], "seq": 2}, {"seq": 4, "re": 2}, {"seq": 5, "re": [{}]}]
    await joined(scene)
    answers(scene, rows[1], refs=refs, whole=True)
    assert await scene.victim.finds(scene.id, "two") == ["two"]
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
