"""Golden objects: one of everything that travels, with all that is needed to open it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sotto.protocol.encoding import b64, unb64
from tests.vectors.making import load


@dataclass(frozen=True)
class Golden:
    """`texts` are flipped letter by letter, `bytes` (b64) byte by byte, `numbers` by one. A dot
    leads into JSON text: `file.kit.box`.
    """

    name: str
    kind: str
    given: dict[str, Any]
    context: dict[str, Any]
    texts: tuple[str, ...] = ()
    bytes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def golden() -> list[Golden]:
    return [
        *_identities(),
        *_events(),
        *_of_rooms(),
        *_boxes(),
        *_messages(),
        *_knocks(),
        _file(),
        _kit(),
    ]


def _identities() -> Iterator[Golden]:
    found = load("identity")["identities"]
    for name, entry in {"identity": found[0], "identity after a reset": found[-1]}.items():
        given = {"body": entry["body"], "sig": entry["sig"]}
        yield Golden(name, "identity", given, {}, ("body",), ("sig",))


def _events() -> Iterator[Golden]:
    """The first event of each type, and the first role that begins an epoch."""
    vectors = load("log")
    seen: set[str] = set()
    for entries in vectors["logs"].values():
        events = [{"event": entry["event"], "sig": entry["sig"]} for entry in entries]
        for at, entry in enumerate(entries):
            begins = entry["t"] == "role" and "members" in json.loads(entry["event"])
            name = "demotion" if begins else entry["t"]
            if name in seen:
                continue
            seen.add(name)
            context = {"identities": vectors["identities"], "events": events[:at]}
            yield Golden(name, "event", events[at], context, ("event",), ("sig",))


def _of_rooms() -> Iterator[Golden]:
    vectors, people = load("roomkeys"), load("cast")
    wrap = vectors["wraps"][0]
    keys = {key: people[wrap["name"]][key] for key in ("seed", "pkcs8")}
    context = {"room": vectors["room"], "kcv": wrap["kcv"], **keys}
    given = {key: wrap[key] for key in ("e", "to", "ct")}
    yield Golden("wrap", "wrap", given, context, ("to",), ("ct",), ("e",))


def _boxes() -> Iterator[Golden]:
    vectors = load("invite")
    context = {key: vectors[key] for key in ("secret", "room", "iid", "key", "h")} | {"e": 1}
    for kind in ("card", "item", "escrow", "profile"):
        given = {"box": vectors["boxes"][kind]["box"]}
        yield Golden(kind, kind, given, context, bytes=("box",))


def _messages() -> Iterator[Golden]:
    vectors, log = load("message"), load("log")
    events = [{"event": e["event"], "sig": e["sig"]} for e in log["logs"][vectors["log"]]]
    context = {"identities": log["identities"], "events": events, "keys": vectors["keys"]}
    row, tombstone = vectors["rows"][2]["row"], vectors["tombstones"][2]["row"]
    yield Golden("message", "message", row, context, ("h",), ("iv", "ct", "sig"))
    yield Golden("tombstone", "tombstone", tombstone, context, ("h",), ("iv", "sha", "sig"))


def _knocks() -> Iterator[Golden]:
    for case in load("knock")["cases"]:
        given = {key: case[key] for key in ("body", "sig", "isig")}
        context = {key: case[key] for key in ("identity", "invite")}
        signatures = ("sig", "isig") if case["invite"] else ("sig",)
        yield Golden(f"knock {case['name']}", "knock", given, context, ("body",), signatures)


def _file() -> Golden:
    case = next(case for case in load("attachment")["cases"] if case["name"] == "a few bytes")
    given = {key: case[key] for key in ("file", "sealed")}
    in_file = ("file.id", "file.key", "file.sha")
    return Golden("file", "file", given, {}, in_file, ("sealed",), ("file.size",))


def _kit() -> Golden:
    given = {"file": load("kit")["file"]}
    texts = ("file.sotto", "file.code", "file.kit.uid", "file.kit.kid")
    return Golden(
        "kit", "kit", given, {}, texts, ("file.kit.salt", "file.kit.box"), ("file.kit.v",)
    )


def flips(golden: Golden) -> Iterator[dict[str, Any]]:
    """The object again and again, each time with one byte of one field changed."""
    for field in golden.texts:
        text = _get(golden.given, field)
        for at, letter in enumerate(text):
            yield _put(golden.given, field, text[:at] + chr(ord(letter) ^ 1) + text[at + 1 :])
    for field in golden.bytes:
        raw = unb64(_get(golden.given, field))
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :]
            yield _put(golden.given, field, b64(changed))
    for field in golden.numbers:
        yield _put(golden.given, field, _get(golden.given, field) + 1)


def _get(given: Any, field: str) -> Any:
    value = given
    for key in field.split("."):
        value = (json.loads(value) if type(value) is str else value)[key]
    return value


def _put(given: Any, field: str, value: Any) -> Any:
    key, _, rest = field.partition(".")
    if type(given) is str:
        return json.dumps(_put(json.loads(given), field, value))
    return {**given, key: _put(given[key], rest, value) if rest else value}
