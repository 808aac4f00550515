"""Names that others gave, made safe to show; static/js/ui/people/names.js has the same."""

from __future__ import annotations

import re
import unicodedata

from sotto.text_limits import NAME, brief, fewer_marks

ENDING = 16  # characters of a file's ending, and of the end of a name that is cut
_SPACE = re.compile(r"[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for code in range(0x180B, 0x1810)
}
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_JOINERS = frozenset(map(chr, (0x200C, 0x200D, *range(0xE0020, 0xE0080))))
"""They stay in names: Persian words and many emoji need them, and the flags of regions."""


def is_invisible(text: str) -> bool:
    """True if a text shows nothing: it is empty, or all its characters are invisible."""
    return all(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
        or char in _SHAPELESS
        or char in _SELECTORS
        for char in text
    )


def visible(text: str) -> str:
    """A text whose hidden characters are written out: U+202E becomes `[U+202E]`."""
    return "".join(f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in text)


def safe_name(name: str, most: int = NAME) -> str:
    """The name of a file, a room or a person as one short line that shows what it contains."""
    return brief(visible(_SPACE.sub(" ", name)), most)


def file_name(name: str) -> tuple[str, str]:
    """The name of a file in two parts; the second, its ending, is shown whole and last. Dots and
    spaces at the end make no other ending. Of a long name without one the last characters count.
    """
    safe = fewer_marks(visible(_SPACE.sub(" ", name).strip(" ")))
    bare = safe.rstrip(". ")
    dot = bare.rfind(".")
    if dot > 0 and len(bare) - dot <= ENDING:
        return brief(bare[:dot]), brief(safe[dot:], ENDING)
    if len(bare) <= NAME:
        return brief(safe), ""
    return brief(bare[:-ENDING]), bare[-ENDING:]


def _is_hidden(char: str) -> bool:
    if char in _SHAPELESS:
        return True
    kind = unicodedata.category(char)
    return kind in ("Cc", "Zl", "Zp") or (kind == "Cf" and char not in _JOINERS)
