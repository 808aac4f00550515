"""The content of a decrypted message: UTF-8 JSON, not canonical, unknown keys ignored."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from sotto.protocol.encoding import (
    Check,
    WireError,
    b64_of,
    hash64,
    ident,
    integer,
    pair,
    strict_json,
    utf8,
)

_LONGEST_EMOJI = 64  # UTF-16 units
_PICTURE = (
    "[\U0001f000-\U0001fbff\u203c\u2049\u2139\u3030\u303d\x00]"
    "[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
)
"""A picture with its colour; U+0000 stands for any other symbol."""
_REACTION = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\u20e3|{_PICTURE}(?:\u200d{_PICTURE}){{0,9}}"
)


def reaction_key(emoji: str) -> str:
    """The reaction that a text stands for; "" if it is not one emoji.

    Emoji that differ only in their presentation, U+FE0E or U+FE0F, are one.
    """
    key = re.sub("[\ufe0e\ufe0f]", "", emoji)
    if "\x00" in key or len(key.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST_EMOJI:
        return ""
    shape = "".join("\x00" if _is_symbol(char) else char for char in key)
    return key if _REACTION.fullmatch(shape) else ""


def _is_symbol(char: str) -> bool:
    """True for a symbol outside of the blocks of emoji, such as a heart."""
    outside = not "\U0001f000" <= char <= "\U0001fbff"
    return char > "\xa8" and outside and unicodedata.category(char) in ("So", "Sm")


def _text(value: Any) -> None:
    if type(value) is not str or any("\ud800" <= char <= "\udfff" for char in value):
        raise WireError("not text")


def _list_of(check: Check, low: int = 0, high: int | None = None) -> Check:
    """A check for lists of `low` to `high` items (None: no limit)."""

    def every(value: Any) -> None:
        if type(value) is not list or len(value) < low or (high is not None and len(value) > high):
            raise WireError("not a list")
        for item in value:
            check(item)

    return every


def _shape(required: dict[str, Check], optional: dict[str, Check]) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        if type(value) is not dict:
            raise WireError("not an object")
        for key, inner in required.items():
            inner(value.get(key))
        for key, inner in optional.items():
            if key in value:
                inner(value[key])

    return check


REF = pair(integer(1), hash64)
"""A reference to a message: [seq, id]."""
_FLAG = integer(0, 1)
_THUMB = _shape(
    {
        "id": ident,
        "key": b64_of(32),
        "size": integer(),
        "type": _text,
        "sha": hash64,
        "w": integer(),
        "h": integer(),
    },
    {},
)
FILE = _shape(
    {
        "id": ident,
        "key": b64_of(32),
        "size": integer(),
        "name": _text,
        "type": _text,
        "sha": hash64,
    },
    {"w": integer(), "h": integer(), "ms": integer(), "thumb": _THUMB},
)
_SHAPES: dict[str, Check] = {
    "text": _shape(
        {"body": _text},
        {"re": REF, "at": _list_of(ident), "files": _list_of(FILE)},
    ),
    "edit": _shape({"of": REF, "body": _text}, {"at": _list_of(ident)}),
    "delete": _shape({"of": _list_of(REF, 1)}, {}),
    "react": _shape({"of": REF, "emoji": _text, "on": _FLAG}, {}),
    "pin": _shape({"of": REF, "on": _FLAG}, {}),
    "poll": _shape({"body": _text, "options": _list_of(_text, 2, 20), "multi": _FLAG}, {}),
    "vote": _shape({"of": REF, "picks": _list_of(integer())}, {}),
}
_CHANGES = ("edit", "react", "pin", "vote")


def refs_of(content: Mapping[str, Any]) -> list[list[Any]]:
    """References to the messages that a content changes, which the frame's `re` must name. A reply
    changes nothing.
    """
    if content.get("t") == "delete":
        return list(content["of"])
    return [content["of"]] if content.get("t") in _CHANGES else []


def file_ids(content: Mapping[str, Any]) -> list[str]:
    """The ids of all files that a content names: attachments and their smaller pictures."""
    files = content.get("files", []) if content.get("t") == "text" else []
    return [id_ for file in files for id_ in (file["id"], file.get("thumb", {}).get("id")) if id_]


def searchable_text(content: Mapping[str, Any]) -> str:
    """All words by which a content can be found, on lines of their own: its text, the names of its
    files, the options of its poll.
    """
    files = content.get("files", []) if content.get("t") == "text" else []
    options = content.get("options", []) if content.get("t") == "poll" else []
    lines = [content.get("body", ""), *(file["name"] for file in files), *options]
    return "\n".join(line for line in lines if isinstance(line, str) and line)


def is_known(content: Mapping[str, Any]) -> bool:
    """True if this version knows this type of content."""
    return content.get("t") in _SHAPES


def write_content(content: Mapping[str, Any]) -> bytes:
    """Serialise a content.

    Raises:
        WireError: readers would refuse it.
    """
    _check(content)
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def read_content(plain: bytes) -> dict[str, Any]:
    """Parse a content; unknown types pass.

    Raises:
        WireError: it is malformed.
    """
    value = strict_json(utf8(plain))
    _check(value)
    found: dict[str, Any] = value
    return found


def _check(value: Any) -> None:
    if not isinstance(value, dict):
        raise WireError("not a content")
    _text(value.get("t"))
    if value["t"] in _SHAPES:
        _SHAPES[value["t"]](value)
