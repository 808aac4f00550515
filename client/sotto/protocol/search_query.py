"""Search queries: words, and operators that narrow the search."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sotto.protocol.search_pictures import with_any_person, without_sex
from sotto.protocol.search_text import (
    ADJOINING,
    Atom,
    Run,
    atoms_of,
    joined_form,
    normal,
    runs,
    shorter,
)
from sotto.protocol.search_tokens import DROPPED, Term, fold, query_terms

# Named one by one: programming languages disagree about white space.
_SPACES = " \t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PART = re.compile(
    f'(?:(from|has|in|before|after):(?:"([^"]*)"?|([^{_SPACES}]*)))|[^{_SPACES}]+',
    re.IGNORECASE | re.ASCII,
)
_MINUS = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_WORD = re.compile(f'([{_MINUS}]?)"([^"]*)"?|[|\uff5c]+|[^ |\uff5c]+')
_OR = re.compile("OR|[|\uff5c]+")
_QUOTES = str.maketrans(
    dict.fromkeys(
        "\u00ab\u00bb\u2039\u203a\u201c\u201d\u201e\u201f\u300c\u300d\u300e\u300f\u301d\u301e\u301f\uff02\uff62\uff63",
        '"',
    )
)
"""Keyboards set these by themselves."""
_SINGLE_QUOTES = re.compile(
    f"(^|[{_SPACES}:{_MINUS}])[\u2018\u201a\u201b]"
    f'([^"\u2018\u201a\u201b]*?)[\u2018\u2019](?=[{_SPACES}]|$)'
)
"""These are apostrophes, too: they quote where a word begins and ends."""
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINK = re.compile(r"https?://\S", re.IGNORECASE)
KINDS = ("file", "link", "image")
MOST_TERMS = 16
LEAST = 3  # letters of a beginning
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Item:
    """Something to find: atoms side by side, or `whole`, the same written as one word or shorter.

    `source` is what was typed. `prefix` is true if the last atom may be a beginning, `quoted` if
    only the very words count.
    """

    source: str
    atoms: tuple[Atom, ...]
    whole: str
    prefix: bool = False
    quoted: bool = False

    @property
    def common(self) -> bool:
        """True for a word that has no tokens, because it is in very many messages."""
        return not self.quoted and all(atom.plain in DROPPED for atom in self.atoms)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `text`: the words without the operators. Names are folded; days are
    YYYY-MM-DD or "". `problems`: operators with an unknown value, and that value.

    A message is a hit if it has one item of each of `groups`, and none of `excluded`. Those that
    have one item of each of `common`, too, come first: these words have no tokens. `terms` are the
    first words as version 1 of the tokens has them.
    """

    text: str = ""
    terms: list[Term] = field(default_factory=list)
    groups: list[list[Item]] = field(default_factory=list)
    excluded: list[Item] = field(default_factory=list)
    common: list[list[Item]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    has: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def asks_anything(self) -> bool:
        """True if there is anything to search for."""
        return bool(self.groups or self.senders or self.has or self.before or self.after)

    @property
    def items(self) -> list[Item]:
        """Everything to find, in the order in which it was typed."""
        return [item for group in self.groups for item in group]

    @property
    def times(self) -> tuple[int | None, int | None]:
        """The first ms to find and the first not to find, in this computer's time zone."""
        since = _midnight(self.after, later=1) if self.after else None
        return since, _midnight(self.before) if self.before else None


class Counts(NamedTuple):
    """The frequency of each term in a text, and its number of words."""

    tf: Sequence[float]
    length: int


def parse_query(given: str) -> Query:
    """Parse words and operators, such as `pears from:ada has:image after:2026-11-01`."""
    rest: list[str] = []
    found: dict[str, list[str]] = {"from": [], "has": [], "in": []}
    days = {"before": "", "after": ""}
    problems: list[tuple[str, str]] = []
    quoting = _SINGLE_QUOTES.sub(r'\1"\2"', given.translate(_QUOTES))
    for match in _PART.finditer(quoting):
        operator, quoted, plain = match.groups()
        if operator is None:
            rest.append(match.group())
            continue
        name, value = operator.lower(), plain if quoted is None else quoted
        folded = fold(value).removeprefix("@") if name == "from" else fold(value)
        if value == "" or folded in found.get(name, ("",)):
            continue  # incomplete, or repeated
        if name in days and _is_day(value):
            days[name] = value
        elif name in ("from", "in") or (name == "has" and folded in KINDS):
            found[name] += [folded] if folded else []
        else:
            problems.append((name, value))
    text = " ".join(rest)
    groups, excluded = _wanted(text)
    wanted = [group for group in groups if not all(item.common for item in group)]
    common = [group for group in groups if group not in wanted] if wanted else []
    terms = query_terms(" ".join(item.source for group in groups for item in group))[:MOST_TERMS]
    return Query(
        text=text,
        terms=terms,
        groups=wanted or groups,
        excluded=excluded,
        common=common,
        senders=found["from"],
        has=found["has"],
        rooms=found["in"],
        before=days["before"],
        after=days["after"],
        problems=problems,
    )


def _wanted(text: str) -> tuple[list[list[Item]], list[Item]]:
    """Groups of alternatives to find, and items to leave out.

    Signs: `"side by side"`, `-without`, `this OR that`.
    """
    groups: list[list[Item]] = []
    excluded: list[Item] = []
    parts = list(_WORD.finditer(text))
    either = False
    for part in parts:
        minus, quoted = part.groups()
        plain = part.group()
        if _OR.fullmatch(plain):
            either = bool(groups)
            continue
        left_out = bool(minus) or (quoted is None and plain[0] in _MINUS and len(plain) > 1)
        words = plain if quoted is None else quoted
        items = list(_items(words, quoted is not None or left_out, last=part is parts[-1]))
        if left_out:
            excluded += items
        elif either and items:
            groups[-1].append(items[0])
            groups += [[item] for item in items[1:]]
        else:
            groups += [[item] for item in items]
        either = False
    return _distinct(groups), excluded


def _distinct(groups: list[list[Item]]) -> list[list[Item]]:
    """Groups without repetitions, of which the last stays: it may be a beginning."""
    found: dict[tuple[str, ...], list[Item]] = {}
    for group in groups:
        name = tuple(" ".join(atom.text for atom in item.atoms) for item in group)
        found.pop(name, None)
        found[name] = group
    return list(found.values())


def _items(words: str, quoted: bool, *, last: bool) -> Iterator[Item]:
    """The items of one part of a query: words that signs such as `-` join stay together."""
    plain = normal(words)
    chunks: list[list[Run]] = []
    found, held = (list(runs(plain)), set()) if quoted else without_sex(plain, runs(plain))
    for run in found:
        together = len(run.sign) == 1 and (run.sign in ADJOINING or _in_number(plain, run))
        if chunks and (quoted or together or run.start in held):
            chunks[-1].append(run)
        else:
            chunks.append([run])
    for chunk in chunks:
        read = (atom for run in chunk for atom in atoms_of(plain, run.start, run.end))
        atoms = with_any_person(read, held)
        if not quoted and _is_version(atoms):
            atoms = atoms[1:]
        if not atoms:
            continue
        source = plain[chunk[0].start : chunk[-1].end]
        whole = "" if quoted else _as_one_word(plain, chunk, atoms)
        end = last and not quoted and chunk is chunks[-1] and not atoms[-1].apart
        number = len(atoms) > 1 and all(atom.text.isdecimal() for atom in atoms)
        prefix = end and (number or len(atoms[-1].text) >= LEAST or len(whole) >= LEAST)
        yield Item(source, atoms, whole, prefix, quoted)


def _is_version(atoms: Sequence[Atom]) -> bool:
    """True for numbers after a `v`: `v2.0.1` is `2.0.1`, too."""
    return len(atoms) > 2 and atoms[0].text == "v" and atoms[1].text.isdecimal()


def _as_one_word(plain: str, chunk: Sequence[Run], atoms: Sequence[Atom]) -> str:
    """Several atoms joined, or one that is shorter; "" if it is the same."""
    if len(atoms) > 1:
        return joined_form(plain, chunk)
    bare = shorter(atoms[0].text)
    return bare if bare != atoms[0].text else ""


def _in_number(plain: str, run: Run) -> bool:
    digits = plain[run.start - 2 : run.start - 1] + plain[run.start]
    return run.sign == "," and digits.isdecimal()


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text) or not "1970" <= text < "3000":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _midnight(day: str, later: int = 0) -> int:
    at = datetime.combine(date.fromisoformat(day) + timedelta(days=later), datetime.min.time())
    return max(0, int(at.astimezone().timestamp() * 1000))


def matching_names(names: Iterable[str], wanted: str) -> list[str]:
    """The name that equals `wanted`, otherwise those that begin with it."""
    folded = {name: fold(name) for name in names}
    same = [name for name, known in folded.items() if known == wanted]
    return same or [name for name, known in folded.items() if known.startswith(wanted)]


def score(counts: Counts, df: Sequence[int], total: int, average: float) -> float:
    """The BM25 score.

    Args:
        df: how many of all `total` messages have each term.
        average: words per message.
    """
    share = counts.length / average if average > 0 else 1.0
    result = 0.0
    for tf, known in zip(counts.tf, df, strict=True):
        known = min(known, total)
        idf = math.log(1 + (total - known + 0.5) / (known + 0.5))
        result += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * share))
    return result


def has_link(text: str) -> bool:
    """True if a text contains a web address."""
    return _LINK.search(text) is not None
