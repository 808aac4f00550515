"""Vectors of summaries: questions to a worker, its answers, and what is shared with a room."""

from __future__ import annotations

import json
from typing import Any

from sotto.protocol.boxes import pad, seal
from sotto.protocol.encoding import b64, encode_body, unb64
from sotto.protocol.events import room_id
from sotto.protocol.signing import pae, sign
from sotto.protocol.summary import Answer, Range, seal_summary, worker_id
from tests.vectors.making import HERE, K1, K2, K3, NONCE, NOW, aad, cast, chosen, fixed_oaep

RID = "5a" * 16
REPLY = bytes(range(100, 132))
KEYS = [K1, K2, K3]
QUESTION: dict[str, Any] = {
    "reply": b64(REPLY),
    "model": "extractive-1",
    "lang": "de-AT",
    "messages": [
        {"seq": 7, "name": "ada", "ts": NOW, "text": "Zwölf Äpfel\n“heute” 🍏"},
        {"seq": 9, "name": "B", "ts": NOW + 1, "text": ""},
    ],
    "earlier": "Davor: 台所",
}
ANSWER = {"text": 'Zwölf Äpfel – 台所\n- \u2028 \\ " 🍏', "model": "extractive-1"}


def summary() -> dict[str, Any]:
    browser = json.loads((HERE / "browser-summary.json").read_text())
    return {
        "worker": {"name": "ada", "wk": worker_id(_spki())},
        "asks": [_ask(), {**_ask(), "by": "a browser", **browser["ask"]}],
        "asks_refused": [{"name": name, **given} for name, given in _refused_asks().items()],
        "answers": [{"rid": RID, "reply": b64(REPLY), "box": _answer_box(), "answer": ANSWER}],
        "answers_refused": [{"name": name, **given} for name, given in _refused_answers().items()],
        "summaries": [_shared(), {**_shared(), "by": "a browser", **browser["summary"]}],
        "summaries_refused": [
            {"name": name, **given} for name, given in _refused_summaries().items()
        ],
    }


def _spki() -> str:
    return b64(cast()["ada"].keys.spki)


def _context(**changes: Any) -> dict[str, Any]:
    about = {
        "v": 1,
        "rid": RID,
        "room": room_id(cast()["ada"].kid, NONCE),
        "uid": cast()["ben"].uid,
    }
    return {"ctx": {**about, **changes}}


def _ask(question: Any = None, **changes: Any) -> dict[str, Any]:
    """A question of ben's to the worker whose key is ada's; `changes` are of its context."""
    ctx = _context(**changes)["ctx"]
    random = chosen("summary question")
    key = random(32)
    text = json.dumps(question or QUESTION, separators=(",", ":"), ensure_ascii=False)
    label = pae("ask", encode_body(ctx).encode("ascii"))
    return {
        "by": "a program",
        "ctx": ctx,
        "label": label.decode("ascii"),
        "ek": fixed_oaep(cast()["ada"], label, key),
        "box": seal(key, "ask", ctx, text.encode("utf-8"), random),
        "question": QUESTION,
    }


def _refused_asks() -> dict[str, dict[str, Any]]:
    good = _ask()
    cast_ = cast()

    def but(**changes: Any) -> dict[str, Any]:
        return {key: {**good, **changes}[key] for key in ("ctx", "ek", "box")}

    return {
        "of another room": but(**_context(room="0" * 32)),
        "of another person": but(**_context(uid=cast_["ada"].uid)),
        "under another number": but(**_context(rid="0" * 32)),
        "sealed to another worker": but(
            ek=fixed_oaep(cast_["ben"], good["label"].encode(), chosen("summary question")(32))
        ),
        "a box of another request": but(box=_ask(rid="6b" * 16)["box"]),
        "a flipped byte": but(box=_flipped(good["box"])),
        "a short box": but(box=b64(unb64(good["box"])[:20])),
        "no messages": but(box=_ask({**QUESTION, "messages": []})["box"]),
        "a number that is text": but(
            box=_ask({**QUESTION, "messages": [{**QUESTION["messages"][0], "seq": "7"}]})["box"]
        ),
        "a short reply key": but(box=_ask({**QUESTION, "reply": b64(REPLY[:31])})["box"]),
    }


def _answer_box(plain: bytes | None = None, **changes: Any) -> str:
    text = json.dumps(ANSWER, ensure_ascii=False).encode("utf-8")
    ctx = {"v": 1, "rid": RID, **changes}
    padded = pad(text) if plain is None else plain
    return seal(REPLY, "answer", ctx, padded, chosen("summary answer"))


def _refused_answers() -> dict[str, dict[str, Any]]:
    good = {"rid": RID, "reply": b64(REPLY), "box": _answer_box()}
    return {
        "of another request": {**good, "rid": "0" * 32},
        "under another key": {**good, "reply": b64(K1)},
        "a flipped byte": {**good, "box": _flipped(good["box"])},
        "without padding": {**good, "box": _answer_box(b"{}")},
        "padded too far": {**good, "box": _answer_box(pad(b"{}") + bytes(64))},
        "no object": {**good, "box": _answer_box(pad(b"[]"))},
        "a text that is a number": {**good, "box": _answer_box(pad(b'{"text":1,"model":"m"}'))},
        "no model": {**good, "box": _answer_box(pad(b'{"text":"x"}'))},
        "not UTF-8": {**good, "box": _answer_box(pad(b'{"text":"\xff","model":"m"}'))},
        "a box of another kind": {
            **good,
            "box": seal(REPLY, "cache", {"v": 1, "rid": RID}, pad(b"{}"), chosen("summary other")),
        },
    }


def _shared() -> dict[str, Any]:
    """ben's summary of messages 3 to 90, of epochs 1 to 3."""
    ben = cast()["ben"]
    room = room_id(cast()["ada"].kid, NONCE)
    about = Range(room, 3, 90, 1, 3)
    random = chosen("summary shared")
    shared = seal_summary(
        KEYS, about, Answer(**ANSWER), uid=ben.uid, kid=ben.kid, dis=12, ed=ben.keys.ed,
        random=random,
    )  # fmt: skip
    return {
        "by": "a program",
        **shared,
        "keys": [b64(key) for key in KEYS],
        "aad": aad("cache", about.context),
        "author": "ben",
        "told": {"room": room, "uid": ben.uid, "kid": ben.kid, "dis": 12, **_span(about)},
        "answer": ANSWER,
    }


def _span(about: Range) -> dict[str, int]:
    return {"from": about.first, "to": about.last, "a": about.a, "b": about.b}


def _refused_summaries() -> dict[str, dict[str, Any]]:
    """`stage`: where it is refused, when its body is read, its signature checked, or its box
    opened.
    """
    good = _shared()
    ben = cast()["ben"]
    keys = good["keys"]

    def but(stage: str, **changes: Any) -> dict[str, Any]:
        shown = {key: {**good, **changes}[key] for key in ("body", "sig", "box", "keys", "author")}
        return {"stage": stage, **shown}

    def signed(stage: str, old: str, new: str) -> dict[str, Any]:
        body = good["body"].replace(old, new)
        assert body != good["body"], old
        return but(stage, body=body, sig=sign(ben.keys.ed, "summary", body))

    return {
        "a range that ends before it begins": signed("read", '"to":90', '"to":2'),
        "epochs that end before they begin": signed("read", '"b":3', '"b":0'),
        "from message 0": signed("read", '"from":3', '"from":0'),
        "a key that is not known": signed("read", '"dis":12', '"dis":12,"x":1'),
        "another version": signed("read", '"v":1', '"v":2'),
        "signed by another": but("verify", author="ada"),
        "signed as another kind": but("verify", sig=sign(ben.keys.ed, "event", good["body"])),
        "another range than was signed": but(
            "verify", body=good["body"].replace('"to":90', '"to":91')
        ),
        "another box than was signed": but("verify", box=_flipped(good["box"])),
        "a range that the box is not of": signed("open", '"to":90', '"to":91'),
        "without the last key": but("open", keys=keys[:2]),
        "keys in another order": but("open", keys=keys[::-1]),
        "another room's": signed("open", good["told"]["room"], "0" * 32),
    }


def _flipped(box: str) -> str:
    raw = bytearray(unb64(box))
    raw[30] ^= 1
    return b64(bytes(raw))
