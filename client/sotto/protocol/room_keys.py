"""Keys that derive from an epoch's key, and wrapping it to a person."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sotto.protocol.boxes import hkdf
from sotto.protocol.encoding import WireError, b64, encode_body, unb64
from sotto.protocol.signing import check_spki, pae

KEY_BYTES = 32
WRAP_BYTES = 384


def kcv(key: bytes, room: str, e: int) -> str:
    """The log's commitment to the key of epoch `e`, b64."""
    return b64(_derive(key, room, f"sotto/v1/kcv|{e}"))


def message_key(key: bytes, room: str, e: int, uid: str, dev: str, n: int) -> bytes:
    """The key of one message, so that a report reveals no other."""
    return _derive(key, room, f"sotto/v1/msg|{e}|{uid}|{dev}|{n}")


def profile_key(key: bytes, room: str, e: int) -> bytes:
    """The key that seals the room's profile; `key` is that of epoch `e`."""
    return _derive(key, room, f"sotto/v1/profile|{e}")


def escrow_key(key: bytes, room: str, e: int) -> bytes:
    """The key that seals the keys of open links; `key` is that of epoch `e`."""
    return _derive(key, room, f"sotto/v1/escrow|{e}")


def search_key(key: bytes, room: str, g: int) -> bytes:
    """`key` is that of epoch `g`, the search generation."""
    return _derive(key, room, f"sotto/v1/search|{g}")


def summary_key(keys: Sequence[bytes], room: str, a: int, b: int) -> bytes:
    """`keys` are those of epochs `a` … `b`, all of them."""
    if len(keys) != b - a + 1:
        raise WireError("not the keys of these epochs")
    return _derive(b"".join(keys), room, f"sotto/v1/summary|{a}|{b}")


def wrap_key(key: bytes, room: str, e: int, to: str, spki: bytes) -> str:
    """The epoch's key, encrypted to the identity `to` whose RSA key is `spki`: ct, b64."""
    return b64(oaep_seal(spki, wrap_label(room, e, to), key))


def unwrap_key(ct: str, room: str, e: int, to: str, rsa: RSAPrivateKey, commitment: str) -> bytes:
    """Open a wrap.

    Raises:
        WireError: it does not open, or is not the key that the log committed to.
    """
    key = oaep_open(rsa, wrap_label(room, e, to), unb64(ct, WRAP_BYTES))
    return check_key(key, room, e, commitment)


def oaep_seal(spki: bytes, label: bytes, secret: bytes) -> bytes:
    """`secret` under RSA-OAEP with a label."""
    check_spki(spki)
    public = load_der_public_key(spki)
    assert isinstance(public, RSAPublicKey)
    return public.encrypt(secret, _oaep(label))


def oaep_open(rsa: RSAPrivateKey, label: bytes, ct: bytes) -> bytes:
    """The inverse of `oaep_seal`.

    Raises:
        WireError: it does not open.
    """
    try:
        return rsa.decrypt(ct, _oaep(label))
    except ValueError:
        raise WireError("a wrap that does not open") from None


def check_key(key: bytes, room: str, e: int, commitment: str) -> bytes:
    """Check a key against the log's commitment (kcv) to epoch `e`; returns the key.

    Raises:
        WireError: it is another key.
    """
    if len(key) != KEY_BYTES or kcv(key, room, e) != commitment:
        raise WireError("a key that the log does not know")
    return key


def wrap_label(room: str, e: int, to: str) -> bytes:
    """The OAEP label, which binds a wrap to room, epoch and recipient."""
    return pae("wrap", encode_body({"v": 1, "room": room, "e": e, "to": to}).encode("ascii"))


def _oaep(label: bytes) -> OAEP:
    return OAEP(MGF1(SHA256()), SHA256(), label)


def _derive(key: bytes, room: str, info: str) -> bytes:
    return hkdf(key, bytes.fromhex(room), info)
