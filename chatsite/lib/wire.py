"""Encodings of the protocol, as far as the server must read them (docs/protocol.md, "Encodings").

The server checks shapes and never decrypts: nothing here can open a box. Hashes and signatures are
in `signatures`.
Bodies travel, are checked and are stored as the text that was signed; nothing re-serialises
one to store it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

MAX_BODY = 4096
MAX_INT = 2**53 - 1
HASH_CHARS = 43
SIG_CHARS = 86
IV_AND_TAG = 12 + 16
KEY_BOX = IV_AND_TAG + 32  # bytes of a sealed key
RSA_BYTES = 384  # of a wrap
PADDED_BOXES = frozenset(
    IV_AND_TAG + size for size in (*range(64, 1025, 64), *(1 << k for k in range(11, 17)))
)
"""The sizes, in bytes, of boxes whose plaintext is padded."""

Check = Callable[[Any], None]
Schema = tuple[tuple[str, Check], ...]


class BadWire(ValueError):
    """Bytes that the protocol does not allow. The text is constant: it never quotes the input."""


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any, size: int | None = None) -> bytes:
    """Strict inverse of `b64`: alphabet, no padding, no stray bits; `size` in bytes if given."""
    if type(text) is not str or not _B64.fullmatch(text) or len(text) % 4 == 1:
        raise BadWire("not base64url")
    if text and text[-1] not in _LAST[len(text) % 4]:
        raise BadWire("not base64url of this length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if size is not None and len(data) != size:
        raise BadWire("not base64url of this length")
    return data


_B64 = re.compile(r"[A-Za-z0-9_-]*")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST = {0: _ALPHABET, 2: _ALPHABET[::16], 3: _ALPHABET[::4]}
"""Last characters without stray bits, by the length modulo 4."""
_ID = re.compile(r"[0-9a-f]{32}")
_STRING = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[a-z0-9_.-]{3,32}")


# --- values of a signed body -------------------------------------------------------------


def integer(low: int = 0, high: int = MAX_INT) -> Check:
    """A check for a whole number within `low` … `high`; booleans and 1.0 are not integers."""

    def check(value: Any) -> None:
        if type(value) is not int or not low <= value <= high:
            raise BadWire("not an integer in range")

    return check


_any_integer = integer()


def one_of(*allowed: str | int) -> Check:
    """A check for exactly one of these values, of the same type."""

    def check(value: Any) -> None:
        if not any(type(value) is type(item) and value == item for item in allowed):
            raise BadWire("not one of the allowed values")

    return check


def b64_of(size: int) -> Check:
    """A check for base64url of exactly `size` bytes."""

    def check(value: Any) -> None:
        unb64(value, size)

    return check


def or_empty(inner: Check) -> Check:
    """A check for the empty text or a value that passes `inner`."""

    def check(value: Any) -> None:
        if value != "":
            inner(value)

    return check


def pair(first: Check, second: Check) -> Check:
    """A check for a JSON array of exactly two."""

    def check(value: Any) -> None:
        if type(value) is not list or len(value) != 2:
            raise BadWire("not a pair")
        first(value[0])
        second(value[1])

    return check


def obj(schema: Schema) -> Check:
    """A check for a nested object with exactly these keys in this order."""

    def check(value: Any) -> None:
        check_object(value, schema)

    return check


def ident(value: Any) -> None:
    """16 bytes as 32 lower-case hex characters."""
    if type(value) is not str or not _ID.fullmatch(value):
        raise BadWire("not an id")


def user_name(value: Any) -> None:
    """Check a user name. Raises BadWire."""
    if type(value) is not str or not _NAME.fullmatch(value):
        raise BadWire("not a user name")


hash64: Check = b64_of(32)
sig64: Check = b64_of(64)


# --- signed bodies -------------------------------------------------------------------------


def parse_body(text: Any, schema: Schema) -> dict[str, Any]:
    """The object in a signed body, or BadWire.

    Checks ASCII, length, exact keys in order and every value, then serialises again and
    compares: each test alone lets something through (NaN, 1.0, duplicate keys, white space).
    """
    value = loads(text)
    check_object(value, schema)
    return value


def loads(text: Any) -> Any:
    """Any canonical body as JSON, its schema still unchecked."""
    if type(text) is not str or len(text) > MAX_BODY or not text.isascii():
        raise BadWire("not a signed body")
    value = strict_json(text)
    if encode(value) != text:
        raise BadWire("not in canonical form")
    _check_plain(value)
    return value


def _check_plain(value: Any) -> None:
    """Checks the values of any body, whatever its schema, even one of a newer version."""
    if type(value) is dict:
        for key, inner in value.items():
            _check_plain(key)
            _check_plain(inner)
    elif type(value) is list:
        for inner in value:
            _check_plain(inner)
    elif type(value) is not str:
        _any_integer(value)
    elif not _STRING.fullmatch(value):
        raise BadWire("a character that is not allowed")


def strict_json(text: str) -> Any:
    """JSON without NaN, floats or duplicate keys, which Python's parser lets through."""
    try:
        return _DECODER.decode(text)
    except BadWire:
        raise
    except (ValueError, RecursionError):
        raise BadWire("not JSON") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadWire("a key stands twice")
    return value


def _refuse(_: str) -> Any:
    raise BadWire("not an integer")


# Made once: `json.dumps` and `json.loads` would make one for each call.
encode = json.JSONEncoder(separators=(",", ":")).encode
"""The canonical form of a body, and the form of everything that the server sends over the socket:
ASCII, without white space."""
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)


def check_object(value: Any, schema: Schema) -> None:
    """Check that `value` has exactly the schema's keys, in order, with allowed values.

    Raises:
        BadWire: a key is missing, unknown or out of order, or a value is not allowed.
    """
    if type(value) is not dict or len(value) != len(schema):
        raise BadWire("wrong keys")
    for (key, check), (found, item) in zip(schema, value.items(), strict=True):
        if found != key:
            raise BadWire("wrong keys")
        if type(item) is str and not _STRING.fullmatch(item):
            raise BadWire("a character that is not allowed")
        check(item)


def decode_json(raw: bytes) -> Any:
    """A request body: UTF-8, strict JSON, text that databases take; BadWire otherwise."""
    try:
        value = strict_json(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadWire("not UTF-8") from None
    if b"\\u" in raw:  # the only way for such characters to get in
        _check_texts(value)
    return value


def _check_texts(value: Any) -> None:
    """No NUL and no half of a surrogate pair: PostgreSQL stores neither."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            waiting += [*one, *one.values()]
        elif type(one) is list:
            waiting += one
        elif type(one) is str and _UNSTORABLE.search(one):
            raise BadWire("a character that is not allowed")
