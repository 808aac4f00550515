"""The signed identity body and the sealed kit: what the server checks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatsite.lib import wire

SCHEMA: wire.Schema = (
    ("v", wire.one_of(1)),
    ("uid", wire.ident),
    ("name", wire.user_name),
    ("ed", wire.b64_of(32)),
    ("rsa", wire.b64_of(wire.SPKI_BYTES)),
    ("n", wire.integer(1)),
    ("prev", wire.or_empty(wire.hash64)),
)


KIT_LEAST, KIT_MOST = 12 + 16, 4096  # bytes: iv and tag; an RSA-3072 key takes some 2,500


def _sealed_keys(value: Any) -> None:
    if not KIT_LEAST < len(wire.unb64(value)) <= KIT_MOST:
        raise wire.BadWire("a box of the wrong size")


KIT: wire.Schema = (
    ("v", wire.one_of(1)),
    ("uid", wire.ident),
    ("kid", wire.hash64),
    ("salt", wire.b64_of(32)),
    ("box", _sealed_keys),
)


@dataclass(frozen=True, slots=True)
class OpenedIdentity:
    """A checked identity. `kid` is the hash that names it, `ed` the raw public key."""

    kid: str
    uid: str
    name: str
    ed: bytes
    n: int
    prev: str


def open_identity(body: str, sig: str) -> OpenedIdentity:
    """Parse and verify an identity by its own key; BadWire if anything is off."""
    value = wire.parse_body(body, SCHEMA)
    ed = wire.unb64(value["ed"], 32)
    if (value["n"] == 1) != (value["prev"] == ""):
        raise wire.BadWire("n and prev do not agree")
    wire.check_spki(wire.unb64(value["rsa"]))
    wire.verify(ed, "identity", body.encode("ascii"), sig)
    return OpenedIdentity(
        kid=wire.digest64("identity", body),
        uid=value["uid"],
        name=value["name"],
        ed=ed,
        n=value["n"],
        prev=value["prev"],
    )


def open_kit(value: Any) -> dict[str, Any]:
    """A kit of the right shape, its keys in the protocol's order; BadWire otherwise."""
    if type(value) is not dict or set(value) != {key for key, _ in KIT}:
        raise wire.BadWire("not a kit")
    kit = {key: value[key] for key, _ in KIT}
    wire.check_object(kit, KIT)
    return kit
