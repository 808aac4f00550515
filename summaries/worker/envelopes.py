"""Opening a request and sealing its answer (docs/protocol.md, "AI summaries")."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from chatsite.lib import signatures, wire
from summaries.worker.keys import WorkerKey

IV_BYTES, KEY_BYTES = 12, 32
MOST_PLAIN = 65_535
MOST_NAME = 64
LANG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")  # it stands in what a model is told


class Unreadable(ValueError):
    """Not a request that was sealed to this worker, or not one it understands."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message: `ts` in ms, `name` as the asker wants it named."""

    seq: int
    name: str
    ts: int
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """`key` is the request's own, `reply` the answer's; `earlier` a summary to go on from."""

    key: bytes
    reply: bytes
    model: str
    lang: str
    lines: tuple[Line, ...]
    earlier: str


def open_ask(key: WorkerKey, *, rid: str, room: str, uid: str, ek: str, box: str) -> Opened:
    context = {"v": 1, "rid": rid, "room": room, "uid": uid}
    label = signatures.pae("ask", _body(context))
    try:
        own = key.private.decrypt(wire.unb64(ek), OAEP(MGF1(SHA256()), SHA256(), label))
        if len(own) != KEY_BYTES:
            raise Unreadable
        return _read(own, open_box(own, "ask", context, box))
    except (ValueError, InvalidTag, KeyError, TypeError, UnicodeDecodeError):
        raise Unreadable from None  # without the cause: it may quote


def _read(own: bytes, plain: bytes) -> Opened:
    asked = json.loads(plain.decode("utf-8"))
    lines = tuple(
        Line(_int(one["seq"]), _text(one["name"])[:MOST_NAME], _int(one["ts"]), _text(one["text"]))
        for one in asked["messages"]
    )
    if not lines:
        raise Unreadable
    return Opened(
        key=own,
        reply=wire.unb64(asked["reply"], KEY_BYTES),
        model=_text(asked["model"]),
        lang=asked["lang"] if LANG.fullmatch(_text(asked["lang"])) else "",
        lines=lines,
        earlier=_text(asked.get("earlier", "")),
    )


def seal_answer(reply: bytes, rid: str, text: str, model: str) -> str:
    """A text too long to pad is cut at the end of a line."""
    plain = json.dumps({"text": text, "model": model}, ensure_ascii=False).encode()
    while len(plain) > MOST_PLAIN:
        text = text[: len(text) * 9 // 10].rpartition("\n")[0] or text[: len(text) // 2]
        plain = json.dumps({"text": text, "model": model}, ensure_ascii=False).encode()
    return seal_box(reply, "answer", {"v": 1, "rid": rid}, pad(plain))


def seal_box(key: bytes, type_: str, context: dict[str, Any], plain: bytes) -> str:
    iv = os.urandom(IV_BYTES)
    return wire.b64(iv + AESGCM(key).encrypt(iv, plain, signatures.pae(type_, _body(context))))


def open_box(key: bytes, type_: str, context: dict[str, Any], box: str) -> bytes:
    """InvalidTag or BadWire if it is not that box."""
    raw = wire.unb64(box)
    aad = signatures.pae(type_, _body(context))
    return AESGCM(key).decrypt(raw[:IV_BYTES], raw[IV_BYTES:], aad)


def pad(plain: bytes) -> bytes:
    """Pad a plaintext: plain ‖ 80 ‖ 00 …, to a multiple of 64 up to 1024, then to powers of two."""
    size = len(plain)
    long = (size // 64 + 1) * 64 if size < 1024 else 1 << size.bit_length()
    return (plain + b"\x80").ljust(long, b"\0")


def _body(context: dict[str, Any]) -> bytes:
    return json.dumps(context, separators=(",", ":")).encode("ascii")


def _int(value: Any) -> int:
    if type(value) is not int:
        raise Unreadable
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise Unreadable
    return value
