"""Bodies, rows and frames with something wrong in them, made from a seed: every reader
refuses with an error of its own, and all readers agree on what is refused.

`SOTTO_SEED=… pytest` makes the same again; without it each run has a seed of its own, which a
failure shows.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from chatsite.lib import wire
from chatsite.lib.errors import ChatError
from messaging.live.admission import HEADER as SERVED_HEADER
from rooms.events import parse_event as served_event
from sotto.api import ApiError
from sotto.frame_handlers import handle
from sotto.keys.trust import Trust
from sotto.log_api import Clock
from sotto.protocol.encoding import WireError, b64, parse_body, strict_json, unb64
from sotto.protocol.events import LogError, parse_event
from sotto.protocol.invite_link import Link, seal_card
from sotto.protocol.message import HEADER
from sotto.protocol.signing import digest, sign
from sotto.room import Me, Room
from sotto.room_manager import RoomManager
from sotto.stream import _frames as frames_in
from tests.protocol.golden import Golden, golden
from tests.protocol.mutations import mutations
from tests.protocol.opening import read
from tests.protocol.serving import READERS as SERVED
from tests.protocol.serving import accepts, read_frame
from tests.vectors.histories import group
from tests.vectors.making import Person, cast, everyone, load

SEED = os.environ.get("SOTTO_SEED") or str(random.SystemRandom().randrange(2**32))
SHARE = 1.0 if os.environ.get("SOTTO_SLOW") == "1" else 0.12
AT_ONCE = 400
SIGNED = {"identity": "body", "event": "event", "message": "h", "knock": "body", "summary": "body"}
BODIES = [one for one in golden() if one.kind in SIGNED]
EVERYTHING = [*BODIES, *(one for one in golden() if one.kind in ("wrap", "tombstone", "kit"))]


def made_from(one: Golden) -> random.Random:
    return random.Random(f"{SEED} {one.name}")


def resigned(one: Golden, text: str) -> dict[str, Any]:
    """The same object around another body, its signatures good."""
    field = SIGNED[one.kind]
    given = {**one.given, field: text}
    author = _author(one)
    if one.kind == "message":
        return _resealed(given, author)
    given["sig"] = sign(author, one.kind, text) if _plain(text) else given["sig"]
    return given


def _plain(text: str) -> bool:
    return text.isascii()


def _author(one: Golden) -> Any:
    if one.kind == "identity":
        ed = json.loads(one.given["body"])["ed"]
        return next(p.keys.ed for p in everyone().values() if b64(p.keys.ed_public) == ed)
    kid = json.loads(one.given[SIGNED[one.kind]])["kid"]
    return next(p.keys.ed for p in everyone().values() if p.kid == kid)


def _resealed(row: dict[str, Any], ed: Any) -> dict[str, Any]:
    """A row whose header was changed: signed again where there is something to sign."""
    s = digest("message", row["h"].encode()) + unb64(row["iv"]) + sha256(unb64(row["ct"])).digest()
    return {**row, "sig": sign(ed, "sealed", s)}


def objects(one: Golden) -> Iterator[tuple[str, dict[str, Any]]]:
    """(what is wrong, object): in the signed body, and around it."""
    pick = made_from(one)
    if one.kind in SIGNED:
        for name, text in mutations(json.loads(one.given[SIGNED[one.kind]]), pick, SHARE):
            yield f"body: {name}", resigned(one, text)
    if one.kind == "kit":
        for name, text in mutations(json.loads(one.given["file"]), pick, SHARE):
            yield f"file: {name}", {"file": text}
        return
    for name, text in mutations(one.given, pick, SHARE):
        whole = name.startswith("the whole")
        if "1E400" not in text and "ud800" not in text and not (whole and one.kind == "wrap"):
            yield f"around: {name}", strict_json(text)


@pytest.mark.parametrize("one", EVERYTHING, ids=lambda one: one.name)
def test_hostile_objects_are_refused_alike(one: Golden, javascript):
    made = list(objects(one))
    assert len(made) > 20
    for at in range(0, len(made), AT_ONCE):
        some = made[at : at + AT_ONCE]
        given = [obj for _, obj in some]
        ours = read(one.kind, one.context, given)
        theirs = javascript.call("read", kind=one.kind, context=one.context, objects=given)
        for (name, obj), python, browser in zip(some, ours, theirs, strict=True):
            assert browser == python, f"seed {SEED}: {one.name}: {name}: {obj}"
            if name.startswith("around") or one.kind not in SERVED:
                continue
            taken = accepts(one.kind, obj)  # never another error
            if "value" in python and one.kind != "kit":  # of a kit it takes no key that it ignores
                assert taken, f"seed {SEED}: {one.name}: {name}: {obj}"


@pytest.mark.parametrize("kind", ["event", "header"])
def test_hostile_shapes_are_judged_alike_by_all_three(kind, javascript):
    """Whether it is a body of this version, of a newer one, or none: before any rule."""
    for one in BODIES:
        if (one.kind == "event") != (kind == "event") or one.kind not in ("event", "message"):
            continue
        field = SIGNED[one.kind]
        texts = mutations(json.loads(one.given[field]), made_from(one), SHARE)
        made = [(name, text) for name, text in texts]
        browser = javascript.call("shapes", kind=kind, texts=[text for _, text in made])
        for (name, text), found in zip(made, browser, strict=True):
            wanted = _shape(kind, text)
            assert found == wanted, f"seed {SEED}: {one.name}: {name}: {text}"
            served = _served(kind, text)
            what = f"seed {SEED}: server: {one.name}: {name}: {text}"
            assert (served == "good") == (wanted == "good"), what
            assert served != "newer" or wanted == "newer", what


def _shape(kind: str, text: str) -> str:
    try:
        parse_event(text) if kind == "event" else parse_body(text, HEADER)
    except LogError as error:
        return error.reason
    except WireError:
        return "illegal"
    return "good"


def _served(kind: str, text: str) -> str:
    try:
        served_event(text) if kind == "event" else wire.parse_body(text, SERVED_HEADER)
    except ChatError as error:
        return "newer" if error.code == "unsupported" else "illegal"
    except wire.BadWire:
        return "illegal"
    return "good"


# --- what is not signed ------------------------------------------------------------------------

CONTENTS = {case["name"]: case["content"] for case in load("message")["contents"]}
PROFILE = {"name": "Garden", "topic": "What grows", "avatar": ""}


def test_hostile_contents_are_refused_alike(javascript):
    pick = random.Random(f"{SEED} contents")
    made = [
        (f"{name}: {wrong}", text)
        for name, content in CONTENTS.items()
        for wrong, text in mutations(content, pick, SHARE)
        if "1E400" not in text  # which JSON cannot carry from one reader to the other
    ]
    given = [{"plain": b64(text.encode())} for _, text in made]
    ours = read("content", {}, given)
    theirs = javascript.call("read", kind="content", context={}, objects=given)
    for (name, text), python, browser in zip(made, ours, theirs, strict=True):
        assert browser == python, f"seed {SEED}: {name}: {text}"


def test_hostile_cards_are_refused_alike(javascript):
    pick = random.Random(f"{SEED} cards")
    room, link = load("roomkeys")["room"], Link.derive(bytes(32))
    made = list(mutations(PROFILE, pick, 1.0))
    plains = [bytes(32) + text.encode() for _, text in made]
    given = [{"box": seal_card(link, room, plain)} for plain in plains]
    context = {"secret": b64(link.secret), "room": room}
    ours = read("card", context, given)
    theirs = javascript.call("read", kind="card", context=context, objects=given)
    for (name, text), python, browser in zip(made, ours, theirs, strict=True):
        assert browser == python, f"seed {SEED}: {name}: {text}"


# --- frames ------------------------------------------------------------------------------------

ROW = load("message")["rows"][0]["row"]
ROOM = load("roomkeys")["room"]
SENT: list[dict[str, Any]] = [
    {
        "type": "message_send",
        "room": ROOM,
        **{key: ROW[key] for key in ("h", "iv", "ct", "sig")},
        "tokens": {"g": 1, "t": [1, 2]},
        "re": [1],
        "erase": [1],
        "files": ["a" * 32],
    },
    {"type": "typing_start", "room": ROOM},
    {"type": "read", "room": ROOM, "seq": 3},
    {"type": "resume", "rooms": {ROOM: 3}},
    {"type": "ping"},
]


@pytest.mark.parametrize("frame", SENT, ids=lambda frame: frame["type"])
def test_hostile_frames_of_clients_are_refused_by_the_server(frame):
    pick = random.Random(f"{SEED} {frame['type']}")
    for name, text in mutations(frame, pick, 1.0):
        assert refusal(text) in ("", "bad_frame", "bad_message"), f"seed {SEED}: {name}: {text}"


def refusal(text: str) -> str:
    """The code that the server refuses a frame with; "" if it takes it."""
    try:
        read_frame(text)
    except ChatError as error:
        return error.code
    return ""


def from_server(room: str, uid: str, kid: str) -> list[dict[str, Any]]:
    """One of every frame that a server sends."""
    head = {"log": 1, "msg": 0, "read": 0, "unread": 0}
    here, event = {"room": room}, {"event": "{}", "sig": "A" * 86}
    return [
        {"type": "ready", "sid": "s", "uid": uid, "now": 1, "heads": {room: head}, "online": {}},
        {"type": "pong", "now": 1, "heads": {room: head}},
        {"type": "message_receive", **here, "messages": [{**ROW, "re": [1], "files": []}]},
        {"type": "reset", **here, "msg": 3},
        {"type": "resync", **here},
        {"type": "ack", **here, "cid": "c" * 32, "id": kid, "seq": 1, "rotate": 1},
        {"type": "error", "code": "order", "detail": "", **here, "cid": "c" * 32, "n": 1, "id": ""},
        {"type": "typing_start", **here, "uid": uid},
        {"type": "presence", **here, "online": [uid]},
        {"type": "read", **here, "uid": uid, "seq": 1},
        {"type": "user_join", **here, **event},
        {"type": "room_event", **here, **event},
        {"type": "key_request", **here, "e": 1, "uid": uid, "kid": kid},
        {"type": "wraps", **here, "e": 1, "to": kid},
        {"type": "knock", **here, "uid": uid},
        {"type": "summary_ready", **here, "rid": "a" * 32},
        {"type": "identity", "uid": uid},
        {"type": "session_revoked"},
    ]


def heard(frames: list[dict[str, Any]]) -> list[str]:
    pick = random.Random(f"{SEED} heard")
    return [text for frame in frames for _, text in mutations(frame, pick, SHARE)]


def test_hostile_frames_of_the_server_leave_the_browser_listening(javascript):
    texts = heard(from_server(**javascript.call("scene")))
    failed = javascript.call("hear", texts=texts)
    assert failed == [], f"seed {SEED}"
    assert javascript.call("stillHears", text="still here")


@pytest.mark.slow
async def test_hostile_frames_of_the_server_are_refused_by_the_program():
    """By the errors that end a connection, after which it is made again."""
    person = cast()["ada"]
    for text in heard(from_server(group().state.room, person.uid, person.kid)):
        desk = desk_of(person)
        try:
            for frame in frames_in(text):
                await handle(desk, frame)
        except (WireError, ApiError):
            pass
        except Exception as error:
            raise AssertionError(f"seed {SEED}: {text}") from error
        await desk.close()


class Away:
    """A server that answers nothing but frames."""

    access = ""

    async def get(self, *_: Any, **__: Any) -> Any:
        raise ApiError("away", "")

    post = put = delete = get

    async def pages(self, *_: Any, **__: Any) -> Any:
        nothing: tuple[Any, ...] = ()
        for page in nothing:
            yield page
        raise ApiError("away", "")


def desk_of(person: Person) -> RoomManager:
    """A program with one room open and read."""
    script, trust = group(), Trust()
    trust.learn([one.signed for one in script.people.values()])
    me = Me(person.uid, person.name, person.kid, person.keys, person.dev)
    desk = RoomManager("http://localhost", Away(), me, trust, Clock(), handle)  # type: ignore[arg-type]
    room = Room(script.state.room, me, trust)
    room.extend(script.events, [script.state.seq, script.state.hash])
    room.begin(0)
    desk.rooms[room.id] = room
    desk.is_read = lambda room: True  # type: ignore[method-assign]
    return desk
