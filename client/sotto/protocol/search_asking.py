"""Which blind tokens to ask a server for. The client checks results against the whole query.

static/js/conversation/search/asking.js has the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sotto.protocol.search_match import Matcher
from sotto.protocol.search_pictures import ANY_PERSON
from sotto.protocol.search_query import LEAST, MOST_TERMS, Item
from sotto.protocol.search_tokens import words

WaysOf = Callable[..., list[list[str]]]
LONGEST = 5  # letters of a beginning that has a token
MOST_CLAUSES = 4
FEW_PAIRS = 4
"""Of more pairs of characters in one item only every second is asked for."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The terms by which messages with one unit of a query are counted, and those of its forms.
    Messages have all terms of at least one of `ways`.
    """

    ways: tuple[tuple[str, ...], ...]
    forms: tuple[str, ...]

    @property
    def terms(self) -> list[str]:
        """All of them."""
        return list(dict.fromkeys([term for way in self.ways for term in way] + list(self.forms)))


def clauses(matcher: Matcher, *, loose: bool = False, older: bool = True) -> list[list[str]]:
    """Sets of terms: all hits have every term of at least one of them. None if the tokens of
    version 2 cannot tell, so that a device has to look at every message.

    Args:
        loose: also for messages with forms of the words.
        older: also for messages that have tokens of version 1 only.
    """
    found = _clauses(matcher, _ways, loose=loose)
    if not found:
        return []
    others = _clauses(matcher, _finished_ways, loose=loose)
    if older:
        others += _clauses(matcher, _ways_of_version_1, loose=loose)
    for terms in others:
        if terms not in found:
            found.append(terms)
    return found


def _clauses(matcher: Matcher, ways_of: WaysOf, *, loose: bool) -> list[list[str]]:
    single: list[str] = []
    several: list[list[list[str]]] = []
    for group in matcher.query.groups:
        found = [ways_of(matcher, item, loose=loose) for item in group]
        if not all(found):
            continue
        ways = [way for one in found for way in one]
        if len(ways) == 1:
            single += ways[0]
        else:
            several.append(ways)
    chosen = min(several, key=lambda ways: (len(ways), -_size(ways)), default=None)
    if chosen is None or (single and len(chosen) > MOST_CLAUSES):
        return [_longest(single)] if single else []
    return [_longest([*way, *single]) for way in chosen]


def _size(ways: list[list[str]]) -> int:
    """The length of the longest term that every message has: longer ones are rarer."""
    return min(max(map(len, way)) for way in ways)


def units(matcher: Matcher) -> list[Unit]:
    """The terms for an order by relevance, at most MOST_TERMS together; longer ones first."""
    ways = [_all_ways(matcher, unit) for unit in matcher.units]
    forms = [_form_terms(matcher, unit) for unit in matcher.units]
    kept = set(_longest([term for one in ways for way in one for term in way]))
    for term in _by_length([term for terms in forms for term in terms]):
        if len(kept) < MOST_TERMS:
            kept.add(term)
    return [
        Unit(
            tuple(tuple(way) for way in one if kept.issuperset(way)),
            tuple(filter(kept.__contains__, other)),
        )
        for one, other in zip(ways, forms, strict=True)
    ]


def frequencies(asked: Sequence[Unit], df: Mapping[str, int]) -> list[int]:
    """The number of messages with each unit, by the rarest term of its likeliest way; of forms
    only, by theirs. Units that were not asked for count as the others do on average.

    Args:
        df: how many messages have each term.
    """
    known = [
        max((min(df[term] for term in way) for way in one.ways), default=0)
        or min((df[term] for term in one.forms), default=0)
        for one in asked
    ]
    told = [n for n, one in zip(known, asked, strict=True) if one.terms]
    average = sum(told) // max(1, len(told))
    return [n if one.terms else average for n, one in zip(known, asked, strict=True)]


def _all_ways(matcher: Matcher, item: Item) -> list[list[str]]:
    found: list[list[str]] = []
    for ways_of in (_ways, _finished_ways, _ways_of_version_1):
        found += [way for way in ways_of(matcher, item, loose=False) if way not in found]
    return found


def _finished_ways(matcher: Matcher, item: Item, *, loose: bool) -> list[list[str]]:
    """The ways with all letters of the last word: in long messages only the first words have tokens
    of their beginnings.
    """
    return _ways(matcher, item, loose=loose, finished=True)


def _ways(matcher: Matcher, item: Item, *, loose: bool, finished: bool = False) -> list[list[str]]:
    """The ways in which messages may have an item: its atoms, or all of it as one word. None if it
    has no tokens: common words, single characters.
    """
    found: list[str] = []
    pairs: list[str] = []
    starts = _beginnings(matcher, item) if loose else {}
    for at, atom in enumerate(item.atoms):
        last = at == len(item.atoms) - 1
        if atom.paired:
            if not last and item.atoms[at + 1].glued:
                pairs.append(f"w:{atom.text}{item.atoms[at + 1].text}")
        elif atom.dropped or atom.text == ANY_PERSON:
            continue
        elif item.prefix and last:
            if finished:
                found.append(f"w:{atom.text}")
            elif len(atom.text) >= LEAST:
                found.append(f"p:{starts.get(atom.text, atom.text)[:LONGEST]}")
        else:
            start = starts.get(atom.text)
            found.append(f"p:{start}" if start else f"w:{atom.text}")
    ways = [[*found, *_some(pairs)]] if found or pairs else []
    if item.whole:
        short = finished or len(item.whole) < LEAST or not item.prefix
        joined = [f"w:{item.whole}" if short else f"p:{item.whole[:LONGEST]}"]
        ways += [joined] if joined not in ways else []
    if loose and ways:
        ways += [[term] for term in _others(matcher, item)]
    return ways


def _ways_of_version_1(matcher: Matcher, item: Item, *, loose: bool) -> list[list[str]]:
    """The one way in which messages with older tokens may have an item. None if version 2 has none:
    a message without such a token is to be read, too.
    """
    if not _ways(matcher, item, loose=loose):
        return []
    found: list[str] = []
    pairs: list[str] = []
    known = list(words(item.source).items())
    starts = _beginnings(matcher, item) if loose else {}
    for at, (word, pair) in enumerate(known):
        if pair:
            pairs += [f"w:{word}"] if len(word) > 1 else []
        elif item.prefix and at == len(known) - 1 and len(word) >= LEAST:
            found.append(f"p:{starts.get(word, word)[:LONGEST]}")
        elif word in starts:
            found.append(f"p:{starts[word]}")
        else:
            found.append(f"w:{word}")
    return [found + _some(pairs)] if found or pairs else []


def _some(pairs: list[str]) -> list[str]:
    """All pairs if they are few, else every second one, which together have all characters."""
    return pairs if len(pairs) <= FEW_PAIRS else [*pairs[:-1:2], pairs[-1]]


def _form_terms(matcher: Matcher, unit: Item) -> list[str]:
    starts = [f"p:{start}" for start in _beginnings(matcher, unit).values()]
    return starts + _others(matcher, unit)


def _others(matcher: Matcher, item: Item) -> list[str]:
    """The terms of forms of a word that begin otherwise."""
    if len(item.atoms) > 1 or item.quoted:
        return []
    start = matcher.beginning(item.atoms[0])
    others = matcher.relatives(item.atoms[0])
    return [f"w:{other}" for other in others if not (start and other.startswith(start))]


def _beginnings(matcher: Matcher, item: Item) -> dict[str, str]:
    """The beginnings that all forms of an item's words have, by word."""
    if item.quoted:
        return {}
    found = ((atom.text, matcher.beginning(atom)) for atom in item.atoms)
    return {word: start for word, start in found if start}


def _longest(terms: Sequence[str]) -> list[str]:
    """The longest terms, as many as fit into one request."""
    kept = set(_by_length(terms)[:MOST_TERMS])
    return [term for term in dict.fromkeys(terms) if term in kept]


def _by_length(terms: Sequence[str]) -> list[str]:
    """Longer terms first; of equally long ones some from all over the query."""
    distinct = list(dict.fromkeys(terms))
    stride = -(-len(distinct) // MOST_TERMS) or 1
    order = sorted((-len(term), at % stride, at) for at, term in enumerate(distinct))
    return [distinct[at] for _, _, at in order]
