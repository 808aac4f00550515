"""Hashes and signatures over typed bytes, and key checks on which implementations disagree."""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sotto.protocol.encoding import WireError, b64, unb64

_P = 2**255 - 19
_SIGN_BIT = 1 << 255
_SMALL = {0, 1, _P - 1} | {
    int.from_bytes(bytes.fromhex(text), "little") % _SIGN_BIT
    for text in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
}
SPKI_BYTES = 422
_SPKI_HEAD = bytes.fromhex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100")
_SPKI_TAIL = bytes.fromhex("0203010001")


def pae(type_: str, body: bytes) -> bytes:
    """DSSE's pre-authentication encoding, under the type `sotto/v1/<type_>`."""
    name = b"sotto/v1/" + type_.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def digest(type_: str, body: bytes) -> bytes:
    """H(type, body): 32 bytes."""
    return sha256(pae(type_, body)).digest()


def hash64(type_: str, body: bytes | str) -> str:
    """H(type, body) as b64: 43 characters. Text is ASCII."""
    return b64(digest(type_, body.encode("ascii") if isinstance(body, str) else body))


def sign(key: Ed25519PrivateKey, type_: str, body: bytes | str) -> str:
    """A signature over the PAE of `body`: 86 characters."""
    return b64(key.sign(pae(type_, body.encode("ascii") if isinstance(body, str) else body)))


def verify(ed: bytes, type_: str, body: bytes | str, sig: str) -> None:
    """Verify a signature by the raw public key `ed`.

    Raises:
        WireError: it is not valid.
    """
    message = pae(type_, body.encode("ascii") if isinstance(body, str) else body)
    verify_bytes(ed, message, unb64(sig, 64))


def verify_bytes(ed: bytes, message: bytes, raw: bytes) -> None:
    """Verify a signature over bytes without a type. The protocol signs nothing in this way."""
    check_point(ed)
    check_point(raw[:32])
    try:
        Ed25519PublicKey.from_public_bytes(ed).verify(raw, message)
    except (InvalidSignature, ValueError):
        raise WireError("a bad signature") from None


def check_point(point: bytes) -> None:
    """Require a canonical encoding of a point of large order.

    Raises:
        WireError: it is another.
    """
    y = int.from_bytes(point, "little") % _SIGN_BIT
    if len(point) != 32 or y >= _P or y in _SMALL:
        raise WireError("a point that is not allowed")


def check_spki(der: bytes) -> None:
    """Require an RSA public key of exactly 3072 bits with e = 65537.

    Raises:
        WireError: it is another.
    """
    if not (
        len(der) == SPKI_BYTES
        and der.startswith(_SPKI_HEAD)
        and der.endswith(_SPKI_TAIL)
        and der[len(_SPKI_HEAD)] & 0x80
    ):
        raise WireError("not an RSA-3072 key")


def rsa_key_id(spki: str) -> str:
    """The id of an RSA key (SPKI, b64): the b64 SHA-256 of its DER.

    Raises:
        WireError: it is not such a key.
    """
    der = unb64(spki, SPKI_BYTES)
    check_spki(der)
    return b64(sha256(der).digest())
