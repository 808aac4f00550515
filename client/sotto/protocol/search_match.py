"""Comparing texts with queries: exact words, forms of words, and the order of the hits.

static/js/conversation/search/matching.js has the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from sotto.protocol.search_pictures import ANY_PERSON, PERSONS
from sotto.protocol.search_query import Counts, Item, Query, score
from sotto.protocol.search_text import Atom, Text
from sotto.protocol.stems import (
    beginning,
    languages_asked,
    languages_for,
    languages_of,
    relatives,
    same_stem,
)

T = TypeVar("T")
FORM = 0.4
"""The weight of a form of a word beside the word itself."""


class Tier(IntEnum):
    """How well a message fits: all words, all but very common ones, all words or forms of them, or
    most of them.
    """

    EXACT = 0
    NEAR = 1
    FORMS = 2
    MOST = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text fits a query. `exact` and `forms` count each unit of the query; `groups` is the
    number of groups that it has; `quoted` is true if it has all that the query quotes.
    """

    tier: Tier | None
    exact: list[int]
    forms: list[int]
    groups: int
    quoted: bool
    length: int

    @property
    def some(self) -> bool:
        """True if the text has any of the words, and all that are quoted."""
        return self.quoted and (any(self.exact) or any(self.forms))


class Matcher:
    """Compares texts with one query. `units` are the parts that are counted for the order."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.units = [unit for item in query.items for unit in units_of(item)]
        self._likely = languages_asked([atom for item in query.items for atom in item.atoms])
        self._beginnings: dict[Atom, str] = {}
        self._relatives: dict[Atom, dict[str, set[str]]] = {}

    def beginning(self, atom: Atom) -> str:
        """The first letters that all forms of a word have; "" if none are looked for."""
        found = self._beginnings.get(atom)
        if found is None:
            found = self._beginnings[atom] = beginning(atom, self._likely)
        return found

    def relatives(self, atom: Atom) -> dict[str, set[str]]:
        """The forms of a word that begin with other letters, each with its languages."""
        found = self._relatives.get(atom)
        if found is None:
            found = self._relatives[atom] = relatives(atom, self._likely)
        return found

    def fit(self, text: Text) -> Fit | None:
        """None for a text that has an excluded word."""
        if any(_count(text, item) for item in self.query.excluded):
            return None
        exact = [_count(text, unit) for unit in self.units]
        likely = languages_of(text.atoms) or self._likely
        forms = [self._forms(text, unit, likely) for unit in self.units]
        groups = self.query.groups
        whole = [any(_count(text, item) for item in group) for group in groups]
        loose = [
            found or any(self._forms(text, item, likely) for item in group)
            for found, group in zip(whole, groups, strict=True)
        ]
        quoted = all(
            found
            for found, group in zip(whole, groups, strict=True)
            if any(item.quoted for item in group)
        )
        common = all(any(_count(text, item) for item in group) for group in self.query.common)
        tier = _tier(whole, loose, common=common) if quoted else None
        return Fit(tier, exact, forms, sum(loose), quoted, text.length)

    def _forms(self, text: Text, item: Item, likely: frozenset[str]) -> int:
        """The number of places where forms of the item's words stand that are not these words."""
        if item.quoted or not any(self.beginning(a) or self.relatives(a) for a in item.atoms):
            return 0
        size = len(item.atoms)
        start = self.beginning(item.atoms[0]) or item.atoms[0].text
        return sum(
            all(
                (_adjoins(text.atoms[at + i], wanted) or i == 0)
                and self._same(text.atoms[at + i], wanted, likely, item.prefix and i == size - 1)
                for i, wanted in enumerate(item.atoms)
            )
            for at in [*text.beginning_with(start), *self._others(text, item.atoms[0], start)]
            if at + size <= len(text.atoms)
        ) - len(_side_by_side(text, item))

    def _others(self, text: Text, wanted: Atom, start: str) -> Iterator[int]:
        """The places of forms with another beginning."""
        for other in self.relatives(wanted):
            if not other.startswith(start):
                yield from text.places.get(other, ())

    def _same(self, word: Atom, wanted: Atom, likely: frozenset[str], prefix: bool) -> bool:
        if _fits(word, wanted, prefix):
            return True
        languages = self.relatives(wanted).get(word.text)
        if languages is not None:
            return not languages.isdisjoint(languages_for(word, likely))
        start = self.beginning(wanted)
        if not start or not word.text.startswith(start):
            return False
        return same_stem(word, wanted, languages_for(word, likely))

    def score(self, fit: Fit, df: Sequence[int], total: int, average: float) -> float:
        """The BM25 score; forms count less than the words themselves.

        Args:
            df: how many of all `total` messages have each unit.
            average: words per message.
        """
        tf = [exact + FORM * forms for exact, forms in zip(fit.exact, fit.forms, strict=True)]
        return score(Counts(tf, fit.length), df, total, average)


def best_first(
    matcher: Matcher, found: Sequence[tuple[T, Fit]], df: Sequence[int] | None, total: int
) -> list[T]:
    """Texts with any of the words, best first; equals stay in their order. Those with all words
    come before those with forms of them, and these before those with some.

    Args:
        df: how many of all `total` messages have each unit; None to count them among those found.
    """
    hits = [(one, fit) for one, fit in found if fit.some]
    known = df or [
        sum(fit.exact[at] + fit.forms[at] > 0 for _, fit in hits)
        for at in range(len(matcher.units))
    ]
    average = sum(fit.length for _, fit in hits) / max(1, len(hits))

    def order(hit: tuple[T, Fit]) -> tuple[Tier, float]:
        tier = Tier.MOST if hit[1].tier is None else hit[1].tier
        return tier, -matcher.score(hit[1], known, total, average)

    return [one for one, _ in sorted(hits, key=order)]


def units_of(item: Item) -> list[Item]:
    """The parts of an item that count by themselves: words, and pairs of characters."""
    if item.quoted or not any(atom.paired for atom in item.atoms):
        return [item]
    found: list[Item] = []
    for at, atom in enumerate(item.atoms):
        following = item.atoms[at + 1 : at + 2]
        glued = bool(following) and following[0].glued
        if atom.glued and not glued:
            continue
        atoms = (atom, *following) if glued else (atom,)
        source = "".join(one.plain for one in atoms)
        found.append(Item(source, atoms, "", item.prefix and not following))
    return found


def _tier(whole: list[bool], loose: list[bool], *, common: bool) -> Tier | None:
    if all(whole):
        return Tier.EXACT if common else Tier.NEAR
    if all(loose):
        return Tier.FORMS
    return Tier.MOST if 2 * sum(loose) >= len(loose) else None


def places(text: Text, item: Item) -> Iterator[tuple[int, int]]:
    """The places of an item: its first and last atom."""
    for at in _side_by_side(text, item):
        yield at, at + len(item.atoms) - 1
    if not item.quoted:
        yield from _as_one_word(text, item)
        yield from _across(text, item)


def _as_one_word(text: Text, item: Item) -> Iterator[tuple[int, int]]:
    """The places of an item that is written as one word there, or here, or shorter."""
    size = len(item.atoms)
    wanted = item.whole or (item.atoms[0].text if size == 1 else "")
    if not wanted:
        return
    for joined in text.joined:
        same = joined.text == wanted or (item.prefix and joined.text.startswith(wanted))
        if same and not ((size > 1 or item.whole) and _stands_at(text, item, joined.first)):
            yield joined.first, joined.last
    for at, atom in enumerate(text.atoms if item.whole else ()):
        same = atom.text == wanted or (item.prefix and atom.text.startswith(wanted))
        if same and not (size == 1 and _stands_at(text, item, at)):
            yield at, at


def _across(text: Text, item: Item) -> Iterator[tuple[int, int]]:
    """The places where one of several atoms of an item is a joined form: `iphone手机` in
    `iPhone手机`.
    """
    size = len(item.atoms)
    wanted = {atom.text for atom in item.atoms}
    spans = [one for one in text.joined if one.text in wanted] if size > 1 else []
    for begin in range(len(text.atoms) if spans else 0):
        ends = {(begin, False)}  # after the atoms so far, and whether one was joined
        for i, atom in enumerate(item.atoms):
            open_ = item.prefix and i == size - 1
            ends = {
                (at + 1, joined)
                for at, joined in ends
                if at < len(text.atoms)
                and (i == 0 or _adjoins(text.atoms[at], atom))
                and _fits(text.atoms[at], atom, open_)
            } | {
                (one.last + 1, True)
                for at, _ in ends
                for one in spans
                if one.first == at and one.text == atom.text
            }
        if not _stands_at(text, item, begin):
            yield from ((begin, at - 1) for at, joined in sorted(ends) if joined)


def _stands_at(text: Text, item: Item, at: int) -> bool:
    last = len(item.atoms) - 1
    return at + last < len(text.atoms) and all(
        (_adjoins(text.atoms[at + i], wanted) or i == 0)
        and _fits(text.atoms[at + i], wanted, item.prefix and i == last)
        for i, wanted in enumerate(item.atoms)
    )


def _adjoins(atom: Atom, wanted: Atom) -> bool:
    """Characters of one stretch are found in one stretch only: what is asked for are pairs."""
    return atom.glued or not wanted.glued


def _side_by_side(text: Text, item: Item) -> list[int]:
    """The places where the atoms of an item begin."""
    first = item.atoms[0]
    if item.prefix and len(item.atoms) == 1:
        return sorted(text.beginning_with(first.text))
    words = sorted(PERSONS) if first.text == ANY_PERSON else [first.text]
    begun = sorted(at for word in words for at in text.places.get(word, ()))
    return [at for at in begun if _stands_at(text, item, at)]


def _fits(atom: Atom, wanted: Atom, prefix: bool) -> bool:
    if wanted.text == ANY_PERSON:
        return atom.text in PERSONS
    return atom.text == wanted.text or (prefix and atom.text.startswith(wanted.text))


def _count(text: Text, item: Item) -> int:
    return sum(1 for _ in places(text, item))
