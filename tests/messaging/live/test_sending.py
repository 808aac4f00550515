"""Sending: what is acknowledged, and what a store that is unreachable does to it."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from messaging.store.orm.models import Message
from tests.base import POLICY, create_room
from tests.messaging.senders import DEV, Sender, cid_in

pytestmark = pytest.mark.django_db(transaction=True)


# --- sending --------------------------------------------------------------------------------------


async def test_a_message_is_acknowledged_and_reaches_every_member(join, room, ada, ben):
    sender = Sender(ada, room)
    frame = {**sender.seal(), "re": [3], "tokens": {"g": 1, "t": [5, 9], "v": 2}}
    async with join(ada) as hers, join(ben) as his:
        ack = await hers.ask(frame)
        named = {"cid": cid_in(frame), "id": sender.last}
        assert ack == {"type": "ack", "room": room.id, **named, "seq": 1}
        came = await his.event("message_receive")
        await hers.event("message_receive")
    row = {"seq": 1, **{key: frame[key] for key in ("h", "iv", "ct", "sig", "re")}}
    assert came == {"type": "message_receive", "room": room.id, "messages": [row]}
    message = await Message.objects.aget()
    assert (message.uid, message.device) == (ada.uid, DEV)
    assert (message.chain_number, message.epoch) == (1, 1)
    assert (message.generation, bytes(message.tokens)) == (1, b"\0\0\5\0\0\x09")
    assert message.token_version == 2


async def test_the_same_bytes_again_have_the_same_number_and_are_shown_once(join, room, ada, ben):
    frame = Sender(ada, room).seal()
    async with join(ada) as hers, join(ben) as his:
        assert (await hers.ask(frame))["seq"] == 1
        hers.send(frame)
        await hers.until(lambda: len(hers.all("ack")) == 2)
        assert {ack["seq"] for ack in hers.all("ack")} == {1}
        await his.pong()
        assert his.seqs(room.id) == [1]


async def test_messages_sent_in_one_go_keep_their_order(join, room, ada):
    sender = Sender(ada, room)
    async with join(ada) as hers:
        frames = [sender.seal() for _ in range(30)]
        for frame in frames:
            hers.send(frame)
        await hers.until(lambda: len(hers.all("ack")) == 30)
        assert [ack["cid"] for ack in hers.all("ack")] == [cid_in(frame) for frame in frames]
        assert hers.seqs(room.id) == list(range(1, 31))


async def test_the_ack_asks_for_a_rotation_after_days(join, room, ada, monkeypatch):
    monkeypatch.setattr("messaging.live.rotation.DAY", -1)
    async with join(ada) as hers:
        assert (await hers.ask(Sender(ada, room).seal()))["rotate"] == 1


async def test_the_ack_asks_for_a_rotation_after_n_messages(join, ada, hub):
    policy = {**POLICY, "n": 100}
    room = await sync_to_async(create_room)(ada, bytes([7] * 16), policy=policy)
    sender = Sender(ada, room)
    async with join(ada) as hers:
        for _ in range(100):
            hers.send(sender.seal())
        await hers.until(lambda: len(hers.all("ack")) == 100)
    assert ["rotate" in ack for ack in hers.all("ack")] == [False] * 99 + [True]


# --- an unreachable store ------------------------------------------------------------------------


async def test_a_store_that_is_away_acknowledges_nothing_and_recovers(join, room, ada, hub):
    def away(batch):
        raise OSError("disk")

    sender = Sender(ada, room)
    frame = sender.seal()
    async with join(ada) as hers:
        right = hub.store.append
        hub.store.append = away
        assert (await hers.ask(frame))["code"] == "unavailable"
        assert hers.seqs(room.id) == []
        hub.store.append = right
        hers.events.clear()
        assert (await hers.ask(frame))["seq"] == 1
