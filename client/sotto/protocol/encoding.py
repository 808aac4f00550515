"""Encodings: base64url, ids and signed bodies (docs/protocol.md, "Encodings")."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
MAX_BODY = 4096
MAX_INT = 2**53 - 1

Random = Callable[[int], bytes]
"""Returns that many random bytes: os.urandom, except where test vectors are made."""
Check = Callable[[Any], None]
"""Raises WireError if the value is not allowed."""
Schema = Mapping[str, Check]
"""The keys of an object, in order, with the check of each value."""

_B64 = re.compile(r"[A-Za-z0-9_-]*")
_ID = re.compile(r"[0-9a-f]{32}")
_STRING = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
_NAME = re.compile(r"[a-z0-9_.-]{3,32}")


class WireError(ValueError):
    """Data that the protocol does not allow. Its text is constant and never quotes the data."""


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any, size: int | None = None) -> bytes:
    """Decode base64url strictly.

    Args:
        size: the exact number of bytes, if it is known.

    Raises:
        WireError: `text` is not the one encoding of such bytes.
    """
    if type(text) is not str or not _B64.fullmatch(text) or len(text) % 4 == 1:
        raise WireError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text:  # bits left over in the last character
        raise WireError("not base64url")
    if size is not None and len(data) != size:
        raise WireError("base64url of the wrong length")
    return data


def new_id(random: Random) -> str:
    """A random id: 16 bytes as 32 hex characters."""
    return random(16).hex()


def utf8(data: bytes) -> str:
    """Decode UTF-8 strictly.

    Raises:
        WireError: invalid bytes, or a byte order mark.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise WireError("not UTF-8") from None
    if text.startswith("\ufeff"):
        raise WireError("a byte order mark")
    return text


def strict_json(text: str) -> Any:
    """Parse JSON without NaN and Infinity.

    Of a duplicate key the last one counts, as in browsers; otherwise two clients would read one
    message differently. Signed bodies must be canonical, so they have none.

    Raises:
        WireError: it is not JSON.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_number, parse_float=_number)
        text.encode("utf-8")
    except (ValueError, RecursionError):
        raise WireError("not JSON") from None
    return value


def _number(text: str) -> int | float:
    """As browsers parse it: 1.0 is 1, and long numbers are rounded."""
    if len(text) <= 16 and text.lstrip("-").isdigit() and abs(int(text)) <= MAX_INT:
        return int(text)
    value = float(text)
    return int(value) if value.is_integer() else value


def _refuse(_: str) -> NoReturn:
    raise WireError("not JSON")


def field_of(value: Any, key: str, kind: type[T]) -> T:
    """`value[key]` of a server's answer, which must be exactly of that type.

    Raises:
        WireError: it is missing or of another type.
    """
    found = value.get(key) if type(value) is dict else None
    if type(found) is not kind:
        raise WireError("an answer of another shape")
    return found


# --- signed bodies ------------------------------------------------------------------------------


def encode_body(value: Mapping[str, Any]) -> str:
    """The text of a signed body, with its keys in the given order.

    Raises:
        WireError: a value is not allowed in a body, or it is too long.
    """
    _check_plain(value)
    text = _compact(value)
    if len(text) > MAX_BODY:
        raise WireError("a body too long")
    return text


def parse_any(text: Any) -> dict[str, Any]:
    """The object in a signed body of any schema.

    The text must be exactly what `encode_body` returns for that object. Comparing texts alone is
    not enough: NaN, 1.0 and integers beyond 2^53 survive a round trip in some languages.

    Raises:
        WireError: it is not canonical.
    """
    if type(text) is not str or len(text) > MAX_BODY or not text.isascii():
        raise WireError("not a body")
    value = strict_json(text)
    _check_plain(value)
    if type(value) is not dict or _compact(value) != text:
        raise WireError("not canonical")
    return value


def parse_body(text: Any, schema: Schema) -> dict[str, Any]:
    """The object in a signed body with exactly the keys of `schema`.

    Raises:
        WireError: it has another form.
    """
    value = parse_any(text)
    check_object(value, schema)
    return value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _check_plain(value: Any) -> None:
    if type(value) is str:
        string(value)
    elif type(value) is dict:
        for key, inner in value.items():
            string(key)
            _check_plain(inner)
    elif type(value) is list or type(value) is tuple:
        for inner in value:
            _check_plain(inner)
    else:
        integer()(value)


# --- checks of values ---------------------------------------------------------------------------


def check_object(value: Any, schema: Schema) -> None:
    """Require exactly these keys, in this order, and each value to pass its check."""
    if type(value) is not dict or list(value) != list(schema):
        raise WireError("the wrong keys")
    for key, check in schema.items():
        check(value[key])


def obj(schema: Schema) -> Check:
    """A check for an object with exactly the schema's keys, in order."""
    return lambda value: check_object(value, schema)


def string(value: Any) -> None:
    """Printable ASCII without quotation mark and backslash."""
    if type(value) is not str or not _STRING.fullmatch(value):
        raise WireError("not a string")


def integer(low: int = 0, high: int = MAX_INT) -> Check:
    """A check for integers from `low` to `high`. True and 1.0 are refused."""

    def check(value: Any) -> None:
        if type(value) is not int or not low <= value <= high:
            raise WireError("not an integer in range")

    return check


def one_of(*allowed: str | int) -> Check:
    """A check for exactly one of these values, of the same type."""

    def check(value: Any) -> None:
        if not any(type(value) is type(item) and value == item for item in allowed):
            raise WireError("not an allowed value")

    return check


def b64_of(size: int) -> Check:
    """base64url of exactly `size` bytes."""

    def check(value: Any) -> None:
        unb64(value, size)

    return check


def or_empty(inner: Check) -> Check:
    """A check for the empty text or a value that passes `inner`."""

    def check(value: Any) -> None:
        if type(value) is not str or value != "":
            inner(value)

    return check


def pair(first: Check, second: Check) -> Check:
    """An array of exactly two."""

    def check(value: Any) -> None:
        if type(value) is not list or len(value) != 2:
            raise WireError("not a pair")
        first(value[0])
        second(value[1])

    return check


def ident(value: Any) -> None:
    """An id: 16 bytes as 32 hex characters."""
    if type(value) is not str or not _ID.fullmatch(value):
        raise WireError("not an id")


def user_name(value: Any) -> None:
    """A user name, as accounts have it."""
    if type(value) is not str or not _NAME.fullmatch(value):
        raise WireError("not a user name")


hash64: Check = b64_of(32)
sig64: Check = b64_of(64)
