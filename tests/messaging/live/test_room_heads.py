"""A ping is answered from memory, and the answer is that of the databases."""

from __future__ import annotations

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async

from messaging.retention import DAY, forget_expired
from messaging.selectors import heads_for
from messaging.store.orm import many_rooms
from rooms.models import Member
from tests.base import Person, RoomScript, create_room
from tests.messaging.live.processes import events_of, ring, write
from tests.messaging.senders import WITHIN, Sender, Wire, until

pytestmark = pytest.mark.django_db(transaction=True)


async def agrees(hub, wire: Wire, person: Person) -> dict[str, dict[str, int]]:
    """What pings say, once it is what the databases say."""
    expected = await sync_to_async(heads_for)(person.uid, hub.store)
    async with asyncio.timeout(WITHIN):
        # A socket that pings without a pause is not answered for long.
        while (heads := (await wire.pong())["heads"]) != expected:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return heads


async def test_messages_are_counted_as_they_come(hub, join, room, ada, ben):
    sender = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        for changes in ({}, {}, {"re": [1]}):
            await his.ask({**sender.seal(), **changes})
        heads = await agrees(hub, hers, ada)
        assert heads[room.id] == {"log": 2, "msg": 3, "read": 0, "unread": 2}


async def mark_of(person: Person, room: RoomScript) -> int:
    member = await Member.objects.aget(room_id=room.id, user_id=person.uid)
    return member.read_seq


async def test_an_own_message_is_read_by_its_author(hub, join, room, ada, ben):
    program = Sender(ada, room)
    async with join(ada) as hers, join(ada) as browser, join(ben) as his:
        for seq, changes in ((1, {}), (2, {}), (3, {"re": [1]})):
            await hers.ask({**program.seal(), **changes})
            heads = (await hers.pong())["heads"]
            assert heads[room.id] == {"log": 2, "msg": seq, "read": seq, "unread": 0}
        assert (await his.pong())["heads"][room.id]["unread"] == 2
        await hub.receipts.write()
        assert await mark_of(ada, room) == 3
        assert await mark_of(ben, room) == 0
        await browser.event("read", seq=3)
        await agrees(hub, hers, ada)


async def test_an_own_message_reads_nothing_of_others(hub, join, room, ada, ben):
    program, other = Sender(ada, room), Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        await his.ask(other.seal())
        await hers.ask(program.seal())
        await hers.ask(program.seal())
        await hub.receipts.write()
        assert await mark_of(ada, room) == 0
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 3
        hers.send({"type": "read", "room": room.id, "seq": 3})
        await hers.event("read", seq=3)
        await hers.ask(program.seal())
        await hub.receipts.write()
        assert await mark_of(ada, room) == 4


async def test_marks_of_own_messages_are_written_when_their_author_returns(join, room, ada):
    async with join(ada) as hers:
        await hers.ask(Sender(ada, room).seal())
        async with join(ada):
            assert await mark_of(ada, room) == 1


async def test_erased_messages_are_unread_no_more(hub, join, room, ada, ben):
    sender = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        await his.ask(sender.seal())
        await his.ask(sender.seal())
        await his.ask({**sender.seal(), "re": [1], "erase": [1]})
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 1


async def test_expired_messages_are_unread_no_more(hub, join, room, ada, ben):
    await sync_to_async(room.took)(await sync_to_async(room.policy)(ada, ttl=1))
    sender = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        for _ in range(3):
            await his.ask(sender.seal())
        later = time.time_ns() // 1_000_000 + 2 * DAY
        assert await sync_to_async(forget_expired)(later) == 2
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 1


@pytest.mark.parametrize("seq", [1, 3], ids=["to the middle", "to the end"])
async def test_read_marks_move(hub, join, room, ada, ben, seq):
    sender = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        for _ in range(3):
            await his.ask(sender.seal())
        await hers.until(lambda: hers.seqs(room.id) == [1, 2, 3])
        hers.send({"type": "read", "room": room.id, "seq": seq})
        await hers.event("read", seq=seq)
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 3 - seq


async def test_marks_that_another_process_moved_count(hub, elsewhere, join, room, ada):
    await write(hub, room, 1, 2, 3)
    async with join(ada) as hers:
        await Member.objects.filter(room_id=room.id, user_id=ada.uid).aupdate(read_seq=2)
        await ring("read", room=room.id, uid=ada.uid, seq=2)
        await hers.event("read", seq=2)
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 1


async def test_what_events_lost_is_known_after_the_check(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2, 3)
        await Member.objects.filter(room_id=room.id, user_id=ada.uid).aupdate(read_seq=2)
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == [1, 2, 3])
        await hub.check()
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 1


async def test_a_process_of_the_version_before_says_no_count(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        await ring("message", **events_of(1, 2, room=room))
        await hers.until(lambda: hers.seqs(room.id) == [1, 2])
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 2


async def test_a_room_that_was_entered_since_is_named(hub, join, room, ada):
    async with join(ada) as hers:
        other: RoomScript = await sync_to_async(create_room)(ada, bytes([7]) * 16)
        await hers.event("room_event", room=other.id)
        assert set(await agrees(hub, hers, ada)) == {room.id, other.id}
        other.took(await sync_to_async(other.policy)(ada, n=500))
        await hers.until(lambda: len(hers.all("room_event", room=other.id)) == 2)
        assert (await agrees(hub, hers, ada))[other.id]["log"] == 1


async def test_who_comes_back_into_a_room_begins_anew(hub, join, room, ada, ben):
    async with join(ben) as his:
        await write(hub, room, 1, 2)
        await hub.check()
        await his.until(lambda: his.seqs(room.id) == [1, 2])
        his.send({"type": "read", "room": room.id, "seq": 2})
        await his.event("read", seq=2)
        await sync_to_async(room.leave)(ben)
        await his.event("user_leave", room=room.id)
        room.took(await sync_to_async(room.rotate)(ada, [ada]))
        await sync_to_async(room.admit)(ada, ben)
        await until(lambda: room.id in hub.registry.rooms_of(hub.connections()[0]))
        assert (await agrees(hub, his, ben))[room.id]["unread"] == 2


async def test_a_count_that_fails_is_made_again(hub, join, room, ada, monkeypatch, caplog):
    await write(hub, room, 1, 2, 3)
    async with join(ada) as hers:
        await hers.pong()
        counted = many_rooms.unread
        monkeypatch.setattr(many_rooms, "unread", lambda spans: 1 / 0)
        await Member.objects.filter(room_id=room.id, user_id=ada.uid).aupdate(read_seq=1)
        hub.heads.read_moved(room.id, ada.uid, 1)
        await until(lambda: "heads.count_failed" in caplog.text)
        monkeypatch.setattr(many_rooms, "unread", counted)
        await hub.check()
        assert (await agrees(hub, hers, ada))[room.id]["unread"] == 2
