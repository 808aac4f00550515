"""The log's events: their exact shapes (docs/protocol.md, "The room log")."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from chatsite.lib import signatures, wire
from chatsite.lib.errors import Refused

POLICY: wire.Schema = (
    ("join", wire.one_of("link", "approve")),
    ("history", wire.one_of("all", "join")),
    ("ai", wire.one_of("off", "device", "ask", "auto")),
    ("ain", wire.integer(20, 10_000)),
    ("search", wire.one_of("server", "device")),
    ("n", lambda value: wire.integer(100, 100_000)(value) if value != 0 else wire.integer()(value)),
    ("days", wire.integer(0, 365)),
    ("ttl", wire.integer(0, 3650)),
)

WORKER_MAY_READ = ("ask", "auto")
"""The rules on summaries that let members show messages to the server's worker."""

_HEAD: wire.Schema = (
    ("v", wire.one_of(1)),
    ("t", wire.one_of()),
    ("room", wire.ident),
    ("seq", wire.integer()),
    ("prev", wire.or_empty(wire.hash64)),
    ("ts", wire.integer()),
    ("by", wire.ident),
    ("kid", wire.hash64),
)

_EPOCH: wire.Schema = (
    ("e", wire.integer(2)),
    ("kcv", wire.hash64),
    ("members", wire.hash64),
)
_MODEL = re.compile(r"[A-Za-z0-9._:/-]{1,64}")


def _model(value: Any) -> None:
    if type(value) is not str or not _MODEL.fullmatch(value):
        raise wire.BadWire("not a model's name")


_EXTRA: dict[str, wire.Schema] = {
    "create": (
        ("kind", wire.one_of("group", "direct")),
        ("nonce", wire.b64_of(16)),
        ("policy", wire.obj(POLICY)),
        ("kcv", wire.hash64),
    ),
    "profile": (("h", wire.hash64),),
    "invite": (
        ("iid", wire.ident),
        ("ipk", wire.b64_of(32)),
        ("exp", wire.integer()),
        ("max", wire.integer(1, 1000)),
        ("pop", wire.sig64),
    ),
    "revoke": (("iid", wire.ident),),
    "join": (("iid", wire.ident), ("isig", wire.sig64)),
    "add": (("uid", wire.ident), ("to", wire.hash64), ("iid", wire.or_empty(wire.ident))),
    "remove": (("uid", wire.ident), ("ban", wire.one_of(0, 1)), *_EPOCH),
    "leave": (),
    "role": (("uid", wire.ident), ("role", wire.one_of("owner", "moderator", "member"))),
    "ban": (("uid", wire.ident), ("on", wire.one_of(0, 1))),
    "successor": (("uid", wire.or_empty(wire.ident)),),
    "succeed": (("uid", wire.ident), *_EPOCH),
    "policy": (("policy", wire.obj(POLICY)),),
    "epoch": _EPOCH,
    "reset": (("uid", wire.ident), ("to", wire.hash64), *_EPOCH),
    "close": (),
    "disclose": (("from", wire.integer(1)), ("to", wire.integer(1)), ("model", _model)),
}

SCHEMAS: dict[str, wire.Schema] = {
    t: tuple((key, wire.one_of(t) if key == "t" else check) for key, check in _HEAD) + extra
    for t, extra in _EXTRA.items()
}
_DEMOTION = SCHEMAS["role"] + _EPOCH


def begins_epoch(event: dict[str, Any]) -> bool:
    """True if an event has the keys that begin an epoch."""
    return "members" in event


def parse_event(text: Any) -> dict[str, Any]:
    """Parse the text of an event strictly. Raises BadWire; Refused for unknown types."""
    value = wire.loads(text)
    v, t = (value.get("v"), value.get("t")) if type(value) is dict else (None, None)
    if type(v) is not int or type(t) is not str:
        raise wire.BadWire("not an event")
    if t not in SCHEMAS:
        raise Refused("This server does not know that kind of event yet.", code="unsupported")
    wire.check_object(value, _DEMOTION if t == "role" and begins_epoch(value) else SCHEMAS[t])
    return value


def room_id(kid: str, nonce: str) -> str:
    """The id of a room that `kid` creates with this nonce."""
    raw = wire.unb64(kid, 32) + wire.unb64(nonce, 16)
    return sha256(signatures.pae("room", raw)).digest()[:16].hex()


def members_hash(members: list[tuple[str, str]]) -> str:
    """The hash of an epoch's recipients; `members` are (uid, kid)."""
    listed = ",".join(f'["{uid}","{kid}"]' for uid, kid in sorted(members))
    return signatures.digest64("members", f"[{listed}]")


def body_of(**values: str | int) -> bytes:
    """A small canonical body from ids, hashes and numbers, as the signer built it."""
    parts = (
        f'"{key}":{value}' if type(value) is int else f'"{key}":"{value}"'
        for key, value in values.items()
    )
    return ("{" + ",".join(parts) + "}").encode("ascii")
