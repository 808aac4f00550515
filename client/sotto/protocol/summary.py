"""Summaries: requests to the worker, its answers, and summaries shared with a room
(docs/protocol.md, "AI summaries").
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sotto.protocol.boxes import KEY_BYTES, open_box, pad, seal, unpad
from sotto.protocol.encoding import (
    Random,
    Schema,
    WireError,
    b64,
    encode_body,
    hash64,
    ident,
    integer,
    one_of,
    parse_body,
    strict_json,
    unb64,
    utf8,
)
from sotto.protocol.room_keys import oaep_seal, summary_key
from sotto.protocol.signing import SPKI_BYTES, pae, rsa_key_id, sign, verify

SCHEMA: Schema = {
    "v": one_of(1),
    "room": ident,
    "uid": ident,
    "kid": hash64,
    "dis": integer(1),
    "from": integer(1),
    "to": integer(1),
    "a": integer(1),
    "b": integer(1),
    "box": hash64,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The worker's answer: the summary and the model that wrote it."""

    text: str
    model: str


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the worker gets it. `ts` in ms."""

    seq: int
    name: str
    ts: int
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """Messages `first` to `last`, of epochs `a` to `b`."""

    room: str
    first: int
    last: int
    a: int
    b: int

    @property
    def context(self) -> dict[str, Any]:
        """The context that the boxes of a summary are bound to."""
        span = {"a": self.a, "b": self.b, "from": self.first, "to": self.last}
        return {"v": 1, "room": self.room, **span}


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared summary, unverified. `dis` is the seq of its disclose event, `box` the hash of the
    sealed text.
    """

    range: Range
    uid: str
    kid: str
    dis: int
    box: str


def worker_id(spki: str) -> str:
    """The id (wk) of a worker with that key (SPKI, b64).

    Raises:
        WireError: it is not such a key.
    """
    return rsa_key_id(spki)


def seal_ask(
    rid: str,
    room: str,
    uid: str,
    spki: str,
    reply: bytes,
    lines: Sequence[Line],
    *,
    model: str,
    lang: str = "",
    earlier: str = "",
    random: Random = os.urandom,
) -> dict[str, str]:
    """Seal a request to the worker.

    Args:
        spki: the worker's key, b64.
        reply: the key for its answer, 32 bytes.
        lang: the summary's language, "" for that of the messages.
        earlier: a summary of earlier messages to continue.

    Returns:
        {ek, box}.
    """
    context = {"v": 1, "rid": rid, "room": room, "uid": uid}
    plain: dict[str, Any] = {"reply": b64(reply), "model": model, "lang": lang}
    plain["messages"] = [
        {"seq": one.seq, "name": one.name, "ts": one.ts, "text": one.text} for one in lines
    ]
    if earlier:
        plain["earlier"] = earlier
    key = random(KEY_BYTES)
    label = pae("ask", encode_body(context).encode("ascii"))
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return {
        "ek": b64(oaep_seal(unb64(spki, SPKI_BYTES), label, key)),
        "box": seal(key, "ask", context, text.encode("utf-8"), random),
    }


def open_answer(reply: bytes, rid: str, box: Any) -> Answer:
    """Open the worker's answer.

    Raises:
        WireError: it does not open.
    """
    return _answer(open_box(reply, "answer", {"v": 1, "rid": rid}, box))


def seal_summary(
    keys: Sequence[bytes],
    about: Range,
    answer: Answer,
    *,
    uid: str,
    kid: str,
    dis: int,
    ed: Ed25519PrivateKey,
    random: Random = os.urandom,
) -> dict[str, str]:
    """Seal and sign a summary for the room.

    Args:
        keys: of epochs `about.a` to `about.b`.
        dis: seq of the disclose event.

    Returns:
        {body, sig, box}.
    """
    plain = json.dumps({"text": answer.text, "model": answer.model}, ensure_ascii=False)
    key = summary_key(keys, about.room, about.a, about.b)
    box = seal(key, "cache", about.context, pad(plain.encode("utf-8")), random)
    span = {"from": about.first, "to": about.last, "a": about.a, "b": about.b}
    hashed = b64(sha256(unb64(box)).digest())
    named = {"v": 1, "room": about.room, "uid": uid, "kid": kid, "dis": dis}
    body = encode_body({**named, **span, "box": hashed})
    parse_summary(body)
    return {"body": body, "sig": sign(ed, "summary", body), "box": box}


def parse_summary(body: Any) -> Shared:
    """Parse a shared summary's signed body.

    Raises:
        WireError: it is malformed.
    """
    found = parse_body(body, SCHEMA)
    if found["from"] > found["to"] or found["a"] > found["b"]:
        raise WireError("no range")
    about = Range(found["room"], found["from"], found["to"], found["a"], found["b"])
    return Shared(about, found["uid"], found["kid"], found["dis"], found["box"])


def verify_summary(given: Mapping[str, Any], shared: Shared, ed: bytes) -> None:
    """Verify a shared summary.

    Raises:
        WireError: its author did not sign it, or the box is another.
    """
    if b64(sha256(unb64(given.get("box"))).digest()) != shared.box:
        raise WireError("another box")
    verify(ed, "summary", str(given.get("body")), str(given.get("sig")))


def open_summary(keys: Sequence[bytes], about: Range, box: Any) -> Answer:
    """Open a shared summary.

    Raises:
        WireError: it does not open.
    """
    key = summary_key(keys, about.room, about.a, about.b)
    return _answer(open_box(key, "cache", about.context, box))


def _answer(padded: bytes) -> Answer:
    value = strict_json(utf8(unpad(padded)))
    if type(value) is not dict:
        raise WireError("not an answer")
    text, model = value.get("text"), value.get("model")
    if type(text) is not str or type(model) is not str:
        raise WireError("not an answer")
    return Answer(text, model)
