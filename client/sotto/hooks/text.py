"""The text of a message, from the body of a request that a program posted."""

from __future__ import annotations

import json
import re
from typing import Any

from sotto.names import is_invisible
from sotto.protocol.encoding import WireError, strict_json, utf8

FIELD = re.compile(r"\{([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\}")
"""A field of a template: `{build.status}`, `{commits.0.message}`."""
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
MOST = 8000  # characters of a message
MOST_FIELD = 2000  # characters of one field
DEFAULT = "{text}"


class NoText(Exception):
    """A body gives no message; the text says why, and quotes nothing."""


def text_of(body: bytes, media_type: str, template: str = "") -> str:
    """The message that a body stands for.

    Args:
        body: the request's body.
        media_type: `application/json`, for which the template counts, or `text/plain`.
        template: a text with fields, as `Build {number}: {status}`; a field names a value of the
            JSON object by its keys, separated by dots. By default `{text}`.

    Returns:
        At most MOST characters, without control characters.

    Raises:
        NoText: the body is malformed, or shows nothing.
    """
    try:
        found = utf8(body)
        if media_type == "application/json":
            found = filled(template or DEFAULT, strict_json(found))
    except WireError:
        raise NoText("The body is neither text in UTF-8 nor JSON.") from None
    text = _short(UNSAFE.sub("\ufffd", found.replace("\r\n", "\n")).strip(), MOST)
    if is_invisible(text):
        raise NoText("The body gives no text.")
    return text


def filled(template: str, value: Any) -> str:
    """A template with the fields of a JSON value in it. A field that is not there is left empty."""
    return FIELD.sub(lambda field: _shown(_at(value, field[1].split("."))), template)


def _at(value: Any, path: list[str]) -> Any:
    for key in path:
        if type(value) is dict:
            value = value.get(key)
        elif type(value) is list and key.isdecimal() and len(key) <= 6 and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if type(value) is str else json.dumps(value, ensure_ascii=False)
    return _short(text, MOST_FIELD)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
