"""The hub: every message once and in order, whatever the bus does."""

from __future__ import annotations

import pytest
from channels.layers import get_channel_layer

from tests.messaging.live.processes import events_of, listening, ring, write
from tests.messaging.senders import Sender, new_message, until

pytestmark = pytest.mark.django_db(transaction=True)


# --- events ------------------------------------------------------------------------------------


async def test_a_message_reaches_the_members_in_other_processes(hub, elsewhere, join, room, ada):
    async with join(ada) as hers, listening(elsewhere, "ben") as his:
        await hers.ask(Sender(ada, room).seal())
        await until(lambda: his.seqs == [1])


async def test_a_event_that_comes_twice_rings_once(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        for _ in range(3):
            await ring("message", **events_of(1, 2, room=room))
        await ring("message", **events_of(2, room=room))
        await ring("typing", room=room.id, uid="f" * 32, on=True)
        await hers.event("typing_start")
        assert hers.seqs(room.id) == [1, 2]


async def test_a_gap_is_read_from_the_store(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2, 3, 4)
        await ring("message", **events_of(4, room=room))
        await hers.until(lambda: len(hers.seqs(room.id)) == 4)
        assert hers.seqs(room.id) == [1, 2, 3, 4]


async def test_events_in_any_order_give_messages_in_theirs(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2, 3, 4, 5, 6)
        for seqs in ((5,), (2, 3), (6,), (1,), (4,), (2, 3)):
            await ring("message", **events_of(*seqs, room=room))
        await hers.until(lambda: len(hers.seqs(room.id)) >= 6)
        await hers.pong()
        assert hers.seqs(room.id) == [1, 2, 3, 4, 5, 6]


async def test_a_lost_event_is_noticed_by_the_next_message(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        await hers.ask(Sender(ada, room).seal())
        await hers.until(lambda: len(hers.seqs(room.id)) == 3)
        assert hers.seqs(room.id) == [1, 2, 3]


async def test_a_lost_event_is_noticed_by_who_connects(hub, join, room, ada, ben):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        async with join(ben) as his:
            assert (await his.event("ready"))["heads"][room.id]["msg"] == 2
            await hers.until(lambda: hers.seqs(room.id) == [1, 2])


async def test_a_lost_event_is_noticed_by_the_check(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == [1, 2])


async def test_a_long_gap_is_read_in_pages(hub, join, room, ada, monkeypatch):
    monkeypatch.setattr("messaging.live.delivery.REPAIR", 3)
    async with join(ada) as hers:
        await write(hub, room, *range(1, 11))
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == list(range(1, 11)))
        assert len(hers.all("message_receive")) == 4


async def test_a_event_during_a_repair_is_not_forgotten(hub, join, room, ada, monkeypatch):
    """The page under way was read before the message was there."""
    read = hub.delivery.read
    asked: list[int] = []

    async def slow(room_id, *, after, limit):
        rows = await read(room_id, after=after, limit=limit)
        if not asked:
            await write(hub, room, 3)
            await ring("message", **events_of(3, room=room))
            await until(lambda: hub.registry.cursors[room.id].head == 3)
        asked.append(after)
        return rows

    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        monkeypatch.setattr(hub.delivery, "read", slow)
        await ring("message", **events_of(2, room=room))
        await hers.until(lambda: hers.seqs(room.id) == [1, 2, 3])
        assert asked == [0, 2]


async def test_a_head_that_the_store_has_not_is_not_asked_for_for_ever(hub, join, room, ada):
    async with join(ada) as hers:
        await ring("message", **events_of(7, room=room))
        await hers.pong()
        await until(lambda: not hub.registry.cursors[room.id].repairing)
        await write(hub, room, 1)
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == [1])


async def test_a_store_that_is_away_is_asked_again(hub, join, room, ada, monkeypatch, caplog):
    async with join(ada) as hers:
        await write(hub, room, 1)

        def away(*args, **kwargs):
            raise OSError("secret")

        with monkeypatch.context() as patch:
            patch.setattr(hub.store, "page", away)
            await ring("message", **events_of(2, room=room))
            await until(lambda: "hub.repair_failed OSError" in caplog.text)
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == [1])
        assert "secret" not in caplog.text


async def test_a_broken_event_ends_nothing(hub, join, room, ada, caplog):
    async with join(ada) as hers:
        await ring("message", room=room.id)
        await ring("log", room=room.id)
        await ring("something new", room=room.id)
        await write(hub, room, 1)
        await ring("message", **events_of(1, room=room))
        await hers.until(lambda: hers.seqs(room.id) == [1])


async def test_a_layer_that_forgot_the_hub_is_joined_again(hub, join, room, ada):
    async with join(ada) as hers:
        get_channel_layer().groups.clear()
        await ring("typing", room=room.id, uid="f" * 32, on=True)
        assert not hers.all("typing_start")
        await hub.check()
        await ring("typing", room=room.id, uid="e" * 32, on=True)
        await hers.event("typing_start", uid="e" * 32)
        assert not hers.all("typing_start", uid="f" * 32)


async def test_a_publish_that_fails_never_fails_the_send(join, room, ada, monkeypatch):
    async def away(*args, **kwargs):
        raise OSError

    async with join(ada) as hers:
        monkeypatch.setattr(get_channel_layer(), "group_send", away)
        assert (await hers.ask(Sender(ada, room).seal()))["seq"] == 1


# --- fan-out --------------------------------------------------------------------------------------


async def test_messages_of_one_commit_leave_in_one_frame(hub, join, room, ada, ben):
    """While the first is being written, the others gather."""
    sender = Sender(ada, room)
    async with join(ada) as hers, join(ben) as his:
        his.frames.clear()
        for _ in range(20):
            hers.send(sender.seal())
        await his.until(lambda: len(his.seqs(room.id)) == 20)
        assert his.seqs(room.id) == list(range(1, 21))
        assert len(his.frames) < 20


async def test_events_that_wait_for_a_busy_reader_leave_as_one_array(join, room, ada, ben):
    sender = Sender(ada, room)
    async with join(ada) as hers, join(ben) as his:
        his.reading.clear()
        for _ in range(5):
            await hers.ask(sender.seal())
        his.frames.clear()
        his.reading.set()
        await his.until(lambda: len(his.seqs(room.id)) == 5)
        assert len(his.frames) == 2
        assert his.frames[1].startswith('[{"type":"message_receive"')


async def test_a_slow_reader_is_closed_and_delays_nobody(hub, join, room, ada, ben, monkeypatch):
    monkeypatch.setattr("messaging.live.connection.OUTBOX", 8)
    sender = Sender(ada, room)
    async with join(ada) as hers, join(ben) as his, join(ben) as slow:
        slow.reading.clear()
        for seq in range(1, 13):
            assert (await hers.ask(sender.seal()))["seq"] == seq
        await his.until(lambda: his.seqs(room.id) == list(range(1, 13)))
        slow.reading.set()
        assert await slow.closed() == 4413
    async with join(ben) as back:
        back.send({"type": "resume", "rooms": {room.id: max(slow.seqs(room.id), default=0)}})
        missing = list(range(max(slow.seqs(room.id), default=0) + 1, 13))
        await back.until(lambda: back.seqs(room.id) == missing)


async def test_a_message_reaches_nobody_outside_the_room(join, room, ada, cleo):
    async with join(ada) as hers, join(cleo) as other:
        await hers.ask(Sender(ada, room).seal())
        await other.pong()
        assert not other.all("message_receive")


# --- resuming -------------------------------------------------------------------------------------


async def test_resuming_brings_what_is_missing(hub, join, room, ada):
    await write(hub, room, *range(1, 251))
    async with join(ada) as hers:
        hers.send({"type": "resume", "rooms": {room.id: 120}})
        await hers.until(lambda: len(hers.seqs(room.id)) == 130)
        assert hers.seqs(room.id) == list(range(121, 251))


async def test_resuming_from_too_far_back_says_so(hub, join, room, ada):
    await write(hub, room, *range(1, 502))
    async with join(ada) as hers:
        hers.send({"type": "resume", "rooms": {room.id: 0}})
        assert await hers.event("reset") == {"type": "reset", "room": room.id, "msg": 501}
        hers.send({"type": "resume", "rooms": {room.id: 1}})
        await hers.until(lambda: len(hers.seqs(room.id)) == 500)


async def test_resuming_where_nothing_is_missing_brings_nothing(hub, join, room, ada):
    await write(hub, room, 1)
    async with join(ada) as hers:
        for last in (1, 2, 99):
            hers.send({"type": "resume", "rooms": {room.id: last}})
        await hers.pong()
        assert not hers.all("message_receive")
        assert not hers.all("error")


async def test_large_messages_come_in_frames_within_the_limit(hub, join, room, ada):
    large = [new_message(n, room=room.id, ciphertext="x" * 87_000) for n in range(1, 9)]
    await hub.threads.run(hub.store.append, large)
    async with join(ada) as hers:
        hers.send({"type": "resume", "rooms": {room.id: 0}})
        await hers.until(lambda: hers.seqs(room.id) == list(range(1, 9)))
        assert max(map(len, hers.frames)) <= 256 * 1024
