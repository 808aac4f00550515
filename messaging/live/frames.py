"""The socket's frames: strict JSON in, exact shapes, text out (docs/protocol.md, "The socket")."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from operator import lt
from typing import Any

from chatsite.lib import wire
from chatsite.lib.errors import ChatError, Refused
from messaging.store.base import StoredMessage

MAX_FRAME = 256 * 1024  # bytes; what the server sends is ASCII
ROWS_TOGETHER = 128 * 1024  # bytes of rows in one event, if there is more than one
MAX_TOKENS = 4096
FREE_TOKENS, TOKENS_PER_BYTE = 1024, 2
"""Of a message: so that tokens, which cost their sender nothing, stay in proportion to it."""
MAX_TOKEN = 2**24 - 1
TOKEN_VERSIONS = (1, 2)
MAX_RE = 100
MAX_ERASE = 100
MAX_FILES = 10
MAX_ROOMS = 5000
GCM_TAG = 16
CIPHERTEXTS = {size - 12 for size in wire.PADDED_BOXES}

_from_zero, _from_one = wire.integer(0), wire.integer(1)
_token_version = wire.integer(min(TOKEN_VERSIONS), max(TOKEN_VERSIONS))


@dataclass(frozen=True, slots=True)
class SendFrame:
    """A sealed message and its companion fields. Only their shapes are checked."""

    room: str
    header: str
    iv: bytes
    ciphertext: bytes
    signature: str
    refers_to: tuple[int, ...]
    generation: int
    tokens: tuple[int, ...]
    iv_text: str
    ciphertext_text: str
    erase: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    token_version: int = 1


def parse(text: str) -> dict[str, Any]:
    """Parse a frame. Raises Refused with `bad_frame`."""
    try:
        frame = wire.strict_json(text)
    except wire.BadWire:
        raise bad_frame("A frame is a JSON object.") from None
    if type(frame) is not dict or type(frame.get("type")) is not str:
        raise bad_frame("A frame is a JSON object with a type.")
    return frame


def bad_frame(detail: str) -> Refused:
    return Refused(detail, code="bad_frame")


def exact(frame: dict[str, Any], *needed: str, optional: tuple[str, ...] = ()) -> None:
    keys = set(frame) - {"type"}
    if not set(needed) <= keys <= {*needed, *optional}:
        raise bad_frame("The frame has the wrong keys.")


def room_of(frame: dict[str, Any]) -> str:
    try:
        wire.ident(frame["room"])
    except wire.BadWire:
        raise bad_frame("room is not an id.") from None
    room: str = frame["room"]
    return room


def read_of(frame: dict[str, Any]) -> tuple[str, int]:
    exact(frame, "room", "seq")
    room = room_of(frame)
    try:
        _from_zero(frame["seq"])
    except wire.BadWire:
        raise bad_frame("seq is not a number.") from None
    return room, frame["seq"]


def resume_of(frame: dict[str, Any]) -> dict[str, int]:
    exact(frame, "rooms")
    rooms = frame["rooms"]
    if type(rooms) is not dict or len(rooms) > MAX_ROOMS:
        raise bad_frame("rooms is not an object.")
    try:
        for room, seq in rooms.items():
            wire.ident(room)
            _from_zero(seq)
    except wire.BadWire:
        raise bad_frame("rooms maps ids to numbers.") from None
    return rooms


def about(frame: dict[str, Any]) -> dict[str, str]:
    """The ids in a frame that an error about it repeats, if they can be found."""
    found: dict[str, str] = {}
    try:
        wire.ident(frame.get("room"))
        found["room"] = frame["room"]
        if frame["type"] == "message_send":
            cid = wire.strict_json(frame["h"])["cid"]
            wire.ident(cid)
            found["cid"] = cid
    except (wire.BadWire, KeyError, TypeError):
        pass  # the client times out: nothing else answers the frame
    return found


def send_of(frame: dict[str, Any]) -> SendFrame:
    """Parse a `message_send` frame. Raises Refused."""
    exact(frame, "room", "h", "iv", "ct", "sig", optional=("re", "tokens", "erase", "files"))
    room = room_of(frame)
    if type(frame["h"]) is not str:
        raise bad_frame("h is not text.")
    try:
        iv = wire.unb64(frame["iv"], 12)
        ct = wire.unb64(frame["ct"])
        wire.sig64(frame["sig"])
        g, tokens, version = tokens_of(frame.get("tokens"))
        re = _seqs(frame.get("re", []), MAX_RE)
        erase = _seqs(frame.get("erase", []), MAX_ERASE)
        files = _ids(frame.get("files", []), MAX_FILES)
    except wire.BadWire as error:
        raise bad_frame(f"The message is malformed: {error}.") from None
    if len(ct) not in CIPHERTEXTS:
        raise bad_frame("The ciphertext is not padded.")
    if len(tokens) > FREE_TOKENS + TOKENS_PER_BYTE * len(ct):
        raise bad_frame("A message of this length has fewer tokens.")
    texts = (frame["iv"], frame["ct"])
    sealed = (room, frame["h"], iv, ct, frame["sig"])
    return SendFrame(*sealed, re, g, tokens, *texts, erase, files, version)


def tokens_of(value: Any) -> tuple[int, tuple[int, ...], int]:
    """Parse generation, tokens and their version, (0, (), 1) for none. Raises BadWire."""
    if value is None:
        return 0, (), 1
    if type(value) is not dict or set(value) - {"v"} != {"g", "t"} or type(value["t"]) is not list:
        raise wire.BadWire("tokens of the wrong shape")
    _from_one(value["g"])
    _token_version(value.get("v", 1))
    tokens = value["t"]
    if len(tokens) > MAX_TOKENS:
        raise wire.BadWire("too many tokens")
    if not all(type(token) is int for token in tokens):
        raise wire.BadWire("tokens that are no numbers")
    if tokens and not 0 <= tokens[0] <= tokens[-1] <= MAX_TOKEN:
        raise wire.BadWire("tokens out of range")
    if not all(map(lt, tokens, tokens[1:])):
        raise wire.BadWire("tokens that do not ascend")
    return value["g"], tuple(tokens), value.get("v", 1)


def _seqs(value: Any, most: int) -> tuple[int, ...]:
    if type(value) is not list or len(value) > most:
        raise wire.BadWire("not a list of numbers, or one too long")
    for seq in value:
        _from_one(seq)
    return tuple(value)


def _ids(value: Any, most: int) -> tuple[str, ...]:
    if type(value) is not list or len(value) > most:
        raise wire.BadWire("not a list of ids, or one too long")
    for one in value:
        wire.ident(one)
    if len(set(value)) < len(value):
        raise wire.BadWire("an id twice")
    return tuple(value)


# --- out -----------------------------------------------------------------------------------


def encode(type_: str, **fields: Any) -> str:
    return wire.encode({"type": type_, **fields})


def error(problem: ChatError, **about: str) -> str:
    return encode("error", **about, **problem.as_dict())


def messages(room: str, rows: list[StoredMessage]) -> list[str]:
    """`message_receive` events with all rows, in order: one, or several if the rows are large."""
    events: list[str] = []
    part: list[str] = []
    size = 0
    for row in rows:
        text = wire.encode(row.as_dict())
        if part and size + len(text) > ROWS_TOGETHER:
            events.append(_message_receive(room, part))
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    return [*events, _message_receive(room, part)] if part else events


def standing(event: str) -> int:
    """The number of messages in a `message_receive` event that can be unread: they change no
    other.
    """
    return sum("re" not in row and "del" not in row for row in json.loads(event)["messages"])


def _message_receive(room: str, rows: list[str]) -> str:
    return f'{{"type":"message_receive","room":"{room}","messages":[{",".join(rows)}]}}'


@lru_cache(maxsize=8)
def together(events: tuple[str, ...]) -> str:
    """One frame for several events: an array, unless there is just one.

    Cached, because the sockets of a room mostly queue the same events.
    """
    return events[0] if len(events) == 1 else "[" + ",".join(events) + "]"
