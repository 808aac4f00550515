"""Log events: their exact schemas, and the hashes that they contain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from sotto.protocol.encoding import (
    Schema,
    WireError,
    b64_of,
    check_object,
    encode_body,
    hash64,
    ident,
    integer,
    obj,
    one_of,
    or_empty,
    parse_any,
    sig64,
    string,
    unb64,
)
from sotto.protocol.signing import digest
from sotto.protocol.signing import hash64 as hash_of

Event = dict[str, Any]
SignedEvent = dict[str, str]
"""{"event": text, "sig": b64}"""


class LogError(Exception):
    """An event that breaks a rule (`illegal`) or needs a newer version (`newer`)."""

    def __init__(self, reason: Literal["illegal", "newer"], detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _rotation(value: Any) -> None:
    if type(value) is not int or value != 0:
        integer(100, 100_000)(value)


def _model(value: Any) -> None:
    string(value)
    if not _MODEL.fullmatch(value):
        raise WireError("not a model's name")


_MODEL = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

POLICY: Schema = {
    "join": one_of("link", "approve"),
    "history": one_of("all", "join"),
    "ai": one_of("off", "device", "ask", "auto"),
    "ain": integer(20, 10_000),
    "search": one_of("server", "device"),
    "n": _rotation,
    "days": integer(0, 365),
    "ttl": integer(0, 3650),
}

_HEAD: Schema = {
    "v": one_of(1),
    "t": string,
    "room": ident,
    "seq": integer(),
    "prev": or_empty(hash64),
    "ts": integer(),
    "by": ident,
    "kid": hash64,
}

_EPOCH: Schema = {"e": integer(2), "kcv": hash64, "members": hash64}

EXTRA: dict[str, Schema] = {
    "create": {
        "kind": one_of("group", "direct"),
        "nonce": b64_of(16),
        "policy": obj(POLICY),
        "kcv": hash64,
    },
    "profile": {"h": hash64},
    "invite": {
        "iid": ident,
        "ipk": b64_of(32),
        "exp": integer(),
        "max": integer(1, 1000),
        "pop": sig64,
    },
    "revoke": {"iid": ident},
    "join": {"iid": ident, "isig": sig64},
    "add": {"uid": ident, "to": hash64, "iid": or_empty(ident)},
    "remove": {"uid": ident, "ban": one_of(0, 1), **_EPOCH},
    "leave": {},
    "role": {"uid": ident, "role": one_of("owner", "moderator", "member")},
    "ban": {"uid": ident, "on": one_of(0, 1)},
    "successor": {"uid": or_empty(ident)},
    "succeed": {"uid": ident, **_EPOCH},
    "policy": {"policy": obj(POLICY)},
    "epoch": _EPOCH,
    "reset": {"uid": ident, "to": hash64, **_EPOCH},
    "close": {},
    "disclose": {"from": integer(1), "to": integer(1), "model": _model},
}


_DEMOTION: Schema = {**EXTRA["role"], **_EPOCH}


def begins_epoch(event: Mapping[str, Any]) -> bool:
    """True if an event begins an epoch."""
    return "members" in event


def parse_event(text: Any) -> Event:
    """Parse the text of an event.

    Raises:
        LogError: it is malformed, or of a newer version.
    """
    try:
        event = parse_any(text)
        v, t = event.get("v"), event.get("t")
        if type(v) is not int or type(t) is not str:
            raise WireError("not an event")
        if v != 1 or t not in EXTRA:
            raise LogError("newer", "an event of a newer version")
        extra = _DEMOTION if t == "role" and begins_epoch(event) else EXTRA[t]
        check_object(event, {**_HEAD, **extra})
    except WireError:
        raise LogError("illegal", "not an event") from None
    return event


def room_id(kid: str, nonce: bytes) -> str:
    """The id of a room that `kid` creates with this nonce."""
    return digest("room", unb64(kid, 32) + nonce)[:16].hex()


def members_hash(members: list[tuple[str, str]]) -> str:
    """The hash of an epoch's recipients: (uid, kid) each."""
    return hash_of("members", members_text(members))


def members_text(members: list[tuple[str, str]]) -> str:
    """The text that `members_hash` hashes. It is JSON in the form of a body, of any length."""
    return "[" + ",".join(f'["{uid}","{kid}"]' for uid, kid in sorted(members)) + "]"


def invite_proof(event: Event) -> str:
    """The text that `pop` signs: the invitation's place in the log and its terms."""
    keys = ("room", "iid", "seq", "prev", "kid", "exp", "max")
    return encode_body({"v": 1, **{key: event[key] for key in keys}})


def joiner_proof(room: str, iid: str, uid: str, kid: str) -> str:
    """The text that `isig` signs: the joiner and the link."""
    return encode_body({"v": 1, "room": room, "iid": iid, "uid": uid, "kid": kid})
