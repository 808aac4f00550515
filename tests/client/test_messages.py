"""Messages: sealed and opened, refused when anything is changed, judged in their order."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sotto.protocol.boxes import MAX_PLAIN, pad, unpad
from sotto.protocol.content import file_ids, is_known, read_content, write_content
from sotto.protocol.encoding import WireError, b64, unb64
from sotto.protocol.identity import open_identity
from sotto.protocol.log import extend_log
from sotto.protocol.message import (
    Header,
    MessageError,
    check_stored,
    decrypt_message,
    is_tombstone,
    parse_message,
    verify_message,
)
from sotto.protocol.message_order import MessageOrder
from sotto.protocol.room_keys import message_key
from sotto.protocol.room_state import RoomState
from tests.vectors.making import load

VECTORS = load("message")
LOG = load("log")
KNOWN = {found.kid: found for found in map(open_identity, LOG["identities"])}
KEYS = {int(e): unb64(key) for e, key in VECTORS["keys"].items()}


@pytest.fixture(scope="module")
def state() -> RoomState:
    return extend_log(None, LOG["logs"][VECTORS["log"]], KNOWN)


@pytest.mark.parametrize("case", VECTORS["rows"], ids=lambda case: str(case["row"]["seq"]))
def test_a_message_is_verified_and_read(case, state):
    row = check_stored(case["row"])
    opened = parse_message(row)
    header = opened.header
    assert (header.text, opened.id, b64(opened.s)) == (row["h"], case["id"], case["s"])
    key = KEYS[header.e]
    mk = message_key(key, header.room, header.e, header.uid, header.dev, header.n)
    assert b64(mk) == case["mk"]
    verify_message(row, opened, state, KNOWN)
    content = decrypt_message(row, header, key)
    assert content == case["content"]
    assert is_known(content) == (content["t"] == "text")


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_a_message_is_refused(case, state):
    row, stage = check_stored(case["row"]), case["stage"]
    if stage == "header":
        with pytest.raises(WireError):
            parse_message(row)
        return
    opened = parse_message(row)
    if stage == "decrypt":
        verify_message(row, opened, state, KNOWN)
        with pytest.raises(WireError):
            decrypt_message(row, opened.header, KEYS[opened.header.e])
        return
    with pytest.raises(MessageError) as caught:
        verify_message(row, opened, state, KNOWN)
    assert caught.value.reason == ("ahead" if stage == "ahead" else "refused")


@pytest.mark.parametrize("case", VECTORS["tombstones"], ids=lambda case: str(case["row"]["seq"]))
def test_a_tombstone_is_verified_and_opens_to_nobody(case, state):
    row = check_stored(case["row"])
    opened = parse_message(row)
    assert is_tombstone(row)
    assert (opened.id, b64(opened.s)) == (case["id"], case["s"])
    verify_message(row, opened, state, KNOWN)
    with pytest.raises(WireError):
        decrypt_message(row, opened.header, KEYS[opened.header.e])


@pytest.mark.parametrize("case", VECTORS["tombstones_refused"], ids=lambda case: case["name"])
def test_a_tombstone_is_refused(case, state):
    if case["stage"] == "row":
        with pytest.raises(WireError):
            check_stored(case["row"])
        return
    row = check_stored(case["row"])
    with pytest.raises(WireError if case["stage"] == "header" else MessageError):
        verify_message(row, parse_message(row), state, KNOWN)


@given(st.data())
def test_no_bit_of_a_message_can_be_changed(data):
    state = extend_log(None, LOG["logs"][VECTORS["log"]], KNOWN)
    row = dict(data.draw(st.sampled_from(VECTORS["rows"]))["row"])
    part = data.draw(st.sampled_from(["h", "iv", "ct", "sig"]))
    raw = bytearray(row[part].encode() if part == "h" else unb64(row[part]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    row[part] = raw.decode("latin-1") if part == "h" else b64(bytes(raw))
    with pytest.raises((WireError, MessageError)):
        verify_message(row, parse_message(row), state, KNOWN)


@pytest.mark.parametrize("row", [None, [], {}, {"seq": 0}, {"seq": True}, {"seq": 1, "h": 1}])
def test_what_is_no_row_is_refused(row):
    with pytest.raises(WireError):
        check_stored(row)


# --- order ---


def header_of(message) -> Header:
    zero = "0" * 32
    return Header(
        room=zero,
        e=message["e"],
        uid=message["uid"],
        kid="",
        dev=message["dev"],
        n=message["n"],
        pm=message["pm"],
        lh=tuple(message["lh"]),
        sh=tuple(message["sh"]),
        cid=zero,
        ts=0,
    )


@pytest.mark.parametrize("case", VECTORS["order"], ids=lambda case: case["name"])
def test_order(case):
    order = MessageOrder()
    for message in case["messages"]:
        verdict = order.push(message["seq"], message["id"], header_of(message))
        got = (verdict.accepted, verdict.missing, verdict.other_view)
        assert got == tuple(message[key] for key in ("accepted", "missing", "other_view"))
        assert order.highest == (message["seq"], message["id"])


def test_a_message_without_an_id_is_held_and_never_named_as_seen():
    order = MessageOrder()
    first, third = VECTORS["order"][1]["messages"]
    order.push(1, first["id"], header_of(first))
    assert not order.hold(2)
    assert order.highest == (1, first["id"])
    verdict = order.push(3, third["id"], header_of(third))
    assert (verdict.missing, verdict.other_view) == (False, False)
    with pytest.raises(ValueError, match="rising"):
        order.hold(3)


def test_who_names_another_message_in_the_place_of_one_that_cannot_be_read_saw_another_view():
    order = MessageOrder()
    first, third = VECTORS["order"][1]["messages"]
    order.push(1, first["id"], header_of(first))
    order.hold(2)
    verdict = order.push(3, third["id"], header_of({**third, "sh": [2, "m2"]}))
    assert (verdict.accepted, verdict.missing, verdict.other_view) == (True, False, True)


def test_a_window_misses_nothing_that_came_before_it():
    order = MessageOrder(after=6)
    later = {**VECTORS["order"][0]["messages"][0], "n": 4, "pm": "somewhere before"}
    assert not order.push(7, "m7", header_of(later)).missing


# --- content and padding ---


@given(st.text(), st.booleans())
def test_what_is_written_is_read(text, extra):
    content = {"t": "text", "body": text} | ({"later": [1.5, None]} if extra else {})
    assert read_content(write_content(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"t": 1},
        {"t": "text"},
        {"t": "text", "body": None},
        {"t": "text", "body": "\ud800"},
        {"t": "text", "body": "", "re": None},
        {"t": "text", "body": "", "re": [0, "A" * 43]},
        {"t": "text", "body": "", "at": ["someone"]},
        {"t": "text", "body": "", "files": [{"id": "0" * 32}]},
    ],
)
def test_what_nobody_would_read_is_not_written(content):
    with pytest.raises(WireError):
        write_content(content)
    with pytest.raises(WireError):
        read_content(json.dumps(content).encode())


FILE = {"id": "0" * 32, "key": "A" * 43, "size": 1, "name": "a", "type": "b", "sha": "A" * 43}
THUMB = {"id": "1" * 32, "key": "A" * 43, "size": 1, "type": "b", "sha": "A" * 43, "w": 2, "h": 3}


def picture(thumb: object) -> dict[str, object]:
    return {"t": "text", "body": "", "files": [FILE | {"thumb": thumb}, FILE]}


def test_a_picture_may_have_a_thumbnail_which_is_a_file_of_the_message():
    content = picture(THUMB | {"later": 1})
    assert read_content(write_content(content)) == content
    assert file_ids(content) == ["0" * 32, "1" * 32, "0" * 32]
    assert file_ids({"t": "text", "body": ""}) == []


@pytest.mark.parametrize(
    "thumb",
    [
        None,
        "x",
        [THUMB],
        THUMB | {"w": -1},
        THUMB | {"h": 1.5},
        THUMB | {"key": ""},
        *({key: value for key, value in THUMB.items() if key != left} for left in THUMB),
    ],
)
def test_a_thumbnail_of_another_form_is_refused(thumb):
    with pytest.raises(WireError):
        write_content(picture(thumb))
    with pytest.raises(WireError):
        read_content(json.dumps(picture(thumb)).encode())


def test_of_a_key_that_stands_twice_the_last_counts():
    assert read_content(b'{"t":"text","body":"a","body":"b"}')["body"] == "b"


@given(st.binary(max_size=3000))
def test_padding_comes_off(plain):
    padded = pad(plain)
    assert unpad(padded) == plain
    assert len(padded) % 64 == 0
    assert len(padded) > len(plain)


def test_the_longest_content_is_the_longest_that_is_padded():
    assert len(pad(bytes(MAX_PLAIN))) == 65_536
    with pytest.raises(WireError):
        pad(bytes(MAX_PLAIN + 1))


def test_a_number_beyond_all_measure_is_no_reason_to_refuse_what_browsers_show():
    assert read_content(b'{"t":"text","body":"a","later":' + b"9" * 5000 + b"}")["body"] == "a"
