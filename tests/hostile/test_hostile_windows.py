"""Lies about a part of a room: what a client believes that jumps into the middle."""

from __future__ import annotations

from hashlib import sha256

import pytest

from sotto.client import Client
from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.message import parse_message
from sotto.room_errors import Frozen
from tests.hostile.conftest import Scene
from tests.hostile.jumping_victim import JumpingVictim


@pytest.fixture
def victim(scene: Scene) -> Client:
    """The program that jumps."""
    assert isinstance(scene.victim, JumpingVictim)
    return scene.victim.client


async def filled(scene: Scene, many: int = 12) -> list[dict]:
    """The victim is a member who has read nothing; ada goes on talking. The server has the room in
    its hands.
    """
    await scene.ada.rooms.open(scene.id)
    for n in range(4, many + 1):
        await scene.ada.messages.send(scene.id, f"number {n}")
    await scene.join()
    rows = await scene.rows()
    scene.hostile.rows[scene.id] = rows
    return rows


async def window(victim: Client, scene: Scene, seq: int, limit: int = 3) -> list[tuple]:
    lines = await victim.messages.around(scene.id, seq, limit)
    return [(line.seq, line.line, line.missing, line.status) for line in lines]


async def test_a_window_is_read_alone(scene, victim):
    await filled(scene)
    assert await window(victim, scene, 6) == [
        (seq, f"number {seq}", False, "ok") for seq in (5, 6, 7)
    ]
    assert not victim.session.manager.cached(scene.id).messages, "nothing else was read"


@pytest.mark.core
async def test_hostile_window_with_a_gap(scene, victim):
    rows = await filled(scene)
    scene.hostile.rows[scene.id] = [row for row in rows if row["seq"] != 6]
    found = await window(victim, scene, 6, 5)
    assert [(seq, missing) for seq, _, missing, _ in found] == [
        (4, False), (5, False), (7, True), (8, False),
    ]  # fmt: skip


async def test_hostile_window_with_closed_numbers(scene, victim):
    """No number is missing, but who wrote them had seen more than is there."""
    rows = await filled(scene)
    closed = [{**row, "seq": row["seq"] - (row["seq"] > 6)} for row in rows if row["seq"] != 6]
    scene.hostile.rows[scene.id] = closed
    found = await window(victim, scene, 6, 5)
    assert [(seq, missing, status) for seq, _, missing, status in found] == [
        (4, False, "ok"), (5, False, "ok"), (6, False, "refused"), (7, False, "refused"),
        (8, False, "refused"),
    ]  # fmt: skip


async def test_hostile_window_in_the_wrong_order(scene, victim):
    rows = await filled(scene)
    rows[5], rows[6] = {**rows[6], "seq": 6}, {**rows[5], "seq": 7}
    found = await window(victim, scene, 6, 5)
    # The seventh knows the sixth, so it cannot stand before it.
    assert [line for _, line, _, status in found if status == "ok"] == [
        "number 4", "number 5", "number 6", "number 8",
    ]  # fmt: skip
    assert [status for *_, status in found].count("refused") == 1


async def test_hostile_row_of_another_window_repeated(scene, victim):
    """Each window by itself is good."""
    rows = await filled(scene)
    await window(victim, scene, 1)
    rows[8] = {**rows[1], "seq": 9}
    found = {seq: status for seq, _, _, status in await window(victim, scene, 9)}
    assert found == {8: "ok", 9: "refused", 10: "ok"}


@pytest.mark.core
async def test_hostile_row_swapped_between_two_windows(scene, victim):
    """What was verified stays, and the change is told."""
    rows = await filled(scene)
    before = await window(victim, scene, 3)
    rows[2] = scene.mallory.message(
        await scene.room(), 3, "instead", sh=parse_message(rows[2]).header.sh
    )
    assert [line[:2] for line in await window(victim, scene, 3)] == [line[:2] for line in before]
    assert victim.session.manager.cached(scene.id).lost_count == 1


async def test_hostile_own_row_swapped_between_two_windows(scene, victim):
    await filled(scene)
    del scene.hostile.rows[scene.id]
    seq = await victim.messages.send(scene.id, "mine")
    rows = scene.hostile.rows[scene.id] = await scene.rows()
    victim.session.manager.forget(scene.id)
    rows[seq - 1] = scene.mallory.message(await scene.room(), seq)
    with pytest.raises(Frozen):
        await victim.messages.around(scene.id, seq, 3)


@pytest.mark.core
async def test_hostile_own_row_left_out_of_a_window(scene, victim):
    await filled(scene)
    del scene.hostile.rows[scene.id]
    seq = await victim.messages.send(scene.id, "mine")
    await scene.ada.messages.send(scene.id, "after it")
    rows = await scene.rows()
    victim.session.manager.forget(scene.id)
    scene.hostile.rows[scene.id] = [row for row in rows if row["seq"] != seq]
    with pytest.raises(Frozen):
        await victim.messages.around(scene.id, seq, 3)


async def test_hostile_own_row_left_out_of_a_later_window(scene, victim):
    await filled(scene)
    del scene.hostile.rows[scene.id]
    seq = await victim.messages.send(scene.id, "mine")
    await scene.ada.messages.send(scene.id, "after it")
    rows = await scene.rows()
    await victim.messages.around(scene.id, seq, 3)
    room = victim.session.manager.cached(scene.id)
    room.sent.clear()  # as if another device of the account had sent it
    scene.hostile.rows[scene.id] = [row for row in rows if row["seq"] != seq]
    with pytest.raises(Frozen):
        await victim.messages.around(scene.id, seq, 3)


async def test_hostile_row_left_out_of_a_later_window(scene, victim):
    """It stays readable, and that the server has it no longer is told."""
    rows = await filled(scene)
    before = await window(victim, scene, 6)
    scene.hostile.rows[scene.id] = [row for row in rows if row["seq"] != 6]
    assert await window(victim, scene, 6) == before
    assert victim.session.manager.cached(scene.id).lost_count == 1


async def edited(scene: Scene) -> list[dict]:
    """Message 2 has a correction, far behind it."""
    rows = await filled(scene)
    first = (await scene.ada.messages.history(scene.id))[1]
    await scene.ada.messages.edit(first, "two, corrected")
    rows = scene.hostile.rows[scene.id] = await scene.rows()
    assert rows[-1]["re"] == [2]
    return rows


async def test_a_window_shows_what_later_messages_made_of_it(scene, victim):
    await edited(scene)
    assert (2, "two, corrected", False, "ok") in await window(victim, scene, 2)


async def test_hostile_change_kept_back_is_applied_once_it_turns_up(scene, victim):
    rows = await edited(scene)
    scene.hostile.silent = {rows[-1]["seq"]}
    assert (2, "two", False, "ok") in await window(victim, scene, 2)
    await window(victim, scene, rows[-1]["seq"])
    assert (2, "two, corrected", False, "ok") in await window(victim, scene, 2)


async def test_hostile_change_by_somebody_who_may_not(scene, victim):
    rows = await filled(scene)
    content = {"t": "edit", "of": [1, parse_message(rows[0]).id], "body": "not her words"}
    forged = scene.mallory.message(await scene.room(), 13, content=content)
    scene.hostile.rows[scene.id] = [*rows, {**forged, "re": [1]}]
    assert (1, "one", False, "ok") in await window(victim, scene, 1)


def tombstone(row: dict, by: int) -> dict:
    """What the server keeps of a message that another one erased."""
    kept = {key: row[key] for key in ("seq", "h", "iv", "sig")}
    return {**kept, "sha": b64(sha256(unb64(row["ct"])).digest()), "del": by}


async def test_hostile_tombstone_whose_deletion_is_not_named(scene, victim):
    await filled(scene)
    await scene.ada.messages.delete((await scene.ada.messages.history(scene.id))[1])
    rows = scene.hostile.rows[scene.id] = await scene.rows()
    rows[1] = tombstone(rows[1], by=rows[-1]["seq"])
    assert [line[3] for line in await window(victim, scene, 2)] == ["ok", "deleted", "ok"]
    scene.hostile.silent = {rows[-1]["seq"]}
    victim.session.manager.forget(scene.id)
    kept = await window(victim, scene, 2)
    assert [line[2:] for line in kept] == [(False, "ok"), (True, "erased"), (False, "ok")]
    await window(victim, scene, rows[-1]["seq"])
    assert [line[3] for line in await window(victim, scene, 2)] == ["ok", "deleted", "ok"]


async def test_hostile_answer_about_another_message(scene, victim):
    await filled(scene)
    scene.hostile.twist = lambda path, said: (
        said.update(around=9) if path.endswith("/messages") and "around" in said else None
    )
    with pytest.raises(WireError):
        await victim.messages.around(scene.id, 6, 3)


async def test_hostile_fewer_messages_than_were_seen(scene, victim):
    rows = await filled(scene)
    await window(victim, scene, 11)
    scene.hostile.rows[scene.id] = rows[:8]
    await window(victim, scene, 6)
    room = victim.session.manager.cached(scene.id)
    assert sorted(line.text for line in room.lost) == ["number 10", "number 11", "number 12"]
