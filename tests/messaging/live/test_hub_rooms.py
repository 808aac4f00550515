"""The hub follows the log: who is in a room, who must make its next key."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from chatsite.lib import pubsub
from messaging.store.orm.models import Message
from rooms.actions import set_stopped
from rooms.models import Member
from tests.base import POLICY, Person, RoomScript, create_room
from tests.messaging.live.processes import ring
from tests.messaging.senders import Clock, Sender, Wire

pytestmark = pytest.mark.django_db(transaction=True)


# --- who is in the room ---------------------------------------------------------------------------


async def test_who_joins_gets_the_rooms_events_from_then_on(join, room, ada, cleo):
    link, answer = await sync_to_async(room.invite)(ada)
    room.took(answer)
    async with join(ada) as hers, join(cleo) as new:
        room.took(await sync_to_async(room.join)(cleo, link))
        for wire in (hers, new):
            event = await wire.event("user_join")
            assert event["room"] == room.id
            assert f'"by":"{cleo.uid}"' in event["event"]
        await hers.event("presence", room=room.id, online=sorted([ada.uid, cleo.uid]))
        await hers.ask(Sender(ada, room).seal())
        await new.until(lambda: new.seqs(room.id) == [1])


async def test_who_creates_a_room_gets_its_events(join, ada):
    async with join(ada) as hers:
        room = await sync_to_async(create_room)(ada)
        assert f'"room":"{room.id}"' in (await hers.event("room_event"))["event"]
        await hers.ask(Sender(ada, room).seal())
        await hers.until(lambda: hers.seqs(room.id) == [1])


async def test_who_leaves_hears_of_it_and_of_nothing_more(join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await sync_to_async(room.leave)(ben)
        for wire in (hers, his):
            await wire.event("user_leave", room=room.id)
        await hers.event("presence", room=room.id, online=[ada.uid])
        room.took(await sync_to_async(rotated)(room, ada))
        room.e += 1
        await hers.ask(Sender(ada, room).seal())
        await his.pong()
        assert not his.all("message_receive")
        assert not his.all("room_event")
        assert his.code is None, "leaving a room closes nothing"
        answer = await his.ask(Sender(ben, room).seal())
        assert answer["code"] == "not_found"


def rotated(room: RoomScript, by: Person):
    return room.post(by, **room.epoch(by, [by]))


async def test_who_is_removed_hears_of_it_once_and_of_nothing_more(join, room, ada, ben):
    sender = Sender(ada, room)
    async with join(ada) as hers, join(ben) as his:
        room.took(await sync_to_async(removed)(room, ada, ben, [ada]))
        room.e += 1
        for wire in (hers, his):
            await told(wire, "remove", f'"uid":"{ben.uid}"')
        await hers.event("presence", room=room.id, online=[ada.uid])
        assert (await hers.ask(sender.seal()))["seq"] == 1, "the removal brought a key"
        await his.pong()
        assert not his.all("message_receive")
        assert len([event for event in his.events if '"remove"' in event.get("event", "")]) == 1
        assert his.code is None, "being removed closes nothing"
        for frame in (Sender(ben, room).seal(), Sender(ben, room).seal(e=1)):
            assert (await his.ask(frame))["code"] == "not_found"
        his.send({"type": "resume", "rooms": {room.id: 0}})
        assert (await his.event("error", code="not_found", room=room.id))["type"] == "error"


async def told(wire: Wire, t: str, part: str = "") -> None:
    """Wait for a `room_event` of this type that has this part."""
    events = (f'"t":"{t}"', part)
    await wire.until(
        lambda: [
            event
            for event in wire.all("room_event")
            if all(piece in event["event"] for piece in events)
        ]
    )


def removed(room: RoomScript, by: Person, who: Person, others: list[Person]):
    legal = room.epoch(by, others)
    event = {**legal["event"], "t": "remove"}
    at = list(event).index("e")
    items = [*event.items()]
    event = dict([*items[:at], ("uid", who.uid), ("ban", 0), *items[at:]])
    return room.post(by, event, wraps=legal["wraps"])


async def test_who_is_added_gets_the_rooms_events_once_they_accept(join, room, ada, cleo):
    async with join(ada) as hers, join(cleo) as new:
        event = room.event(ada, "add", uid=cleo.uid, to=cleo.kid, iid="")
        room.took(await sync_to_async(room.post)(ada, event))
        await new.event("request", room=room.id)
        assert (await new.ask(Sender(cleo, room).seal()))["code"] == "not_accepted"
        assert not new.all("room_event")
        path = f"/api/v1/chatrooms/{room.id}/accept"
        answer = await sync_to_async(lambda: cleo.client.post(path))()
        assert answer.status_code == 204
        await new.event("resync", room=room.id)
        await hers.ask(Sender(ada, room).seal())
        await new.until(lambda: new.seqs(room.id) == [1])
        assert (await new.ask(Sender(cleo, room).seal()))["seq"] == 2


async def test_a_room_that_is_closed_for_good_takes_and_keeps_nothing(join, room, ada, ben):
    sender = Sender(ada, room)
    async with join(ada) as hers, join(ben) as his:
        await hers.ask(sender.seal())
        room.took(await sync_to_async(room.post)(ada, room.event(ada, "close")))
        for wire in (hers, his):
            await told(wire, "close")
        assert (await hers.ask(sender.seal()))["code"] == "room_closed"
        assert (await his.ask(Sender(ben, room).seal(e=9)))["code"] == "room_closed"
    assert not await Message.objects.aexists()


async def test_tokens_go_when_a_room_is_searched_on_devices(join, room, ada):
    sender, tokens = Sender(ada, room), {"tokens": {"g": 1, "t": [5, 9]}}
    async with join(ada) as hers:
        await hers.ask({**sender.seal(), **tokens})
        assert await Message.objects.exclude(tokens=b"").acount() == 1
        event = room.event(ada, "policy", policy={**POLICY, "search": "device"})
        room.took(await sync_to_async(room.post)(ada, event))
        await told(hers, "policy")
        assert (await hers.ask({**sender.seal(), **tokens}))["seq"] == 2
    assert not await Message.objects.exclude(tokens=b"").aexists()


async def test_a_removal_without_an_event_is_noticed_by_the_check(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await Member.objects.filter(room_id=room.id, user_id=ben.uid).adelete()
        await hub.check()
        await hers.ask(Sender(ada, room).seal())
        await his.pong()
        assert not his.all("message_receive")


async def test_a_join_without_an_event_is_noticed_by_the_check(hub, join, room, ada, cleo):
    async with join(ada) as hers, join(cleo) as new:
        await Member.objects.acreate(room_id=room.id, user_id=cleo.uid, kid=cleo.kid, since=1)
        await hub.check()
        await hers.ask(Sender(ada, room).seal())
        await new.until(lambda: new.seqs(room.id) == [1])


async def test_a_room_without_an_event_is_noticed_by_the_check(hub, join, ada, monkeypatch):
    async with join(ada) as hers:
        with monkeypatch.context() as deaf:
            deaf.setattr(pubsub, "_send", lambda message: None)
            room = await sync_to_async(create_room)(ada)
        await hub.check()
        await hers.ask(Sender(ada, room).seal())
        await hers.until(lambda: hers.seqs(room.id) == [1])


async def test_other_log_events_reach_the_members(join, room, ada, ben, cleo):
    async with join(ben) as his, join(cleo) as other:
        answer = await sync_to_async(room.invite)(ada)
        assert answer[1].status_code == 201
        event = await his.event("room_event")
        assert set(event) == {"type", "room", "event", "sig"}
        await other.pong()
        assert not other.all("room_event")


async def test_keys_and_requests_for_them_are_passed_on(join, room, ada, ben, cleo):
    async with join(ada) as hers, join(ben) as his, join(cleo) as other:
        await ring("wraps", room=room.id, e=1, to=ben.kid)
        wraps = await his.event("wraps")
        assert wraps == {"type": "wraps", "room": room.id, "e": 1, "to": ben.kid}
        await ring("key_request", room=room.id, e=1, uid=ben.uid, kid=ben.kid)
        assert (await hers.event("key_request"))["kid"] == ben.kid
        await his.pong()
        await other.pong()
        assert not his.all("key_request")
        assert not other.all("wraps")


async def test_who_knocks_is_told_to_the_room_and_to_themselves(join, room, ada, ben, cleo):
    async with join(ada) as hers, join(ben) as his, join(cleo) as asking:
        await ring("knock", room=room.id, uid=cleo.uid)
        told = {"type": "knock", "room": room.id, "uid": cleo.uid}
        for wire in (hers, his, asking):
            assert await wire.event("knock") == told


async def test_the_knock_of_another_is_told_to_no_stranger(join, room, ada, ben, cleo):
    async with join(ada) as hers, join(cleo) as stranger:
        await ring("knock", room=room.id, uid=ben.uid)
        await hers.event("knock")
        await stranger.pong()
        assert not stranger.all("knock")


async def test_a_member_who_knocks_after_a_reset_is_told_once(join, room, ben):
    async with join(ben) as his:
        await ring("knock", room=room.id, uid=ben.uid)
        await his.event("knock")
        await his.pong()
        assert len(his.all("knock")) == 1


async def test_a_room_that_the_operator_stops_or_lets_go_on_is_told_to_its_members_alone(
    join, room, ada, ben, cleo
):
    async with join(ben) as his, join(cleo) as stranger:
        for stopped in (True, False):
            await sync_to_async(set_stopped)(room.id, stopped, by=None)
            told = {"type": "room_stopped", "room": room.id, "stopped": stopped}
            assert await his.event("room_stopped", stopped=stopped) == told
            await sync_to_async(set_stopped)(room.id, stopped, by=None)  # nothing new
        await his.pong()
        assert len(his.all("room_stopped")) == 2
        await stranger.pong()
        assert not stranger.all("room_stopped")


async def test_a_room_that_was_stopped_takes_no_message_from_that_moment_on(join, room, ada):
    sender = Sender(ada, room)
    async with join(ada) as hers:
        assert (await hers.ask(sender.seal()))["seq"] == 1
        await sync_to_async(set_stopped)(room.id, True, by=None)
        await hers.event("room_stopped")
        assert (await hers.ask(sender.seal()))["code"] == "room_stopped"


# --- closed rooms ---------------------------------------------------------------------------------


async def test_a_closed_room_asks_one_client_to_rotate(hub, join, room, ada, ben, cleo):
    await sync_to_async(room.admit)(ada, cleo)
    await sync_to_async(room.leave)(cleo)
    hub.rotation.ticks = clock = Clock()
    async with join(ada) as hers, join(ben) as his:
        assert (await hers.ask(Sender(ada, room).seal()))["code"] == "rotate_first"
        assert (await his.ask(Sender(ben, room).seal()))["code"] == "wait"
        clock.seconds += 9.9
        assert (await hers.ask(Sender(ada, room).seal()))["code"] == "rotate_first"
        clock.seconds += 0.2
        assert (await his.ask(Sender(ben, room).seal()))["code"] == "rotate_first"
        assert (await hers.ask(Sender(ada, room).seal()))["code"] == "wait"


async def test_after_the_rotation_messages_are_taken_again(join, room, ada, ben, cleo):
    await sync_to_async(room.admit)(ada, cleo)
    await sync_to_async(room.leave)(cleo)
    async with join(ada) as hers, join(ben) as his:
        late = Sender(ben, room)
        assert (await hers.ask(Sender(ada, room).seal()))["code"] == "rotate_first"
        await sync_to_async(room.rotate)(ada, [ada, ben])
        assert (await hers.ask(Sender(ada, room).seal()))["seq"] == 1
        assert (await his.ask(Sender(ben, room).seal(e=1)))["code"] == "stale"
        assert (await his.ask(late.seal()))["seq"] == 2


async def test_a_lost_ack_is_given_again_after_the_room_moved_on(join, room, ada, ben):
    """Sealed anew, the message would be there twice."""
    frame = Sender(ada, room).seal()
    async with join(ada) as hers:
        assert (await hers.ask(frame))["seq"] == 1
    await sync_to_async(room.leave)(ben)
    async with join(ada) as hers:
        assert (await hers.ask(frame))["seq"] == 1
        await sync_to_async(room.rotate)(ada, [ada])
        assert (await hers.ask(frame))["seq"] == 1
        other = Sender(ada, room).seal(h=frame["h"], ct=bytes([1] * 80))
        assert (await hers.ask(other))["code"] == "stale"
