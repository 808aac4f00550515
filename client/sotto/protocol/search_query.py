"""Search queries: words, and operators that narrow the search."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sotto.protocol.search_tokens import Term, fold, query_terms, words_in

# Only these count as spaces: programming languages disagree about white space.
_PART = re.compile(
    '(?:(from|has|in|before|after):(?:"([^"]*)"?|([^ \t\n\r\u00a0\u3000]*)))'
    "|[^ \t\n\r\u00a0\u3000]+",
    re.IGNORECASE | re.ASCII,
)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINK = re.compile(r"https?://\S", re.IGNORECASE)
KINDS = ("file", "link", "image")
MOST_TERMS = 16
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `text`: the words without the operators. Names are folded; days are
    YYYY-MM-DD or "". `problems`: operators with an unknown value, and that value.
    """

    text: str = ""
    terms: list[Term] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    has: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def asks_anything(self) -> bool:
        """True if there is anything to search for."""
        return bool(self.terms or self.senders or self.has or self.before or self.after)

    @property
    def times(self) -> tuple[int | None, int | None]:
        """The first ms to find and the first not to find, in this computer's time zone."""
        since = _midnight(self.after, later=1) if self.after else None
        return since, _midnight(self.before) if self.before else None


class Counts(NamedTuple):
    """The frequency of each term in a text, and its number of words."""

    tf: list[int]
    length: int


def parse_query(given: str) -> Query:
    """Parse words and operators, such as `pears from:ada has:image after:2026-11-01`."""
    rest: list[str] = []
    found: dict[str, list[str]] = {"from": [], "has": [], "in": []}
    days = {"before": "", "after": ""}
    problems: list[tuple[str, str]] = []
    for match in _PART.finditer(given):
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
    terms = query_terms(text)[:MOST_TERMS]
    return Query(text, terms, found["from"], found["has"], found["in"], **days, problems=problems)


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


def count(text: str, terms: Sequence[Term]) -> Counts:
    """Count the terms in a text."""
    words = [word for word, _ in words_in(text)]
    return Counts([sum(map(term.fits, words)) for term in terms], len(words))


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
