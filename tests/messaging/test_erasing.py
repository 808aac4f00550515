"""Erasing over the socket: who may, what goes, what stays."""

from __future__ import annotations

from hashlib import sha256

import pytest
from asgiref.sync import sync_to_async

from chatsite.lib import wire
from messaging.store.orm.models import Message
from rooms.models import Member
from tests.messaging.senders import Sender, cid_in

pytestmark = pytest.mark.django_db(transaction=True)


def erasing(sender: Sender, *seqs: int) -> dict:
    return {**sender.seal(), "re": list(seqs), "erase": list(seqs)}


@sync_to_async
def page(who, room) -> list[dict]:
    return who.client.get(f"/api/v1/chatrooms/{room.id}/messages").json()["messages"]


async def test_the_author_erases(join, room, ada, ben):
    theirs = Sender(ben, room)
    first = {**theirs.seal(), "tokens": {"g": 1, "t": [5]}}
    async with join(ada) as hers, join(ben) as his:
        await his.ask(first)
        ack = await his.ask(erasing(theirs, 1))
        assert (ack["type"], ack["seq"]) == ("ack", 2)
        await hers.until(lambda: hers.seqs(room.id) == [1, 2])
    tombstone, delete = await page(ada, room)
    assert tombstone == {
        "seq": 1,
        "h": first["h"],
        "iv": first["iv"],
        "sha": wire.b64(sha256(wire.unb64(first["ct"])).digest()),
        "sig": first["sig"],
        "del": 2,
    }
    assert delete["re"] == [1]
    message = await Message.objects.aget(seq=1)
    assert (message.ciphertext, bytes(message.tokens)) == ("", b"")


@pytest.mark.parametrize("role", ["owner", "moderator"])
async def test_who_leads_erases_what_others_wrote(join, room, ada, ben, cleo, role):
    await sync_to_async(room.admit)(ada, cleo)
    await Member.objects.filter(room_id=room.id, user_id=ben.uid).aupdate(role="moderator")
    leader = {"owner": ada, "moderator": ben}[role]
    async with join(leader) as wire_, join(cleo) as other:
        await other.ask(Sender(cleo, room).seal())
        assert (await wire_.ask(erasing(Sender(leader, room), 1)))["seq"] == 2
    assert [row.get("del") for row in await page(ada, room)] == [2, None]


async def test_a_member_erases_nothing_of_others(join, room, ada, ben):
    frame = Sender(ada, room).seal()
    theirs = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        await hers.ask(frame)
        await his.ask(theirs.seal())
        n, last = theirs.n, theirs.last
        wrong = erasing(theirs, 2, 1)
        answer = await his.ask(wrong)
        assert (answer["code"], answer["cid"]) == ("bad_erase", cid_in(wrong))
        theirs.n, theirs.last = n, last
        assert (await his.ask(theirs.seal(cid="9" * 32)))["seq"] == 3, "nothing was stored"
        assert hers.seqs(room.id) == [1, 2, 3]
    assert ["ct" in row for row in await page(ada, room)] == [True] * 3


async def test_a_former_moderator_leads_no_longer(hub, join, room, ada, ben):
    await Member.objects.filter(room_id=room.id, user_id=ben.uid).aupdate(role="moderator")
    theirs = Sender(ben, room)
    async with join(ada) as hers, join(ben) as his:
        await hers.ask(Sender(ada, room).seal())
        await his.ask(theirs.seal())
        await Member.objects.filter(room_id=room.id, user_id=ben.uid).aupdate(role="member")
        hub.admission.room_changed(room.id)
        assert (await his.ask(erasing(theirs, 1)))["code"] == "bad_erase"


async def test_a_lost_ack_is_given_again_and_nothing_is_erased_twice(join, room, ada):
    sender = Sender(ada, room)
    async with join(ada) as hers:
        await hers.ask(sender.seal())
        delete = erasing(sender, 1)
        assert (await hers.ask(delete))["seq"] == 2
        before = await page(ada, room)
        assert (await hers.ask(delete))["seq"] == 2
        assert await page(ada, room) == before


async def test_who_was_away_gets_the_tombstone(join, room, ada, ben):
    sender = Sender(ada, room)
    async with join(ada) as hers:
        await hers.ask(sender.seal())
        await hers.ask(erasing(sender, 1))
    async with join(ben) as his:
        his.send({"type": "resume", "rooms": {room.id: 0}})
        rows = (await his.event("message_receive"))["messages"]
        assert [row.get("del") for row in rows] == [2, None]
        assert "ct" not in rows[0]
