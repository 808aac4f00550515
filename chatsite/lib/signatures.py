"""Hashes and signatures of the protocol (docs/protocol.md, "Signatures").

The server verifies and never signs for people: nothing here makes a signature or opens a box.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chatsite.lib.wire import BadWire, b64, unb64


class WrongSignature(BadWire):
    """A well-formed signature by another key, or over other bytes."""


def pae(type_: str, body: bytes) -> bytes:
    """DSSE pre-authentication encoding of `body` under `sotto/v1/<type_>`."""
    name = b"sotto/v1/" + type_.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def digest(type_: str, body: bytes) -> bytes:
    """H(type, body): 32 bytes."""
    return sha256(pae(type_, body)).digest()


def digest64(type_: str, text: str) -> str:
    """H(type, text) as base64url: 43 characters. Text is ASCII."""
    return b64(digest(type_, text.encode("ascii")))


def verify(ed: bytes, type_: str, body: bytes, sig: Any) -> None:
    """Check an Ed25519 signature over the PAE of `body`.

    Raises:
        WrongSignature: it is well-formed, and not good.
        BadWire: it is no signature at all.

    `ed` is the raw public key (32 bytes). Engines disagree on keys and on first halves of
    signatures that are small or not canonical, so both are checked before any engine sees them.
    """
    raw = unb64(sig, 64)
    key = _public_key(ed)
    check_point(raw[:32])
    try:
        key.verify(raw, pae(type_, body))
    except InvalidSignature:
        raise WrongSignature("bad signature") from None


@lru_cache(maxsize=4096)
def _public_key(ed: bytes) -> Ed25519PublicKey:
    """The key of these bytes: people send more than one message. Raises BadWire."""
    check_point(ed)
    try:
        return Ed25519PublicKey.from_public_bytes(ed)
    except ValueError:
        raise BadWire("bad signature") from None


_P = 2**255 - 19
_SMALL = {0, 1, _P - 1} | {
    int.from_bytes(bytes.fromhex(text), "little") & ((1 << 255) - 1)
    for text in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}


def check_point(point: bytes) -> None:
    """Refuse encodings that are not canonical or of small order."""
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    if len(point) != 32 or y >= _P or y in _SMALL:
        raise BadWire("a point that is not allowed")


SPKI_HEAD = bytes.fromhex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100")
SPKI_TAIL = bytes.fromhex("0203010001")
SPKI_BYTES = 422
"""An RSA key of 3072 bits as SPKI DER: SPKI_HEAD, its modulus (384 bytes), SPKI_TAIL."""


def check_spki(der: bytes) -> None:
    """An RSA public key of exactly 3072 bits with e = 65537, as SPKI DER (422 bytes)."""
    if not (
        len(der) == SPKI_BYTES
        and der.startswith(SPKI_HEAD)
        and der.endswith(SPKI_TAIL)
        and der[len(SPKI_HEAD)] & 0x80
    ):
        raise BadWire("not an RSA-3072 public key")
