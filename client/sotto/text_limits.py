"""What text of others may cost whoever reads it, as static/js/ui/limits.js has it for pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

CHARACTERS = 4000
"""Of a message, shown at once."""
LINES = 200
RUN = 500
"""A longer run of letters without a break may be broken there."""
MARKS = 8
"""Combining marks on one letter; what is more is one replacement character."""
NAME = 120
PREVIEW = 280
NEAR = 200

_LONG = re.compile(rf"\S{{{RUN}}}(?=\S)")


def fewer_marks(text: str) -> str:
    """The text without the marks that are too many on one letter."""
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
    """One line of a text, at most so many characters: for names and previews."""
    start = text[: most * 2]
    line = " ".join(fewer_marks(start).split())
    return f"{line[:most].rstrip()}…" if len(line) > most or len(start) < len(text) else line


def breakable(text: str) -> list[str]:
    """A text in parts between which a line may be broken, where it has no place of its own."""
    ends = [found.end() for found in _LONG.finditer(text)]
    return [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def pages(text: str) -> Iterator[str]:
    """A message in pages, each small enough to be shown at once; at least one."""
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
