"""The socket: who may come in, what is answered, and that a refusal leaves no trace."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib import import_module

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.actions import issue_tokens, revoke_tokens
from accounts.models import TokenFamily
from chatsite.lib import wire
from chatsite.lib.ratelimit import limiter
from messaging.consumers import ChatSocket
from messaging.frames import MAX_FRAME
from messaging.store.orm_models import Message
from rooms.actions import now_ms
from rooms.models import LogEvent
from tests.base import POLICY, Person, RoomScript, canonical, create_room
from tests.messaging.making import DEV, Sender, Wire, cid_in, name_of, number

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "http://localhost:8000"


@pytest.fixture
def app(hub):
    async def mine():
        return hub

    return ChatSocket.as_asgi(hub=mine)


def session_of(person: Person):
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = person.uid
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.user.get_session_auth_hash()
    session.save()
    return session


async def stored() -> int:
    return await Message.objects.acount()


# --- signing in ----------------------------------------------------------------------------------


async def test_a_program_signs_in_by_its_first_frame(app, room, ada, ben, tokens):
    async with Wire(app) as wire_:
        wire_.send({"type": "auth", "token": tokens["ada"]})
        ready = await wire_.event("ready")
    assert wire_.accepted
    assert ready["uid"] == ada.uid
    assert abs(ready["now"] - now_ms()) < 60_000
    assert ready["heads"] == {room.id: {"log": room.head[0], "msg": 0, "read": 0, "unread": 0}}
    assert ready["online"] == {room.id: [ada.uid]}


async def test_a_page_signs_in_by_its_session(app, room, ada):
    session = await sync_to_async(session_of)(ada)
    async with Wire(app, origin=OURS, session=session) as wire_:
        assert (await wire_.event("ready"))["uid"] == ada.uid


async def test_a_foreign_page_is_not_let_in_by_the_session(app, ada):
    session = await sync_to_async(session_of)(ada)
    for origin in (
        "http://evil.example",
        "null",
        "http://localhost:8001",
        "https://localhost:8000",
    ):
        async with Wire(app, origin=origin, session=session) as wire_:
            assert await wire_.closed() == 4403
        assert not wire_.accepted


async def test_a_page_under_another_name_of_this_machine_is_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    wire_ = Wire(app, origin="http://127.0.0.1:9", session=session)
    wire_.scope["headers"][0] = (b"host", b"127.0.0.1:9")
    async with wire_:
        await wire_.event("ready")


async def test_a_name_that_was_rebound_to_us_is_not_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    wire_ = Wire(app, origin="http://evil.example", session=session)
    wire_.scope["headers"][0] = (b"host", b"evil.example")
    async with wire_:
        assert await wire_.closed() == 4403


async def test_a_cookie_without_an_origin_says_nothing(app, ada):
    session = await sync_to_async(session_of)(ada)
    async with Wire(app, session=session) as wire_:
        wire_.send({"type": "ping"})
        assert await wire_.closed() == 4401


async def test_an_ended_session_is_not_let_in(app, ada):
    session = await sync_to_async(session_of)(ada)
    await sync_to_async(session.delete)(session.session_key)
    async with Wire(app, origin=OURS, session=session) as wire_:
        assert await wire_.closed() == 4401


@pytest.mark.parametrize(
    "first",
    [
        pytest.param('{"type":"auth","token":"nonsense"}', id="a bad token"),
        pytest.param('{"type":"auth","token":"\\ud800"}', id="a token that is no text"),
        pytest.param('{"type":"auth","token":1}', id="a number"),
        pytest.param('{"type":"auth"}', id="no token"),
        pytest.param('{"type":"auth","token":"a","more":1}', id="another key"),
        pytest.param('{"type":"ping"}', id="another frame"),
        pytest.param("nonsense", id="no JSON"),
    ],
)
async def test_another_first_frame_does_not_sign_in(app, transactional_db, first):
    async with Wire(app) as wire_:
        wire_.send_text(first)
        assert await wire_.closed() == 4401
    assert wire_.events == []


async def test_who_does_not_sign_in_in_time_is_shown_out(hub):
    async def mine():
        return hub

    async with Wire(ChatSocket.as_asgi(hub=mine, auth_within=0.01)) as wire_:
        assert await wire_.closed() == 4408


async def test_a_revoked_token_does_not_sign_in(app, ada, tokens):
    await TokenFamily.objects.all().adelete()
    async with Wire(app) as wire_:
        wire_.send({"type": "auth", "token": tokens["ada"]})
        assert await wire_.closed() == 4401


# --- sending -------------------------------------------------------------------------------------


async def test_a_message_is_acknowledged_and_reaches_every_member(join, room, ada, ben):
    frame = {**Sender(ada, room).seal(), "re": [3], "tokens": {"g": 1, "t": [5, 9]}}
    async with join(ada) as hers, join(ben) as his:
        ack = await hers.ask(frame)
        assert ack == {"type": "ack", "room": room.id, "cid": cid_in(frame), "seq": 1}
        came = await his.event("message_receive")
        await hers.event("message_receive")
    row = {"seq": 1, **{key: frame[key] for key in ("h", "iv", "ct", "sig", "re")}}
    assert came == {"type": "message_receive", "room": room.id, "messages": [row]}
    message = await Message.objects.aget()
    assert (message.uid, message.dev, message.n, message.e) == (ada.uid, DEV, 1, 1)
    assert (message.g, bytes(message.tokens)) == (1, b"\0\0\5\0\0\x09")


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
    monkeypatch.setattr("messaging.rotation.DAY", -1)
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


# --- refusals: nothing is stored, the answer names the message, the connection goes on -----------


def reordered(sender: Sender) -> str:
    header = sender.header()
    return canonical({"room": header.pop("room"), **header})


def replaced(sender: Sender, old: str, new: str) -> str:
    text = canonical(sender.header())
    assert old in text
    return text.replace(old, new)


HEADERS = {
    "keys in another order": reordered,
    "a key is missing": lambda s: canonical({k: v for k, v in s.header().items() if k != "sh"}),
    "another key": lambda s: canonical(s.header(x=1)),
    "white space": lambda s: json.dumps(s.header()),
    "another version": lambda s: canonical(s.header(v=2)),
    "NaN": lambda s: replaced(s, '"n":1', '"n":NaN'),
    "Infinity": lambda s: replaced(s, '"n":1', '"n":Infinity'),
    "a float": lambda s: replaced(s, '"n":1', '"n":1.0'),
    "an exponent": lambda s: replaced(s, '"n":1', '"n":1e0'),
    "true for one": lambda s: replaced(s, '"n":1', '"n":true'),
    "null": lambda s: replaced(s, '"pm":""', '"pm":null'),
    "beyond 2^53": lambda s: canonical(s.header(ts=2**53)),
    "a negative number": lambda s: canonical(s.header(ts=-1)),
    "a key twice": lambda s: replaced(s, '"v":1', '"v":1,"v":1'),
    "a key twice, spelled in two ways": lambda s: replaced(s, '"v":1', '"\\u0076":1,"v":1'),
    "an escape": lambda s: replaced(s, '"v"', '"\\u0076"'),
    "not ASCII": lambda s: replaced(s, '"pm":""', '"pm":"é"'),
    "upper case": lambda s: canonical(s.header(dev=DEV.upper())),
    "a short id": lambda s: canonical(s.header(cid="ab")),
    "stray bits in a hash": lambda s: canonical(s.header(kid=s.person.kid[:-1] + "_")),
    "padding": lambda s: canonical(s.header(kid=s.person.kid + "=")),
    "epoch zero": lambda s: canonical(s.header(e=0)),
    "n zero": lambda s: canonical(s.header(n=0)),
    "a first message with one before it": lambda s: canonical(s.header(pm=name_of("x"))),
    "a second message with none before it": lambda s: canonical(s.header(n=2)),
    "seen, and yet not": lambda s: canonical(s.header(sh=[1, ""])),
    "three in a pair": lambda s: canonical(s.header(lh=[1, name_of("x"), 1])),
    "too long": lambda s: canonical(s.header(x="x" * 4096)),
    "an array": lambda s: "[]",
    "nothing": lambda s: "",
    "of another person": lambda s: canonical(s.header(uid="f" * 32)),
    "of another room": lambda s: canonical(s.header(room="f" * 32)),
}


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


def resigned(frame: dict, by: Person) -> dict:
    """The frame signed by somebody else's key."""
    sealed = wire.digest("message", frame["h"].encode()) + wire.unb64(frame["iv"])
    sealed += sha256(wire.unb64(frame["ct"])).digest()
    return {**frame, "sig": wire.b64(by.key.sign(wire.pae("sealed", sealed)))}


SIGNATURES = {
    "of nothing": lambda frame, ben: {**frame, "sig": wire.b64(bytes(64))},
    "of somebody else": resigned,
    "of other bytes": lambda frame, ben: {**frame, "ct": wire.b64(b"\1" + bytes(79))},
    "of another iv": lambda frame, ben: {**frame, "iv": wire.b64(b"\1" + bytes(11))},
    "with a small first half": lambda frame, ben: {
        **frame, "sig": wire.b64(b"\1" + bytes(31) + wire.unb64(frame["sig"])[32:]),
    },
}  # fmt: skip


async def test_a_bad_signature_is_refused(join, room, ada, ben, subtests):
    frame = Sender(ada, room).seal()
    async with join(ada) as hers:
        for name, change in SIGNATURES.items():
            with subtests.test(name):
                assert (await hers.ask(change(frame, ben)))["code"] == "bad_message"
        assert await stored() == 0
        assert (await hers.ask(frame))["seq"] == 1


FRAMES = {
    "no JSON": lambda f: "{",
    "an array": lambda f: "[]",
    "a string": lambda f: '"ping"',
    "no type": lambda f: "{}",
    "a type that is no text": lambda f: '{"type":1}',
    "an unknown type": lambda f: '{"type":"shout"}',
    "a type of the server's": lambda f: {"type": "ack"},
    "sign in again": lambda f: {"type": "auth", "token": "x"},
    "NaN": lambda f: '{"type":"ping","x":NaN}',
    "a float": lambda f: '{"type":"ping","x":1.0}',
    "a key twice": lambda f: '{"type":"ping","type":"ping"}',
    "depth": lambda f: "[" * 100_000,
    "a huge number": lambda f: '{"type":"ping","x":' + "9" * 5000 + "}",
    "ping with more": lambda f: {"type": "ping", "x": 1},
    "another key": lambda f: {**f, "x": 1},
    "no signature": lambda f: {k: v for k, v in f.items() if k != "sig"},
    "no room": lambda f: {k: v for k, v in f.items() if k != "room"},
    "a room that is no id": lambda f: {**f, "room": "x"},
    "a room that is a list": lambda f: {**f, "room": []},
    "a header that is an object": lambda f: {**f, "h": {}},
    "a short iv": lambda f: {**f, "iv": wire.b64(bytes(11))},
    "a short signature": lambda f: {**f, "sig": wire.b64(bytes(63))},
    "padding": lambda f: {**f, "iv": f["iv"] + "="},
    "plain base64": lambda f: {**f, "iv": "++++++++++++++++"},
    "a ciphertext that is not padded": lambda f: {**f, "ct": wire.b64(bytes(81))},
    "an empty ciphertext": lambda f: {**f, "ct": ""},
    "a ciphertext too long": lambda f: {**f, "ct": wire.b64(bytes(2 * 65536 + 16))},
    "re is no list": lambda f: {**f, "re": 1},
    "re holds zero": lambda f: {**f, "re": [0]},
    "re holds true": lambda f: {**f, "re": [True]},
    "tokens are a list": lambda f: {**f, "tokens": [1]},
    "tokens descend": lambda f: {**f, "tokens": {"g": 1, "t": [2, 1]}},
    "a token twice": lambda f: {**f, "tokens": {"g": 1, "t": [1, 1]}},
    "a token too large": lambda f: {**f, "tokens": {"g": 1, "t": [2**24]}},
    "tokens without g": lambda f: {**f, "tokens": {"t": [1]}},
    "too many tokens": lambda f: {**f, "tokens": {"g": 1, "t": list(range(1025))}},
    "read without seq": lambda f: {"type": "read", "room": f["room"]},
    "read true": lambda f: {"type": "read", "room": f["room"], "seq": True},
    "read below zero": lambda f: {"type": "read", "room": f["room"], "seq": -1},
    "typing without room": lambda f: {"type": "typing_start"},
    "typing with more": lambda f: {"type": "typing_stop", "room": f["room"], "x": 1},
    "resume a list": lambda f: {"type": "resume", "rooms": []},
    "resume nowhere": lambda f: {"type": "resume", "rooms": {"x": 1}},
    "resume from text": lambda f: {"type": "resume", "rooms": {f["room"]: "1"}},
}


async def test_a_bad_frame_is_answered_and_nothing_else_happens(join, room, ada, ben, subtests):
    good = Sender(ada, room).seal()
    async with join(ada) as hers, join(ben) as his:
        for name, make in FRAMES.items():
            with subtests.test(name):
                limiter.forget()
                hers.events.clear()
                hers.send(make(good))
                assert (await hers.event("error"))["code"] == "bad_frame"
        assert await stored() == 0
        assert not his.all("typing_start")
        assert not his.all("read")
        assert (await hers.ask(good))["seq"] == 1


@pytest.mark.parametrize("beside", [{"files": ["a" * 32]}, {"erase": [1]}], ids=["files", "erase"])
async def test_what_is_not_there_yet_says_so(join, room, ada, beside):
    async with join(ada) as hers:
        assert (await hers.ask({**Sender(ada, room).seal(), **beside}))["code"] == "unsupported"
    assert await stored() == 0


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
        await hers.ask(frame)
        hers.send(sender.seal(cid=cid_in(frame)))
        assert (await hers.event("error"))["code"] == "conflict"
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


# --- a store that is away ------------------------------------------------------------------------


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


# --- signing out ---------------------------------------------------------------------------------


async def test_signing_out_closes_the_program_and_no_other(app, join, room, ada, ben):
    tokens = await sync_to_async(issue_tokens)(ada.user)
    async with join(ada) as other, join(ben) as his:
        async with Wire(app) as wire_:
            wire_.send({"type": "auth", "token": tokens.access})
            await wire_.event("ready")
            await sync_to_async(revoke_tokens)(tokens.refresh)
            assert await wire_.closed() == 4401
            assert wire_.events[-1] == {"type": "session_revoked"}
        await other.pong()
        await his.pong()
