"""The server's strict reading of the protocol's encodings."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

from chatsite.lib import wire

VECTORS = Path(__file__).parent.parent / "vectors"
FIRST = json.loads((VECTORS / "first.json").read_text())
SCHEMA = (("v", wire.one_of(1)), ("room", wire.ident), ("n", wire.integer(0)))
GOOD = '{"v":1,"room":"' + "a" * 32 + '","n":7}'


def test_a_canonical_body_is_read():
    assert wire.parse_body(GOOD, SCHEMA) == {"v": 1, "room": "a" * 32, "n": 7}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD.replace(":7", ":7.0"), id="float"),
        pytest.param(GOOD.replace(":7", ":NaN"), id="nan"),
        pytest.param(GOOD.replace(":7", ":true"), id="boolean"),
        pytest.param(GOOD.replace(":7", ":null"), id="null"),
        pytest.param(GOOD.replace(":7", ":-1"), id="negative"),
        pytest.param(GOOD.replace(":7", ":07"), id="leading zero"),
        pytest.param(GOOD.replace(":7", ":9007199254740992"), id="past 2^53-1"),
        pytest.param(GOOD.replace('"v":1', '"v":2'), id="version"),
        pytest.param(GOOD.replace('"v":1', '"v": 1'), id="white space"),
        pytest.param(GOOD.replace('"v":1,', ""), id="missing key"),
        pytest.param(GOOD.replace('"v":1,', '"v":1,"v":1,'), id="duplicate key"),
        pytest.param(GOOD.replace("}", ',"x":1}'), id="extra key"),
        pytest.param('{"room":"' + "a" * 32 + '","v":1,"n":7}', id="key order"),
        pytest.param(GOOD.replace("aa", "AA", 1), id="upper-case hex"),
        pytest.param(GOOD.replace('"v"', '"\\u0076"'), id="escape"),
        pytest.param(GOOD + "\n", id="trailing newline"),
        pytest.param(GOOD + " " * 4096, id="too long"),
        pytest.param(GOOD.replace("aa", "ää", 1), id="not ASCII"),
        pytest.param("[1]", id="array"),
        pytest.param("[" * 3000 + "]" * 3000, id="deep nesting"),
        pytest.param("", id="empty"),
        pytest.param(None, id="no text"),
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(wire.BadWire):
        wire.parse_body(text, SCHEMA)


@pytest.mark.parametrize("text", ["AA==", "AA+/", "A", "AB", " AA", "AAA\n", None, 5])
def test_lax_base64_is_refused(text):
    with pytest.raises(wire.BadWire):
        wire.unb64(text)


def test_base64_of_the_wrong_length_is_refused():
    with pytest.raises(wire.BadWire):
        wire.unb64("AAAA", 4)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (wire.pair(wire.integer(), wire.ident), [1, "a" * 32], [[1], [1, "a"], "ab", {}]),
        (wire.or_empty(wire.ident), "", ["a", 0, None]),
        (wire.obj(SCHEMA), json.loads(GOOD), [{}, [], {"v": 1, "n": 7, "room": "a" * 32}]),
        (wire.user_name, "ben.k", ["Ben", "b", "b" * 33, "b n", 5]),
        (wire.hash64, wire.b64(bytes(32)), [wire.b64(bytes(31)), "", None]),
    ],
)
def test_a_check_lets_one_shape_through(check, good, bad):
    check(good)
    for value in bad:
        with pytest.raises(wire.BadWire):
            check(value)


def test_a_body_of_any_schema_is_read():
    """A newer version's, too: arrays and objects may be nested."""
    assert wire.loads('["a",{"b":[1,"c"]}]') == ["a", {"b": [1, "c"]}]


@pytest.mark.parametrize("text", ['{"a":[1.5]}', '[["a\\\\"]]', '{"a":[-1]}', '[{"a":null}]'])
def test_the_values_of_any_body_are_plain(text):
    with pytest.raises(wire.BadWire):
        wire.loads(text)


def test_a_request_that_is_not_utf_8_is_refused():
    with pytest.raises(wire.BadWire):
        wire.decode_json(b'"\xff"')


def test_errors_never_quote_what_was_sent():
    secret = "s3cret-material"
    with pytest.raises(wire.BadWire) as caught:
        wire.parse_body('{"v":"' + secret + '"}', SCHEMA)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        rb'"a\u0000b"',
        rb'{"a\u0000":1}',
        rb'{"a":[{"b":"\u0000"}]}',
        rb'"\ud800"',
        rb'["\udfff\ud800"]',
    ],
)
def test_text_that_a_database_refuses_does_not_get_in(raw):
    with pytest.raises(wire.BadWire):
        wire.decode_json(raw)


@pytest.mark.parametrize(
    ("raw", "text"),
    [(rb'"\u00e9"', "é"), (rb'"\ud83d\ude00"', "😀"), (rb'"\\u0000"', "\\u0000")],
)
def test_other_escapes_do(raw, text):
    assert wire.decode_json(raw) == text


def test_deep_nesting_is_refused_or_read_and_breaks_nothing():
    for depth in (100, 900, 5000):
        raw = b"[" * depth + rb'"\u0041"' + b"]" * depth
        with suppress(wire.BadWire):
            wire.decode_json(raw)
