"""Everything that a message or a frame can get wrong, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from chatsite.lib import signatures, wire
from tests.base import Person, canonical
from tests.messaging.senders import DEV, Sender, name_of

Frame = dict[str, Any]


def reordered(sender: Sender) -> str:
    header = sender.header()
    return canonical({"room": header.pop("room"), **header})


def replaced(sender: Sender, old: str, new: str) -> str:
    text = canonical(sender.header())
    assert old in text
    return text.replace(old, new)


HEADERS: dict[str, Callable[[Sender], str]] = {
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


def resigned(frame: Frame, by: Person) -> Frame:
    """The frame signed by somebody else's key."""
    sealed = signatures.digest("message", frame["h"].encode()) + wire.unb64(frame["iv"])
    sealed += sha256(wire.unb64(frame["ct"])).digest()
    return {**frame, "sig": wire.b64(by.key.sign(signatures.pae("sealed", sealed)))}


SIGNATURES: dict[str, Callable[[Frame, Person], Frame]] = {
    "of nothing": lambda frame, ben: {**frame, "sig": wire.b64(bytes(64))},
    "of somebody else": resigned,
    "of other bytes": lambda frame, ben: {**frame, "ct": wire.b64(b"\1" + bytes(79))},
    "of another iv": lambda frame, ben: {**frame, "iv": wire.b64(b"\1" + bytes(11))},
    "with a small first half": lambda frame, ben: {
        **frame, "sig": wire.b64(b"\1" + bytes(31) + wire.unb64(frame["sig"])[32:]),
    },
}  # fmt: skip


FRAMES: dict[str, Callable[[Frame], Frame | str]] = {
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
    "erase is no list": lambda f: {**f, "erase": {"1": 1}},
    "erase holds zero": lambda f: {**f, "erase": [0]},
    "erase holds text": lambda f: {**f, "erase": ["1"]},
    "erase is too long": lambda f: {**f, "erase": list(range(1, 102))},
    "files is no list": lambda f: {**f, "files": "a" * 32},
    "files holds no id": lambda f: {**f, "files": ["A" * 32]},
    "files holds a number": lambda f: {**f, "files": [1]},
    "a file twice": lambda f: {**f, "files": ["a" * 32, "a" * 32]},
    "too many files": lambda f: {**f, "files": [f"{i:032x}" for i in range(11)]},
    "tokens are a list": lambda f: {**f, "tokens": [1]},
    "tokens descend": lambda f: {**f, "tokens": {"g": 1, "t": [2, 1]}},
    "a token twice": lambda f: {**f, "tokens": {"g": 1, "t": [1, 1]}},
    "a token too large": lambda f: {**f, "tokens": {"g": 1, "t": [2**24]}},
    "more tokens than so short a message has": lambda f: {
        **f,
        "tokens": {"g": 1, "t": list(range(4096))},
    },
    "tokens of no version": lambda f: {**f, "tokens": {"g": 1, "t": [1], "v": 3}},
    "tokens of a version that is no number": lambda f: {
        **f,
        "tokens": {"g": 1, "t": [1], "v": True},
    },
    "tokens with something else": lambda f: {**f, "tokens": {"g": 1, "t": [1], "w": 1}},
    "tokens without g": lambda f: {**f, "tokens": {"t": [1]}},
    "too many tokens": lambda f: {**f, "tokens": {"g": 1, "t": list(range(4097))}},
    "read without seq": lambda f: {"type": "read", "room": f["room"]},
    "read true": lambda f: {"type": "read", "room": f["room"], "seq": True},
    "read below zero": lambda f: {"type": "read", "room": f["room"], "seq": -1},
    "typing without room": lambda f: {"type": "typing_start"},
    "typing with more": lambda f: {"type": "typing_stop", "room": f["room"], "x": 1},
    "resume a list": lambda f: {"type": "resume", "rooms": []},
    "resume nowhere": lambda f: {"type": "resume", "rooms": {"x": 1}},
    "resume from text": lambda f: {"type": "resume", "rooms": {f["room"]: "1"}},
}
