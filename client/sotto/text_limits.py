"""Limits on what other people's text may cost to display; static/js/ui/limits.js has the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

CHARACTERS = 4000
"""The most of a message that is shown at once."""
LINES = 200
RUN = 500
"""Longer runs without white space get a break."""
MARKS = 8
"""The most combining marks on one letter; further ones become one replacement character."""
NAME = 120
PREVIEW = 280
NEAR = 200

_LONG = re.compile(rf"\S{{{RUN}}}(?=\S)")


def fewer_marks(text: str) -> str:
    """The text without excess combining marks."""
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= MARKS:
            kept.append(char)
        elif marks == MARKS + 1:
            kept.append("\ufffd")
    return "".join(kept)


def brief(text: str, most: int = NAME) -> str:
    """A text as one line of at most `most` characters, for names and previews."""
    start = text[: most * 2]
    line = " ".join(fewer_marks(start).split())
    return f"{line[:most].rstrip()}…" if len(line) > most or len(start) < len(text) else line


def breakable(text: str) -> list[str]:
    """A text in parts, between which a line may break."""
    ends = [found.end() for found in _LONG.finditer(text)]
    return [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def pages(text: str) -> Iterator[str]:
    """A message in pages of at most CHARACTERS characters and LINES lines; at least one."""
    begin = 0
    while True:
        end = _page_end(text, begin)
        yield text[begin:end]
        begin = end
        if begin >= len(text):
            return


def _page_end(text: str, begin: int) -> int:
    end = begin
    for _ in range(LINES):
        found = text.find("\n", end, begin + CHARACTERS)
        if found < 0:
            break
        end = found + 1
    else:
        return end
    limit = begin + CHARACTERS
    if len(text) <= limit:
        return len(text)
    near = max(text.rfind("\n", begin, limit), text.rfind(" ", begin, limit)) + 1
    return near if near > limit - NEAR else limit
