"""Pictographs of people: a query finds them with and without sex and skin.

static/js/conversation/search/search-pictures.js has the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sotto.protocol.search_text import Atom, Run

PERSONS = frozenset("\U0001f468\U0001f469\U0001f9d1")
"""A man, a woman, a person: `👩‍💻` is one of them beside a computer."""
ANY_PERSON = "\U0001f9d1\u200d"
"""Stands for each of them in a query; no text has it, since invisible characters are dropped."""
_SEXES = frozenset("\u2640\u2642")
_BETWEEN = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]*")


def without_sex(plain: str, runs: Iterable[Run]) -> tuple[list[Run], set[int]]:
    """Runs of a query without the signs of sex in pictographs, and those (by their beginnings) that
    belong to the person before them.
    """
    kept: list[Run] = []
    held: set[int] = set()
    for run in runs:
        before = plain[kept[-1].start : kept[-1].end] if kept else ""
        together = len(before) == 1 and not before.isalnum() and _BETWEEN.fullmatch(run.sign)
        if together and plain[run.start] in _SEXES:
            continue
        if together and before in PERSONS and plain[run.start] not in PERSONS:
            held.add(run.start)
        kept.append(run)
    return kept, held


def with_any_person(atoms: Iterable[Atom], held: Iterable[int]) -> tuple[Atom, ...]:
    """Atoms of a query, of which each person to whom a pictograph belongs is any."""
    found: list[Atom] = []
    for atom in atoms:
        if atom.start in held and found:
            found[-1] = found[-1]._replace(text=ANY_PERSON)
        found.append(atom)
    return tuple(found)
