"""The signed identity body: what the server checks of it."""

from __future__ import annotations

from dataclasses import dataclass

from chatsite.lib import signatures, wire

SCHEMA: wire.Schema = (
    ("v", wire.one_of(1)),
    ("uid", wire.ident),
    ("name", wire.user_name),
    ("ed", wire.b64_of(32)),
    ("rsa", wire.b64_of(signatures.SPKI_BYTES)),
    ("n", wire.integer(1)),
    ("prev", wire.or_empty(wire.hash64)),
)


KIT_LEAST, KIT_MOST = 12 + 16 + 1, 4096
"""Bytes of a kit's box: iv and tag at least; an RSA-3072 key takes some 2,500."""


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
    signatures.check_spki(wire.unb64(value["rsa"]))
    signatures.verify(ed, "identity", body.encode("ascii"), sig)
    return OpenedIdentity(
        kid=signatures.digest64("identity", body),
        uid=value["uid"],
        name=value["name"],
        ed=ed,
        n=value["n"],
        prev=value["prev"],
    )
