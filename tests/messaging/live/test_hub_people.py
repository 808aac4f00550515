"""Presence, typing, read marks, and the end of a sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db.models import F
from django.utils import timezone

from accounts.models import SignIn
from accounts.sign_in.sign_ins import issue_tokens, revoke_tokens
from messaging.live.executor import DatabaseExecutor
from messaging.live.presence.local import SOON, Presence, pause
from rooms.models import Member, Room
from tests.base import create_room
from tests.messaging.live.processes import listening, ring, write
from tests.messaging.senders import Clock, Sender, until

pytestmark = pytest.mark.django_db(transaction=True)


async def test_every_connection_names_the_accounts_present_keys(join, room, ada):
    async with join(ada) as hers:
        assert (await hers.event("ready"))["kid"] == ada.kid
    before = ada.kid
    await sync_to_async(ada.renew)()
    assert ada.kid != before
    async with join(ada) as again:
        assert (await again.event("ready"))["kid"] == ada.kid


# --- presence, typing, read marks -----------------------------------------------------------------


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

        async def counted(executor, function, *arguments):
            calls.append(function)

        monkeypatch.setattr(DatabaseExecutor, "run", counted)
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
    hub.receipts.gather = 60
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


async def test_who_was_asked_in_is_seen_once_they_said_yes(join, ada, ben):
    room = await sync_to_async(create_room)(ada, bytes([7] * 16), kind="direct")
    event = room.event(ada, "add", uid=ben.uid, to=ben.kid, iid="")
    async with join(ben) as his:
        room.took(await sync_to_async(room.post)(ada, event))
        async with join(ada) as hers:
            ready = await hers.event("ready")
            assert ready["online"] == {room.id: [ada.uid]}
            await his.event("request", room=room.id)
            assert (await hers.ask(Sender(ada, room).seal()))["seq"] == 1
            assert not [e for e in hers.all("presence") if ben.uid in e["online"]]
            path = f"/api/v1/chatrooms/{room.id}/accept"
            answer = await sync_to_async(lambda: ben.client.post(path))()
            assert answer.status_code == 204
            await hers.event("presence", room=room.id, online=sorted([ada.uid, ben.uid]))
            await his.event("resync", room=room.id)
            assert not his.seqs(room.id), "nothing came before they said yes"


# --- new keys -------------------------------------------------------------------------------------


async def test_new_keys_are_told_to_ones_own_sockets_only(join, room, ada, ben):
    async with join(ada) as one, join(ada) as two, join(ben) as his:
        await ring("identity", uid=ada.uid)
        for wire in (one, two):
            assert await wire.event("identity") == {"type": "identity", "uid": ada.uid}
        await his.pong()
        assert not his.all("identity")


# --- revocation -----------------------------------------------------------------------------------


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
        await SignIn.objects.all().adelete()
        clock.seconds += 5.1
        hers.send(Sender(ada, room).seal())
        assert await hers.closed() == 4401
        assert hers.events[-1] == {"type": "session_revoked"}
        assert not hers.all("ack")


async def test_a_lost_revocation_is_noticed_by_the_check(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await SignIn.objects.filter(user_id=ada.uid).adelete()
        await hub.check()
        assert await hers.closed() == 4401
        await his.pong()


async def test_a_silent_socket_is_closed_once_its_sign_in_has_expired(hub, join, room, ada, ben):
    """Such as that of a bot whose token ends: nobody tells of that, and it may send nothing."""
    async with join(ada) as hers, join(ben) as his:
        past = timezone.now() - timedelta(seconds=1)
        await SignIn.objects.filter(user_id=ada.uid).aupdate(expires_at=past)
        await hub.check()
        assert await hers.closed() == 4401
        await his.pong()


async def test_a_disabled_account_is_shown_out_by_the_check(hub, join, room, ada):
    async with join(ada) as hers:
        ada.user.is_active = False
        await ada.user.asave()
        await hub.check()
        assert await hers.closed() == 4401


async def test_a_membership_is_believed_for_seconds_only(hub, join, room, ada, ben):
    """A removal whose event was lost."""
    hub.admission.ticks = clock = Clock()
    sender = Sender(ben, room)
    async with join(ben) as his:
        await his.ask(sender.seal())
        await Member.objects.filter(room_id=room.id, user_id=ben.uid).adelete()
        await Room.objects.filter(pk=room.id).aupdate(head_seq=F("head_seq") + 1)
        clock.seconds += 5.1
        assert (await his.ask(sender.seal()))["code"] == "not_found"


async def test_a_socket_that_came_and_went_leaves_nothing_behind(hub, join, room, ada):
    async with join(ada) as hers:
        await hers.pong()
    registry = hub.registry
    assert not registry.cursors
    assert not registry.everybody()
    assert not registry.of_person(ada.uid)
    assert not registry.sockets(room.id)
    assert not registry.visible(room.id)
    assert not hub.presence.here.among(frozenset({ada.uid}))
