"""What may stand in a message, and what not; tombstones of messages that were erased."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from sotto.protocol.content import is_known, read_content, refs_of
from sotto.protocol.encoding import b64, unb64
from sotto.protocol.message import parse_message

ID = "A" * 42 + "E"
REF = [7, ID]
UID = "0" * 31 + "1"
FILE = {"id": UID, "key": ID, "size": 5, "name": "ü.png", "type": "image/png", "sha": ID}
StoredMessage = dict[str, Any]


def contents() -> list[dict[str, Any]]:
    """Plaintexts, what they are read as, whether `t` is known, and the messages they change."""
    return [
        {
            "name": name,
            "plain": b64(plain),
            "content": content,
            "known": is_known(content),
            "refs": refs_of(content),
        }
        for name, plain in _GOOD.items()
        for content in (read_content(plain),)
    ]


def contents_refused() -> list[str]:
    return [b64(plain) for plain in (*_BAD, *(_json(value) for value in _BAD_VALUES))]


def tombstones(rows: list[StoredMessage]) -> list[dict[str, Any]]:
    """What the server keeps of messages that the eighth had erased."""
    return [
        {"row": _tombstone(row), "id": opened.id, "s": b64(opened.s)}
        for row in rows[:3]
        for opened in (parse_message(row),)
    ]


def tombstones_refused(rows: list[StoredMessage]) -> list[dict[str, Any]]:
    """`stage` as for messages; `row`: not even the shape of one."""
    good = _tombstone(rows[2])
    made: dict[str, tuple[str, StoredMessage]] = {
        "a tombstone of another ct": ("verify", {**good, "sha": ID}),
        "a tombstone with another iv": ("verify", {**good, "iv": b64(bytes(12))}),
        "a tombstone signed by nobody": ("verify", {**good, "sig": "A" * 86}),
        "a tombstone with a short sha": ("header", {**good, "sha": good["sha"][:-2]}),
        "a tombstone with its ct": ("header", {**good, "ct": rows[2]["ct"]}),
        "a tombstone with another's ct": ("header", {**good, "ct": rows[0]["ct"]}),
        "a tombstone by no message": ("row", {**good, "del": 0}),
        "a tombstone by a text": ("row", {**good, "del": "8"}),
        "a tombstone that does not say by what": (
            "row",
            {key: value for key, value in good.items() if key != "del"},
        ),
    }
    return [{"name": name, "stage": stage, "row": row} for name, (stage, row) in made.items()]


def _tombstone(row: StoredMessage) -> StoredMessage:
    kept = {key: row[key] for key in ("seq", "h", "iv")}
    sha = b64(sha256(unb64(row["ct"])).digest())
    return {**kept, "sha": sha, "sig": row["sig"], "del": 8}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_GOOD = {
    name: plain if isinstance(plain, bytes) else _json(plain)
    for name, plain in {
        "text": {"t": "text", "body": "hello"},
        "reply": {"t": "text", "body": "yes", "re": REF, "at": [UID]},
        "file": {"t": "text", "body": "", "files": [FILE, {**FILE, "w": 1, "h": 2, "ms": 0}]},
        "edit": {"t": "edit", "of": REF, "body": "hello!"},
        "edit with names": {"t": "edit", "of": REF, "body": "@ada", "at": [UID]},
        "delete": {"t": "delete", "of": [REF]},
        "delete with edits": {"t": "delete", "of": [REF, [9, ID], [12, ID]]},
        "react": {"t": "react", "of": REF, "emoji": "👩🏽‍🚀", "on": 1},
        "react no more": {"t": "react", "of": REF, "emoji": "👍", "on": 0},
        "pin": {"t": "pin", "of": REF, "on": 1},
        "poll": {"t": "poll", "body": "When?", "options": ["now", "later"], "multi": 0},
        "poll of twenty": {"t": "poll", "body": "", "options": ["x"] * 20, "multi": 1},
        "vote": {"t": "vote", "of": REF, "picks": [0, 3]},
        "vote for nothing": {"t": "vote", "of": REF, "picks": []},
        "of a newer version": {"t": "dance", "of": "x", "steps": None},
        "unknown keys": {"t": "pin", "of": REF, "on": 0, "why": {"x": [1, None, 0.5, True]}},
        "a key twice": b'{"t":"text","body":"one","body":"two"}',
        "spaces": b' { "t" : "text" ,\n\t"body" : "x" } ',
        "whole numbers in other forms": b'{"t":"pin","of":[7.0,"%s"],"on":1e0}' % ID.encode(),
        "a number that nobody reads": b'{"t":"text","body":"x","z":%s}' % (b"9" * 25),
        "escapes": b'{"t":"text","body":"\\ud83d\\ude00\\u0000\\/"}',
    }.items()
}
_BAD = (
    b"",
    b"text",
    b"[]",
    b'{"body":"x"}',
    b'{"t":"text"}',
    b'{"t":"text","body":1}',
    b'{"t":"text","body":"x","re":null}',
    b'{"t":"text","body":"x","re":[1]}',
    b'{"t":"text","body":"x","at":["ada"]}',
    b'{"t":1,"body":"x"}',
    b'{"t":"text","body":"\\ud800"}',
    b'{"t":"text","body":"\xff"}',
    b'\xef\xbb\xbf{"t":"text","body":"x"}',
    b'{"t":"text","body":"x","z":NaN}',
    b'{"t":"text","body":"x","z":Infinity}',
    b'{"t":"text","body":"x",}',
    b'{"t":"pin","of":[9007199254740993,"%s"],"on":1}' % ID.encode(),
    b'{"t":"pin","of":[1e400,"%s"],"on":1}' % ID.encode(),
)
_BAD_VALUES: tuple[dict[str, Any], ...] = (
    {"t": "edit", "body": "of nothing"},
    {"t": "edit", "of": REF},
    {"t": "edit", "of": [REF], "body": "x"},
    {"t": "edit", "of": [0, ID], "body": "x"},
    {"t": "edit", "of": [7, ""], "body": "x"},
    {"t": "edit", "of": REF, "body": "x", "at": None},
    {"t": "delete", "of": REF},
    {"t": "delete", "of": []},
    {"t": "delete", "of": [[7]]},
    {"t": "delete"},
    {"t": "react", "of": REF, "emoji": 1, "on": 1},
    {"t": "react", "of": REF, "on": 1},
    {"t": "react", "of": REF, "emoji": "x", "on": True},
    {"t": "react", "of": REF, "emoji": "x", "on": 2},
    {"t": "react", "of": REF, "emoji": "x"},
    {"t": "pin", "of": [REF], "on": 1},
    {"t": "pin", "of": REF, "on": "1"},
    {"t": "pin", "of": REF, "on": None},
    {"t": "poll", "body": "x", "options": ["one"], "multi": 0},
    {"t": "poll", "body": "x", "options": ["x"] * 21, "multi": 0},
    {"t": "poll", "body": "x", "options": ["one", 2], "multi": 0},
    {"t": "poll", "body": "x", "options": ["one", "two"]},
    {"t": "poll", "options": ["one", "two"], "multi": 1},
    {"t": "vote", "of": REF},
    {"t": "vote", "of": REF, "picks": [-1]},
    {"t": "vote", "of": REF, "picks": [0.5]},
    {"t": "vote", "of": REF, "picks": 0},
    {"t": "vote", "picks": [0]},
    {"t": "text", "body": "x", "files": [{**FILE, "sha": "x"}]},
    {"t": "text", "body": "x", "files": [{**FILE, "w": None}]},
    {"t": "text", "body": "x", "files": FILE},
)
