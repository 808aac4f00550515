"""Refusals: nothing is stored, the answer names the message, the connection goes on."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async

from chatsite.lib import disk, ratelimit, wire
from messaging.live.frames import MAX_FRAME
from messaging.store.orm.models import Message
from rooms.actions import now_ms
from rooms.models import LogEvent
from tests.base import RoomScript, create_room
from tests.messaging.live.wrong import FRAMES, HEADERS, SIGNATURES
from tests.messaging.senders import Sender, cid_in, name_of, number

pytestmark = pytest.mark.django_db(transaction=True)


async def stored() -> int:
    return await Message.objects.acount()


async def test_a_header_that_is_not_exact_is_refused(join, room, ada, subtests):
    async with join(ada) as hers:
        for name, make in HEADERS.items():
            with subtests.test(name):
                wrong = Sender(ada, room)
                hers.events.clear()
                hers.send(wrong.seal(h=make(wrong)))
                error = await hers.event("error")
                assert (error["code"], error["room"]) == ("bad_message", room.id)
        assert await stored() == 0
        assert (await hers.ask(Sender(ada, room).seal()))["seq"] == 1


async def test_a_bad_signature_is_refused(join, room, ada, ben, subtests):
    frame = Sender(ada, room).seal()
    async with join(ada) as hers:
        for name, change in SIGNATURES.items():
            with subtests.test(name):
                assert (await hers.ask(change(frame, ben)))["code"] == "bad_message"
        assert await stored() == 0
        assert (await hers.ask(frame))["seq"] == 1


async def test_a_bad_frame_is_answered_and_nothing_else_happens(join, room, ada, ben, subtests):
    good = Sender(ada, room).seal()
    async with join(ada) as hers, join(ben) as his:
        for name, make in FRAMES.items():
            with subtests.test(name):
                ratelimit.here.forget()
                hers.events.clear()
                hers.send(make(good))
                assert (await hers.event("error"))["code"] == "bad_frame"
        assert await stored() == 0
        assert not his.all("typing_start")
        assert not his.all("read")
        assert (await hers.ask(good))["seq"] == 1


async def test_frames_at_the_limit_pass_and_beyond_it_close(join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        hers.send_text('{"type":"shout","x":"' + "x" * (MAX_FRAME - 23) + '"}')
        assert (await hers.event("error"))["code"] == "bad_frame"
        hers.send_text('{"type":"shout","x":"' + "x" * (MAX_FRAME - 22) + '"}')
        assert await hers.closed() == 1009
        await his.pong()


async def test_the_limit_counts_bytes(join, room, ada):
    async with join(ada) as hers:
        hers.send_text("é" * (MAX_FRAME // 2 + 1))
        assert await hers.closed() == 1009


async def test_bytes_are_no_frames(join, room, ada):
    async with join(ada) as hers:
        hers.send_bytes(b"{}")
        assert await hers.closed() == 1003


async def test_too_many_bad_frames_end_the_connection_only(join, room, ada):
    async with join(ada) as hers, join(ada) as other:
        for _ in range(21):
            hers.send_text("nonsense")
        assert await hers.closed() == 4429
        assert len(hers.all("error", code="bad_frame")) <= 20
        await other.pong()


async def test_too_many_frames_end_the_connection(join, room, ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "frames": (5, 60)}
    async with join(ada) as hers:
        for _ in range(6):
            hers.send({"type": "typing_start", "room": room.id})
        assert (await hers.event("error", code="rate"))["retry_after"] > 0
        for _ in range(30):
            hers.send({"type": "typing_start", "room": room.id})
        assert await hers.closed() == 4429


async def test_too_many_messages_are_refused_one_by_one(join, room, ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "messages": (2, 60)}
    sender = Sender(ada, room)
    async with join(ada) as hers:
        answers = [await hers.ask(sender.seal()) for _ in range(25)]
        assert [answer.get("code") for answer in answers] == [None, None] + ["rate"] * 23
        assert answers[-1]["retry_after"] > 0
        await hers.pong()
    assert await stored() == 2


async def test_abuse_a_message_that_meets_a_limit_of_storage_hears_why(
    join, room, ada, settings, monkeypatch
):
    sender = Sender(ada, room)
    frame = sender.seal()
    async with join(ada) as hers:
        monkeypatch.setattr(disk, "LOOK_EVERY", 0)
        settings.DISK_FLOOR = 2**62
        answer = await hers.ask(frame)
        assert (answer["code"], answer["retry_after"]) == ("storage", 60)
        settings.DISK_FLOOR = 0
        budget, settings.STORAGE_PER_PERSON = settings.STORAGE_PER_PERSON, 1
        answer = await hers.ask(frame)
        assert answer["code"] == "quota"
        assert "delete messages or files" in answer["detail"]
        settings.STORAGE_PER_PERSON = budget
        assert (await hers.ask(frame))["type"] == "ack", "the same bytes"
    disk.look_again()


async def test_a_stranger_and_a_room_that_is_not_there_look_alike(join, room, ada, cleo):
    stranger = Sender(cleo, room)
    nowhere = Sender(cleo, RoomScript("f" * 32, [0, name_of("x")]))
    async with join(cleo) as hers, join(ada) as member:
        answers = []
        for sender in (stranger, nowhere):
            answer = await hers.ask(sender.seal())
            answers.append({k: v for k, v in answer.items() if k not in ("room", "cid")})
        assert answers[0] == answers[1]
        assert answers[0]["code"] == "not_found"
        for frame in ({"type": "typing_start"}, {"type": "read", "seq": 1}):
            before = len(hers.all("error"))
            hers.send({**frame, "room": room.id})
            await hers.until(lambda before=before: len(hers.all("error")) > before)
            assert hers.all("error")[-1]["code"] == "not_found"
        hers.send({"type": "resume", "rooms": {room.id: 0}})
        await hers.until(lambda: len(hers.all("error", code="not_found")) == 5)
        await member.pong()
        assert not member.all("typing_start")
    assert await stored() == 0


async def test_a_refusal_in_one_room_leaves_the_others_alone(join, room, ada, ben):
    other = await sync_to_async(create_room)(ada, bytes([1] * 16))
    async with join(ada) as hers:
        hers.send({**Sender(ada, room).seal(), "sig": wire.b64(bytes(64))})
        assert (await hers.ask(Sender(ada, other).seal()))["seq"] == 1
        assert hers.seqs(room.id) == []
        assert hers.seqs(other.id) == [1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"e": 2}, "stale", id="an epoch to come"),
        pytest.param({"kid": name_of("another")}, "stale", id="another key"),
        pytest.param({"lh": [0, name_of("another")]}, "stale", id="another log"),
        pytest.param({"lh": [99, name_of("another")]}, "stale", id="a log to come"),
        pytest.param({"ts": 0}, "clock", id="long ago"),
        pytest.param({"ts": 2**53 - 1}, "clock", id="in the future"),
        pytest.param({"n": 2, "pm": name_of("x")}, "order", id="not the first"),
    ],
)
async def test_what_does_not_fit_the_room_is_refused(join, room, ada, changes, code):
    async with join(ada) as hers:
        answer = await hers.ask(Sender(ada, room).seal(**changes))
        assert answer["code"] == code
        if code == "order":
            assert (answer["n"], answer["id"]) == (0, "")
        if code == "clock":
            assert abs(answer["now"] - now_ms()) < 60_000
        assert await stored() == 0
        assert (await hers.ask(Sender(ada, room).seal()))["seq"] == 1


async def test_a_second_message_under_one_cid_is_a_conflict(join, room, ada):
    sender = Sender(ada, room)
    async with join(ada) as hers:
        frame = sender.seal()
        stored_as = sender.last
        await hers.ask(frame)
        hers.send(sender.seal(cid=cid_in(frame)))
        answer = await hers.event("error")
        assert (answer["code"], answer["seq"], answer["id"]) == ("conflict", 1, stored_as)
    assert await stored() == 1


async def test_a_message_may_name_an_older_log_event_of_its_epoch(join, room, ada):
    first = await LogEvent.objects.aget(room_id=room.id, seq=0)
    async with join(ada) as hers:
        assert (await hers.ask(Sender(ada, room).seal(lh=[0, first.hash])))["seq"] == 1


async def test_no_body_token_or_key_reaches_the_logs(join, room, ada, caplog, tokens):
    caplog.set_level("DEBUG")
    secret = number("body")
    frame = Sender(ada, room).seal(ct=secret.encode() + bytes(48))
    async with join(ada) as hers:
        await hers.ask(frame)
        hers.send({**frame, "sig": wire.b64(bytes(64))})
        hers.send_text(json.dumps(frame)[:-1])
        hers.send({"type": secret})
        await hers.until(lambda: len(hers.all("error")) == 3)
    for text in (secret, frame["ct"], frame["h"], frame["sig"], tokens["ada"]):
        assert text not in caplog.text


async def test_an_error_never_quotes_what_was_sent(join, room, ada):
    async with join(ada) as hers:
        hers.send({"type": "<script>", "room": "<script>", "h": "<script>"})
        await hers.event("error")
    assert "script" not in hers.frames[-1]
