"""Messages that the server, with a member's keys, makes up, moves, repeats or leaves out."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest

from sotto.protocol.encoding import b64, new_id, unb64
from sotto.protocol.message import parse_message
from tests.hostile.conftest import Scene
from tests.hostile.victims import FORGED, sees

HONEST = ["one", "two", "three"]


async def with_rows(scene: Scene, *made) -> None:
    """The victim joins a room that holds these messages after the honest ones."""
    scene.hostile.rows[scene.id] = [*await scene.rows(), *made]
    await scene.join()


@pytest.mark.core(browser=True)
async def test_hostile_forged_message(scene):
    room, ada = await scene.room(), scene.ada.me
    await with_rows(scene, scene.mallory.message(room, 4, uid=ada.uid, kid=ada.kid))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_message_under_a_key_of_somebody_else(scene):
    """Mallory's name on it, another member's key."""
    room = await scene.room()
    await with_rows(scene, scene.mallory.message(room, 4, kid=scene.ada.me.kid))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


@pytest.mark.slow
async def test_hostile_message_of_another_room(scene):
    mallory = scene.mallory.client
    other = await mallory.rooms.create("Elsewhere")
    await mallory.messages.send(other, FORGED)
    moved = dict((await mallory.rooms.open(other)).rows[1])
    renamed = scene.mallory.message(await scene.room(), 5, room=other)
    await with_rows(scene, {**moved, "seq": 4}, renamed)
    await sees(scene.victim, scene.id, texts=HONEST, refused=2, frozen=False)


@pytest.mark.slow
async def test_hostile_message_of_an_epoch_that_is_over(scene):
    """Written with the old key, by a log that already has the new one."""
    await scene.new_epoch()
    room = await scene.room()
    assert room.state.e == 2
    await with_rows(scene, scene.mallory.message(room, 4, e=1))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_message_of_another_log(scene):
    """As long as the real one, and different."""
    room = await scene.room()
    other = (room.state.seq, b64(sha256(b"another").digest()))
    await with_rows(scene, scene.mallory.message(room, 4, lh=other))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


@pytest.mark.slow
async def test_hostile_message_from_before_one_was_a_member(scene):
    room = await scene.room()
    before = (1, room.state.hashes[1])
    await with_rows(scene, scene.mallory.message(room, 4, lh=before))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


@pytest.mark.slow
async def test_hostile_message_moved_to_another_sender(scene):
    """Ada's ciphertext under a header of mallory's that she has signed."""
    room, rows = await scene.room(), await scene.rows()
    ours = scene.mallory.message(room, 4)
    await with_rows(scene, scene.mallory.resealed(ours, unb64(rows[0]["ct"]), rows[0]["iv"]))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_replay(scene):
    rows = await scene.rows()
    await with_rows(scene, {**rows[0], "seq": 4}, {**rows[2], "seq": 5})
    await sees(scene.victim, scene.id, texts=HONEST, refused=2, frozen=False)


async def test_hostile_order_swapped(scene):
    first, second, third = await scene.rows()
    scene.hostile.rows[scene.id] = [{**second, "seq": 1}, {**first, "seq": 2}, third]
    await scene.join()
    # The second knows the first, so it cannot stand before it.
    await sees(scene.victim, scene.id, texts=["one", "three"], refused=1, frozen=False)


async def test_hostile_middle_message_dropped(scene):
    first, _, third = await scene.rows()
    scene.hostile.rows[scene.id] = [first, third]
    await scene.join()
    await sees(scene.victim, scene.id, texts=["one", "three"], gaps=1, frozen=False)


@pytest.mark.slow
async def test_hostile_middle_message_dropped_and_numbers_closed(scene):
    """No number is missing, but who wrote them had seen more than is there."""
    await scene.ada.messages.send(scene.id, "four")
    first, _, third, fourth = await scene.rows()
    scene.hostile.rows[scene.id] = [first, {**third, "seq": 2}, {**fourth, "seq": 3}]
    await scene.join()
    await sees(scene.victim, scene.id, texts=["one"], refused=2, frozen=False)


async def test_hostile_middle_message_replaced(scene):
    """Mallory's words stand where ada's stood: hers are missed, and all who saw them say so."""
    await scene.ada.rooms.open(scene.id)
    await scene.ada.messages.send(scene.id, "four")
    first, second, third, fourth = await scene.rows()
    seen = parse_message(second).header.sh
    other = scene.mallory.message(await scene.room(), 2, "instead", sh=seen)
    scene.hostile.rows[scene.id] = [first, other, third, fourth]
    await scene.join()
    texts = ["one", "instead", "three", "four"]
    await sees(scene.victim, scene.id, texts=texts, gaps=1, others=1, frozen=False)


@pytest.mark.slow
async def test_hostile_middle_message_made_unreadable(scene):
    """A broken row stands where ada's message stood: all who saw that one say so."""
    await scene.ada.rooms.open(scene.id)
    await scene.ada.messages.send(scene.id, "four")
    first, second, _, fourth = await scene.rows()
    broken = {**second, "h": second["h"].replace('"v"', '"w"')}
    said = scene.mallory.message(
        await scene.room(), 3, "I saw it", sh=(2, parse_message(second).id)
    )
    scene.hostile.rows[scene.id] = [first, broken, said, fourth]
    await scene.join()
    texts = ["one", "I saw it", "four"]
    await sees(scene.victim, scene.id, texts=texts, refused=1, gaps=1, others=2, frozen=False)


async def test_hostile_split_view(scene):
    """Mallory tells the victim something else than ada, who answers what she saw."""
    room, (first, second, _) = await scene.room(), await scene.rows()
    await scene.ada.rooms.open(scene.id)
    await scene.ada.messages.send(scene.id, "four")
    fourth = (await scene.rows())[3]
    before = (2, parse_message(second).id)
    other = scene.mallory.message(room, 3, "for your eyes only", sh=before)
    scene.hostile.rows[scene.id] = [first, second, other, fourth]
    await scene.join()
    texts = ["one", "two", "for your eyes only", "four"]
    await sees(scene.victim, scene.id, texts=texts, others=1, frozen=False)
    assert await scene.victim.can_write(scene.id)


@pytest.mark.slow
async def test_hostile_false_sh_warns_and_no_more(scene):
    """A member lies about what she has seen: no reason to stop a room."""
    false = b64(sha256(b"nothing").digest())
    row = scene.mallory.message(await scene.room(), 4, "look", sh=(2, false))
    await with_rows(scene, row)
    await sees(scene.victim, scene.id, texts=[*HONEST, "look"], others=1, frozen=False)
    assert await scene.victim.can_write(scene.id)


@pytest.mark.slow
async def test_hostile_sh_that_lies_ahead(scene):
    """Nobody has seen a message that comes after their own."""
    row = scene.mallory.message(await scene.room(), 4, sh=(4, b64(bytes(32))))
    await with_rows(scene, row)
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_falling_epoch(scene):
    """Written in time, held back by the server until the next epoch had begun."""
    late = scene.mallory.message(await scene.room(), 5)
    await scene.new_epoch()
    await scene.ada.messages.send(scene.id, "four")
    fourth = (await scene.rows())[3]
    await with_rows(scene, late)
    assert fourth["seq"] == 4
    await sees(scene.victim, scene.id, texts=[*HONEST, "four"], refused=1, frozen=False)


@pytest.mark.slow
async def test_hostile_backdated_device_counter(scene):
    """A second first message of the same device."""
    room, (_, _, third) = await scene.room(), await scene.rows()
    dev = parse_message(third).header.dev
    await with_rows(scene, scene.mallory.message(room, 4, dev=dev, n=1, pm=""))
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


@pytest.mark.parametrize("forgets", ["lh", "sh"])
async def test_hostile_sender_who_forgets(scene, forgets):
    """What somebody has seen once, the same device has seen afterwards."""
    await scene.ada.room_admin.invite(scene.id)
    room, (_, _, third) = await scene.room(), await scene.rows()
    header, id_ = parse_message(third).header, parse_message(third).id
    seq = scene.mallory.joined(room)
    past = {"lh": (seq, room.state.hashes[seq]), "sh": (0, "")}
    now = {"dev": header.dev, "n": 2, "pm": id_, "sh": (3, id_)}
    after = scene.mallory.message(room, 4, "more", **now)
    made = parse_message(after)
    again = {**now, "n": 3, "pm": made.id, "sh": (4, made.id)}
    late = scene.mallory.message(room, 5, **{**again, forgets: past[forgets]})
    await with_rows(scene, after, late)
    await sees(scene.victim, scene.id, texts=[*HONEST, "more"], refused=1, frozen=False)


async def test_hostile_tombstone_without_a_delete(scene):
    first, second, third = await scene.rows()
    hashed = b64(sha256(unb64(second["ct"])).digest())
    kept = {key: second[key] for key in ("seq", "h", "iv", "sig")}
    scene.hostile.rows[scene.id] = [first, {**kept, "sha": hashed, "del": 3}, third]
    await scene.join()
    await sees(scene.victim, scene.id, texts=["one", "three"], refused=1, gaps=1, frozen=False)


async def test_hostile_deletion_by_somebody_who_may_not(scene):
    """Mallory is no moderator: what she deletes of ada's stays."""
    room, rows = await scene.room(), await scene.rows()
    content = {"t": "delete", "of": [[1, parse_message(rows[0]).id]]}
    await with_rows(scene, scene.mallory.message(room, 4, content=content))
    await sees(scene.victim, scene.id, texts=HONEST, refused=0, frozen=False)


async def test_hostile_edit_of_somebody_elses_words(scene):
    room, rows = await scene.room(), await scene.rows()
    content = {"t": "edit", "of": [1, parse_message(rows[0]).id], "body": "not her words"}
    await with_rows(scene, scene.mallory.message(room, 4, content=content))
    await sees(scene.victim, scene.id, texts=HONEST, refused=0, frozen=False)


SMALL_ORDER = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
NON_CANONICAL = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"  # p + 1


@pytest.mark.slow
@pytest.mark.parametrize("r", [SMALL_ORDER, NON_CANONICAL], ids=["small-order", "non-canonical"])
async def test_hostile_signature_points(scene, r):
    row = scene.mallory.message(await scene.room(), 4)
    row["sig"] = b64(bytes.fromhex(r) + unb64(row["sig"])[32:])
    await with_rows(scene, row)
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


@pytest.mark.slow
async def test_hostile_signature_by_a_point_of_small_order(scene):
    """Good by the equation, and made without a secret of its own."""
    row = scene.mallory.message(await scene.room(), 4)
    row["sig"] = scene.mallory.weak_signature(parse_message(row).s)
    await with_rows(scene, row)
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_message_by_a_stranger(scene):
    row = scene.mallory.message(await scene.room(), 4, uid=new_id(os.urandom))
    await with_rows(scene, row)
    await sees(scene.victim, scene.id, texts=HONEST, refused=1, frozen=False)


async def test_hostile_own_message_lost(scene):
    """What the server acknowledged must be there."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    await scene.victim.say(scene.id, "mine")
    scene.hostile.rows[scene.id] = (await scene.rows())[:3]
    await scene.restart()
    await sees(scene.victim, scene.id, frozen=True)
    assert not await scene.victim.can_write(scene.id)


async def test_hostile_own_message_replaced(scene):
    """Who reads it again stops; a browser goes on showing what it has verified and kept."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST)
    await scene.victim.say(scene.id, "mine")
    other = scene.mallory.message(await scene.room(), 4)
    scene.hostile.rows[scene.id] = [*(await scene.rows())[:3], other]
    await scene.restart()
    if scene.victim.rereads:
        await sees(scene.victim, scene.id, frozen=True)
    else:
        await sees(scene.victim, scene.id, texts=[*HONEST, "mine"])
