"""Words that were probably meant. static/js/conversation/search/spelling.js has the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sotto.protocol.search_query import Query
from sotto.protocol.search_text import Atom, read

SHORTEST = 4  # letters of a word that is corrected
LONG = 8  # letters from which on two errors are corrected
MOST = 3  # suggestions


def suggestions(query: Query, texts: Iterable[str]) -> list[str]:
    """Other words that a query may have meant, nearest first: each suggestion is the
    text of the query with other words, all of which are among those of the texts.
    """
    known: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for text in texts:
        for atom in read(text).atoms:
            if not atom.apart and not atom.dropped:
                known[atom.text] += 1
                spelled.setdefault(atom.text, atom.plain)
    return _rewritten(query, known, spelled)


def _rewritten(query: Query, known: Counter[str], spelled: dict[str, str]) -> list[str]:
    found = [query.text]
    for item in query.items:
        atom = item.atoms[0]
        if item.quoted or len(item.atoms) > 1 or not _unknown(atom, item.prefix, known):
            continue
        near = _nearest(atom.text, known)
        found = [text.replace(item.source, spelled[word]) for text in found for word in near]
        found = found[:MOST]
    return [text for text in found if text != query.text]


def _unknown(atom: Atom, prefix: bool, known: Counter[str]) -> bool:
    if atom.apart or len(atom.text) < SHORTEST or atom.text in known:
        return False
    return not (prefix and any(word.startswith(atom.text) for word in known))


def _nearest(word: str, known: Counter[str]) -> list[str]:
    most = 2 if len(word) >= LONG else 1
    near = [
        (distance(word, other, most), -known[other], other)
        for other in known
        if abs(len(other) - len(word)) <= most
    ]
    return [other for far, _, other in sorted(near) if far <= most][:MOST]


def distance(a: str, b: str, most: int) -> int:
    """The number of letters that are wrong, missing, too many or exchanged with the next; `most`
    + 1 if there are more.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            far = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                far = min(far, older[j - 2] + 1)
            row.append(far)
        if min(row) > most:
            return most + 1
    return row[-1]
