"""The hub: every message once and in order, whatever the bus does; and nobody too long."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from accounts.access import SessionRef
from accounts.actions import issue_tokens, revoke_tokens
from accounts.models import TokenFamily, User
from chatsite.lib import live
from messaging.connection import Connection
from messaging.hub import Hub
from messaging.presence import SOON, Presence, pause
from rooms.models import Member
from tests.base import Person, RoomScript, create_room
from tests.messaging.making import Sender, draft, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest_asyncio.fixture
async def elsewhere(store, hub) -> AsyncIterator[Hub]:
    """The hub of another process, with a store of its own on the same database."""
    other = Hub(type(store)(), pause=lambda people: 0.0)
    await other.start()
    yield other
    await other.stop()


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def ring(kind: str, **fields: object) -> None:
    await live.apublish(kind, origin="another process", **fields)


async def write(hub: Hub, room: RoomScript, *numbers: int) -> None:
    """Store messages as another process would, without ringing."""
    drafts = [draft(n, room=room.id) for n in numbers]
    await hub.threads.run(type(hub.store)().append, drafts)


def events_of(*seqs: int, room: RoomScript) -> dict:
    rows = ",".join(f'{{"seq":{seq}}}' for seq in seqs)
    event = f'{{"type":"message_receive","room":"{room.id}","messages":[{rows}]}}'
    return {"room": room.id, "first": seqs[0], "to": seqs[-1], "events": [event]}


# --- doorbells ---------------------------------------------------------------------------------


async def test_a_message_reaches_the_members_in_other_processes(hub, elsewhere, join, room, ada):
    async with join(ada) as hers, listening(elsewhere, "ben") as his:
        await hers.ask(Sender(ada, room).seal())
        await until(lambda: his.seqs == [1])


async def test_a_doorbell_that_comes_twice_rings_once(hub, join, room, ada):
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


async def test_doorbells_in_any_order_give_messages_in_theirs(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2, 3, 4, 5, 6)
        for seqs in ((5,), (2, 3), (6,), (1,), (4,), (2, 3)):
            await ring("message", **events_of(*seqs, room=room))
        await hers.until(lambda: len(hers.seqs(room.id)) >= 6)
        await hers.pong()
        assert hers.seqs(room.id) == [1, 2, 3, 4, 5, 6]


async def test_a_lost_doorbell_is_noticed_by_the_next_message(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        await hers.ask(Sender(ada, room).seal())
        await hers.until(lambda: len(hers.seqs(room.id)) == 3)
        assert hers.seqs(room.id) == [1, 2, 3]


async def test_a_lost_doorbell_is_noticed_by_the_heartbeat(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await write(hub, room, 1, 2)
        assert (await his.pong())["heads"][room.id]["msg"] == 2
        await hers.until(lambda: hers.seqs(room.id) == [1, 2])


async def test_a_lost_doorbell_is_noticed_by_the_check(hub, join, room, ada):
    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == [1, 2])


async def test_a_long_gap_is_read_in_pages(hub, join, room, ada, monkeypatch):
    monkeypatch.setattr("messaging.hub.REPAIR", 3)
    async with join(ada) as hers:
        await write(hub, room, *range(1, 11))
        await hub.check()
        await hers.until(lambda: hers.seqs(room.id) == list(range(1, 11)))
        assert len(hers.all("message_receive")) == 4


async def test_a_doorbell_during_a_repair_is_not_forgotten(hub, join, room, ada, monkeypatch):
    """The page under way was read before the message was there."""
    read = hub.read
    asked: list[int] = []

    async def slow(room_id, *, after, limit):
        rows = await read(room_id, after=after, limit=limit)
        if not asked:
            await write(hub, room, 3)
            await ring("message", **events_of(3, room=room))
            await until(lambda: hub._lobby.feeds[room.id].head == 3)
        asked.append(after)
        return rows

    async with join(ada) as hers:
        await write(hub, room, 1, 2)
        monkeypatch.setattr(hub, "read", slow)
        await ring("message", **events_of(2, room=room))
        await hers.until(lambda: hers.seqs(room.id) == [1, 2, 3])
        assert asked == [0, 2]


async def test_a_head_that_the_store_has_not_is_not_asked_for_for_ever(hub, join, room, ada):
    async with join(ada) as hers:
        await ring("message", **events_of(7, room=room))
        await hers.pong()
        await until(lambda: not hub._lobby.feeds[room.id].repairing)
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


async def test_a_broken_doorbell_ends_nothing(hub, join, room, ada, caplog):
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


# --- fan-out -----------------------------------------------------------------------------------


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
    monkeypatch.setattr("messaging.connection.OUTBOX", 8)
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


# --- resuming ----------------------------------------------------------------------------------


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
    large = [draft(n, room=room.id, ct="x" * 87_000) for n in range(1, 9)]
    await hub.threads.run(hub.store.append, large)
    async with join(ada) as hers:
        hers.send({"type": "resume", "rooms": {room.id: 0}})
        await hers.until(lambda: hers.seqs(room.id) == list(range(1, 9)))
        assert max(map(len, hers.frames)) <= 256 * 1024


# --- who is in the room ------------------------------------------------------------------------


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


async def test_a_removal_without_a_doorbell_is_noticed_by_the_check(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await Member.objects.filter(room_id=room.id, user_id=ben.uid).adelete()
        await hub.check()
        await hers.ask(Sender(ada, room).seal())
        await his.pong()
        assert not his.all("message_receive")


async def test_a_join_without_a_doorbell_is_noticed_by_the_check(hub, join, room, ada, cleo):
    async with join(ada) as hers, join(cleo) as new:
        await Member.objects.acreate(room_id=room.id, user_id=cleo.uid, kid=cleo.kid, since=1)
        await hub.check()
        await hers.ask(Sender(ada, room).seal())
        await new.until(lambda: new.seqs(room.id) == [1])


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


# --- closed rooms ------------------------------------------------------------------------------


async def test_a_closed_room_asks_one_client_to_rotate(hub, join, room, ada, ben, cleo):
    await sync_to_async(room.admit)(ada, cleo)
    await sync_to_async(room.leave)(cleo)
    hub.rotation._ticks = clock = Clock()
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


# --- presence, typing, read marks --------------------------------------------------------------


async def test_presence_is_told_at_the_first_and_after_the_last_socket(join, room, ada, ben):
    async with join(ada) as hers:
        async with join(ben):
            await hers.event("presence", online=sorted([ada.uid, ben.uid]))
            hers.events.clear()
            async with join(ben) as second:
                assert (await second.event("ready"))["online"] == {
                    room.id: sorted([ada.uid, ben.uid])
                }
            await hers.pong()
            assert not hers.all("presence")
        await hers.event("presence", room=room.id, online=[ada.uid])


async def test_typing_reaches_the_others_and_not_oneself(join, room, ada, ben, cleo):
    async with join(ada) as hers, join(ben) as his, join(cleo) as other:
        for name in ("typing_start", "typing_stop"):
            hers.send({"type": name, "room": room.id})
            assert await his.event(name) == {"type": name, "room": room.id, "uid": ada.uid}
        await hers.pong()
        await other.pong()
        assert not [e for w in (hers, other) for e in w.events if "typing" in e["type"]]


async def test_presence_and_typing_ask_no_database(join, room, ada, ben, monkeypatch):
    async with join(ada) as hers, join(ben) as his:
        calls = []
        monkeypatch.setattr("messaging.threads._call", lambda f, a: calls.append(f))
        hers.send({"type": "typing_start", "room": room.id})
        await his.event("typing_start")
        assert calls == []


async def test_typing_reaches_other_processes(hub, elsewhere, join, room, ada):
    async with join(ada) as hers, listening(elsewhere, "ben") as his:
        hers.send({"type": "typing_start", "room": room.id})
        await until(lambda: [e for e in his.texts if "typing_start" in e])


async def test_the_read_mark_moves_forward_only_and_not_past_the_end(hub, join, room, ada, ben):
    await write(hub, room, 1, 2, 3)
    async with join(ada) as hers, join(ben) as his:
        for asked, mark in ((2, 2), (1, 2), (99, 3)):
            his.events.clear()
            hers.send({"type": "read", "room": room.id, "seq": asked})
            assert (await his.event("read", room=room.id, uid=ada.uid))["seq"] == mark
    member = await Member.objects.aget(room_id=room.id, user_id=ada.uid)
    assert member.read_seq == 3


async def test_read_marks_of_a_moment_are_written_together(hub, join, room, ada, ben):
    await write(hub, room, *range(1, 10))
    async with join(ada) as hers:
        for seq in range(1, 10):
            hers.send({"type": "read", "room": room.id, "seq": seq})
        await hers.event("read", seq=9)
        assert len(hers.all("read")) < 9


async def test_a_mark_that_waits_is_written_before_the_next_hello(hub, join, room, ada):
    await write(hub, room, 1, 2)
    hub.marks._gather = 60
    async with join(ada) as hers:
        assert (await hers.event("ready"))["heads"][room.id]["unread"] == 2
        hers.send({"type": "read", "room": room.id, "seq": 1})
        await hers.pong()
        async with join(ada) as again:
            head = (await again.event("ready"))["heads"][room.id]
            assert (head["read"], head["unread"], head["msg"]) == (1, 1, 2)


def test_presence_counts_sockets():
    presence = Presence()
    assert [presence.arrived("a"), presence.arrived("a"), presence.arrived("b")] == [
        True, False, True,
    ]  # fmt: skip
    assert presence.among(frozenset("abc")) == ["a", "b"]
    assert [presence.left("a"), presence.left("a")] == [False, True]
    assert presence.among(frozenset("abc")) == ["b"]


def test_large_rooms_hear_of_arrivals_less_often():
    assert pause(2) == SOON
    assert pause(1000) == 4


# --- revocation --------------------------------------------------------------------------------


async def test_a_sign_out_elsewhere_closes_the_socket(hub, elsewhere, room, ada, join):
    tokens = await sync_to_async(issue_tokens)(ada.user)
    family, _, _ = tokens.refresh.partition(".")
    async with join(ada) as hers, listening(elsewhere, "ada", family) as out:
        await sync_to_async(revoke_tokens)(tokens.refresh)
        await until(lambda: out.code is not None)
        assert out.texts[-1] == '{"type":"session_revoked"}'
        assert out.code == 4401
        await hers.pong()


async def test_a_revocation_that_names_no_sign_in_closes_all(join, room, ada, ben):
    async with join(ada) as one, join(ada) as two, join(ben) as his:
        await ring("revoked", uid=ada.uid)
        assert [await one.closed(), await two.closed()] == [4401, 4401]
        await his.pong()


async def test_a_lost_revocation_is_noticed_at_the_next_frame(hub, join, room, ada):
    hub.ticks = clock = Clock()
    async with join(ada) as hers:
        await TokenFamily.objects.all().adelete()
        clock.seconds += 5.1
        hers.send(Sender(ada, room).seal())
        assert await hers.closed() == 4401
        assert hers.events[-1] == {"type": "session_revoked"}
        assert not hers.all("ack")


async def test_a_lost_revocation_is_noticed_by_the_check(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await TokenFamily.objects.filter(user_id=ada.uid).adelete()
        await hub.check()
        assert await hers.closed() == 4401
        await his.pong()


async def test_a_disabled_account_is_shown_out_by_the_check(hub, join, room, ada):
    async with join(ada) as hers:
        ada.user.is_active = False
        await ada.user.asave()
        await hub.check()
        assert await hers.closed() == 4401


async def test_a_seat_is_believed_for_seconds_only(hub, join, room, ada, ben):
    """A removal whose doorbell was lost."""
    hub.admission._ticks = clock = Clock()
    sender = Sender(ben, room)
    async with join(ben) as his:
        await his.ask(sender.seal())
        await Member.objects.filter(room_id=room.id, user_id=ben.uid).adelete()
        clock.seconds += 5.1
        assert (await his.ask(sender.seal()))["code"] == "not_found"


async def test_a_socket_that_came_and_went_leaves_nothing_behind(hub, join, room, ada):
    async with join(ada) as hers:
        await hers.pong()
    lobby = hub._lobby
    assert not any((lobby.feeds, lobby._rooms_of, lobby._people, lobby._sockets, lobby._members))
    assert not hub._presence._sockets


# --- helpers -----------------------------------------------------------------------------------


class listening:  # noqa: N801 (reads as a verb)
    """A socket that is attached to a hub directly, as if its process had signed it in."""

    def __init__(self, hub: Hub, name: str, family: str = "f") -> None:
        self._hub = hub
        self._name = name
        self._family = family
        self.texts: list[str] = []
        self.code: int | None = None

    async def __aenter__(self) -> listening:
        user = await User.objects.aget(name=self._name)
        ref = SessionRef(uid=user.pk, name=user.name, family=self._family)
        self._connection = Connection(ref, self._take)
        await self._hub.add(self._connection)
        self._connection.greet("{}")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection.gone()
        self._hub.remove(self._connection)

    async def _take(self, message: dict) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        else:
            self.texts.append(message["text"])

    @property
    def seqs(self) -> list[int]:
        return [
            row["seq"]
            for text in self.texts
            for event in [json.loads(text)]
            if isinstance(event, dict) and event.get("type") == "message_receive"
            for row in event["messages"]
        ]
