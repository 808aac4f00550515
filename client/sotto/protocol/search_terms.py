"""Blind search tokens of version 2, which hold those of version 1 (docs/protocol.md, "Search")."""

from __future__ import annotations

import os
from typing import NotRequired, TypedDict

from sotto.protocol import search_tokens as version_1
from sotto.protocol.encoding import Random
from sotto.protocol.search_text import Text, read
from sotto.protocol.search_tokens import STEP, token

VERSION = 2
MOST_TOKENS = 4096
FREE_TOKENS, TOKENS_PER_BYTE = 1024, 2
BEGINNINGS = (3, 4, 5)


class Tokens(TypedDict):
    """`t`: 24-bit tokens under the search key of generation `g`, distinct and ascending; `v` is
    their version, 1 if it is left out.
    """

    g: int
    t: list[int]
    v: NotRequired[int]


def words_of(text: Text) -> dict[str, bool]:
    """The distinct words of a text, in order; whether each is apart: without beginnings.

    Characters of scripts without spaces are taken in pairs. Single ones are not terms: they are so
    few that their frequencies would reveal them.
    """
    found: dict[str, bool] = {}
    for at, atom in enumerate(text.atoms):
        following = text.atoms[at + 1] if at + 1 < len(text.atoms) else None
        if not atom.paired:
            if not atom.dropped:
                found.setdefault(atom.text, atom.apart)
        elif following is not None and following.glued:
            found.setdefault(atom.text + following.text, True)
    for joined in text.joined:
        found.setdefault(joined.text, False)
    return found


def terms(text: str) -> list[str]:
    """The terms of a text: its words, then their first 3, 4 and 5 letters."""
    words = words_of(read(text))
    found = {f"w:{word}": None for word in words}
    for word, apart in words.items():
        for size in () if apart else BEGINNINGS:
            if len(word) >= size:
                found[f"p:{word[:size]}"] = None
    return list(found)


def tokens_for(key: bytes, text: str, g: int, random: Random = os.urandom) -> Tokens:
    """The tokens of a message, filled up with random ones to a multiple of 8. Of a message with
    more words than fit, those of the first ones.
    """
    every = dict.fromkeys([*version_1.terms(text), *terms(text)])
    ordered = sorted(every, key=lambda term: term.startswith("p:"))
    most = min(MOST_TOKENS, FREE_TOKENS + TOKENS_PER_BYTE * len(text.encode()))
    found = {token(key, term) for term in ordered[:most]}
    size = -(-len(found) // STEP) * STEP
    while len(found) < size:
        found.add(int.from_bytes(random(3), "big"))
    return {"g": g, "t": sorted(found), "v": VERSION}
