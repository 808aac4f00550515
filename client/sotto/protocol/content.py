"""The content of a decrypted message: UTF-8 JSON, not canonical, unknown keys ignored."""

from __future__ import annotations

import json
import re
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
_SIGNS = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u231a-\u231b\u2328"
    r"\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fe"
    r"\u2600-\u2604\u260e\u2611\u2614-\u2615\u2618\u261d\u2620\u2622-\u2623\u2626\u262a"
    r"\u262e-\u262f\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f-\u2660\u2663\u2665-\u2666"
    r"\u2668\u267b\u267e-\u267f\u2692-\u2697\u2699\u269b-\u269c\u26a0-\u26a1\u26a7"
    r"\u26aa-\u26ab\u26b0-\u26b1\u26bd-\u26be\u26c4-\u26c5\u26c8\u26ce-\u26cf\u26d1"
    r"\u26d3-\u26d4\u26e9-\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d"
    r"\u270f\u2712\u2714\u2716\u271d\u2721\u2728\u2733-\u2734\u2744\u2747\u274c\u274e"
    r"\u2753-\u2755\u2757\u2763-\u2764\u2795-\u2797\u27a1\u27b0\u27bf\u2934-\u2935"
    r"\u2b05-\u2b07\u2b1b-\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f004\U0001f0cf"
    r"\U0001f170-\U0001f171\U0001f17e-\U0001f17f\U0001f18e\U0001f191-\U0001f19a"
    r"\U0001f201-\U0001f202\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f250-\U0001f251"
    r"\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7ff\U0001f90c-\U0001f9ff"
    r"\U0001fa70-\U0001faff"
)
"""Characters that are emoji by themselves, with what is free for new ones in their blocks."""
_SKINNED = (
    r"\u261d\u26f9\u270a-\u270d\U0001f385\U0001f3c2-\U0001f3c4\U0001f3c7"
    r"\U0001f3ca-\U0001f3cc\U0001f442-\U0001f443\U0001f446-\U0001f450"
    r"\U0001f466-\U0001f478\U0001f47c\U0001f481-\U0001f483\U0001f485-\U0001f487"
    r"\U0001f48f\U0001f491\U0001f4aa\U0001f574-\U0001f575\U0001f57a\U0001f590"
    r"\U0001f595-\U0001f596\U0001f645-\U0001f647\U0001f64b-\U0001f64f\U0001f6a3"
    r"\U0001f6b4-\U0001f6b6\U0001f6c0\U0001f6cc\U0001f90c\U0001f90f\U0001f918-\U0001f91f"
    r"\U0001f926\U0001f930-\U0001f939\U0001f93c-\U0001f93e\U0001f977"
    r"\U0001f9b5-\U0001f9b6\U0001f9b8-\U0001f9b9\U0001f9bb\U0001f9cd-\U0001f9cf"
    r"\U0001f9d1-\U0001f9dd\U0001fac3-\U0001fac5\U0001faf0-\U0001faff"
)
"""People, hands and other parts of them, which have colours of skin."""
_PICTURE = rf"(?:[{_SKINNED}][\U0001f3fb-\U0001f3ff]|[{_SIGNS}])"
_REGION = (
    r"\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067"
    r"|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
"""The flags of England, Scotland and Wales."""
_REACTION = re.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\u20e3"
    rf"|{_REGION}|{_PICTURE}(?:\u200d{_PICTURE}){{0,9}}"
)


def reaction_key(emoji: str) -> str:
    """The reaction that a text stands for; "" if it is not one emoji.

    Emoji that differ only in their presentation, U+FE0E or U+FE0F, are one.
    """
    key = re.sub("[\ufe0e\ufe0f]", "", emoji)
    if len(key.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST_EMOJI:
        return ""
    return key if _REACTION.fullmatch(key) else ""


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
