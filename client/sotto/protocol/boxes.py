"""Derived keys, padding, and boxes: AES-256-GCM bound to a type and a context."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sotto.protocol.encoding import Random, WireError, b64, encode_body, unb64
from sotto.protocol.signing import pae

KEY_BYTES = 32
IV_BYTES = 12
TAG_BYTES = 16
MAX_PLAIN = 65_535


def hkdf(ikm: bytes, salt: bytes, info: str, size: int = 32) -> bytes:
    """HKDF-SHA-256; `info` is ASCII."""
    return HKDF(SHA256(), size, salt, info.encode("ascii")).derive(ikm)


def padded_size(size: int) -> int:
    """The padded size of `size` bytes: a multiple of 64 up to 1024, then powers of two."""
    if size > MAX_PLAIN:
        raise WireError("too long to pad")
    if size < 1024:
        return (size // 64 + 1) * 64
    return 1 << size.bit_length()


def pad(plain: bytes) -> bytes:
    """Pad a plaintext: plain ‖ 80 ‖ 00 … 00."""
    return (plain + b"\x80").ljust(padded_size(len(plain)), b"\0")


def unpad(padded: bytes) -> bytes:
    """The inverse of `pad`.

    Raises:
        WireError: `pad` does not return this.
    """
    plain = padded.rstrip(b"\0")
    if not plain.endswith(b"\x80") or pad(plain[:-1]) != padded:
        raise WireError("bad padding")
    return plain[:-1]


def gcm_seal(key: bytes, iv: bytes, plain: bytes, aad: bytes) -> bytes:
    """Ciphertext ‖ tag."""
    return AESGCM(key).encrypt(iv, plain, aad)


def gcm_open(key: bytes, iv: bytes, ct: bytes, aad: bytes) -> bytes:
    """Decrypt.

    Raises:
        WireError: key, context or bytes differ from those it was sealed with.
    """
    if len(key) != KEY_BYTES or len(iv) != IV_BYTES or len(ct) < TAG_BYTES:
        raise WireError("a box of the wrong size")
    try:
        return AESGCM(key).decrypt(iv, ct, aad)
    except InvalidTag:
        raise WireError("a box that does not open") from None


def seal(
    key: bytes, type_: str, ctx: Mapping[str, Any], plain: bytes, random: Random = os.urandom
) -> str:
    """box(key, type, ctx, plain), b64."""
    iv = random(IV_BYTES)
    return b64(iv + gcm_seal(key, iv, plain, _aad(type_, ctx)))


def open_box(key: bytes, type_: str, ctx: Mapping[str, Any], box: Any) -> bytes:
    """The inverse of `seal`, for the same key, type and context.

    Raises:
        WireError: it does not open.
    """
    raw = unb64(box)
    return gcm_open(key, raw[:IV_BYTES], raw[IV_BYTES:], _aad(type_, ctx))


def _aad(type_: str, ctx: Mapping[str, Any]) -> bytes:
    return pae(type_, encode_body(ctx).encode("ascii"))
