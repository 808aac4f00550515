"""Blind search tokens of version 1: keyed hashes of words (docs/protocol.md, "Search")."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from sotto.protocol.boxes import KEY_BYTES
from sotto.protocol.encoding import WireError

_DROPPED = (
    "a an and are as at be but by for from has have he i in is it its not of on or she that the "
    "they this to was we were will with you"
)
DROPPED = frozenset(_DROPPED.split())
MAX_WORDS = 256
STEP = 8

_MARKS = re.compile("[\u0300-\u036f]")
_PAIRED = re.compile(
    "([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]+)"
)


class Term(NamedTuple):
    """`term` is what is hashed, `text` the whole word or beginning (`prefix`) to find."""

    term: str
    text: str
    prefix: bool = False

    def fits(self, word: str) -> bool:
        """True if a folded word matches."""
        return word.startswith(self.text) if self.prefix else word == self.text


def fold(text: str) -> str:
    """Text in the form that is compared, without accents and case."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()
    return unicodedata.normalize("NFKC", bare.replace("ß", "ss").replace("ς", "σ"))


def words(text: str) -> dict[str, bool]:
    """The first 256 distinct words, in order; whether each is (part of) a pair."""
    found: dict[str, bool] = {}
    for word, pair in words_in(text):
        found.setdefault(word, pair)
    return dict(islice(found.items(), MAX_WORDS))


def words_in(text: str) -> Iterator[tuple[str, bool]]:
    """Every word of a text, with repetitions."""
    return ((word, pair) for word, pair in _split(fold(text)) if word not in DROPPED)


def terms(text: str) -> list[str]:
    """The terms of a text: its words, and their first 3, 4 and 5 letters."""
    found: dict[str, None] = {}
    for word, pair in words(text).items():
        found[f"w:{word}"] = None
        for size in () if pair else (3, 4, 5):
            if len(word) >= size:
                found[f"p:{word[:size]}"] = None
    return list(found)


def token(key: bytes, term: str) -> int:
    """The first 24 bits of the term's HMAC under a search key."""
    return int.from_bytes(hmac_sha256(key, term.encode("utf-8"))[:3], "big")


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 under a key of 32 bytes.

    Raises:
        WireError: the key has another size.
    """
    if len(key) != KEY_BYTES:
        raise WireError("a key of the wrong size")
    return hmac.digest(key, message, "sha256")


def query_terms(text: str) -> list[Term]:
    """The terms of a query. Its last word counts as a beginning if it has 3 letters."""
    found = list(words(text).items())
    asked = [Term(f"w:{word}", word) for word, _ in found[:-1]]
    for word, pair in found[-1:]:
        prefix = not pair and len(word) >= 3
        asked.append(Term(f"p:{word[:5]}" if prefix else f"w:{word}", word, prefix))
    return asked


def _split(text: str) -> Iterator[tuple[str, bool]]:
    for run in _runs(text):
        for part in filter(None, _PAIRED.split(run)):
            if not _PAIRED.fullmatch(part):
                yield part, False
            elif len(part) == 1:
                yield part, True
            else:
                yield from ((part[at : at + 2], True) for at in range(len(part) - 1))


def _runs(text: str) -> Iterator[str]:
    """The longest runs of letters, marks and numbers."""
    start: int | None = None
    for at, char in enumerate(text):
        inside = unicodedata.category(char)[0] in "LMN"
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            yield text[start:at]
            start = None
    if start is not None:
        yield text[start:]
