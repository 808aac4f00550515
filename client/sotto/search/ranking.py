"""Which messages are hits of a query, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sotto.conversation import Message
from sotto.protocol.content import searchable_text
from sotto.protocol.search_match import Fit, Matcher, Tier, best_first
from sotto.protocol.search_query import Query, has_link, matching_names
from sotto.protocol.search_text import read
from sotto.room import Room


@dataclass(frozen=True, slots=True)
class Judged:
    """A message that passes a query's operators, and how its words fit."""

    line: Message
    fit: Fit


class Judge:
    """Compares messages of one room with a query."""

    def __init__(self, room: Room, query: Query) -> None:
        self.query = query
        self.matcher = Matcher(query)
        self.uids = senders(room, query)

    def judged(self, lines: Iterable[Message]) -> list[Judged]:
        """The messages that pass the operators and have no excluded word."""
        return [found for line in lines if (found := self._judge(line)) is not None]

    def _judge(self, line: Message) -> Judged | None:
        since, until = self.query.times
        if line.kind not in ("text", "poll"):
            return None
        if self.uids is not None and line.uid not in self.uids:
            return None
        if (since is not None and line.ts < since) or (until is not None and line.ts >= until):
            return None
        if not all(_has(line, kind) for kind in self.query.has):
            return None
        fit = self.matcher.fit(read(searchable_text(line.content)))
        return Judged(line, fit) if fit is not None else None

    def by_relevance(
        self, found: Sequence[Judged], df: Sequence[int] | None, total: int
    ) -> list[Message]:
        """Messages with any of the words, best first.

        Args:
            df: how many of all `total` messages have each unit of the query; None to count them
                among those found.
        """
        newest = sorted(found, key=lambda one: -one.line.seq)
        return best_first(self.matcher, [(one.line, one.fit) for one in newest], df, total)


def by_tier(found: Iterable[Judged], tier: Tier) -> list[Message]:
    """The messages that fit just so well, newest first."""
    lines = [one.line for one in found if one.fit.tier == tier]
    return sorted(lines, key=lambda line: -line.seq)


def with_most(found: Iterable[Judged]) -> list[Message]:
    """The messages with most of the words, those with more of them first."""
    hits = [one for one in found if one.fit.tier is not None]
    return [one.line for one in sorted(hits, key=lambda one: (-one.fit.groups, -one.line.seq))]


def senders(room: Room, query: Query) -> set[str] | None:
    """The senders to search for; None for everybody."""
    if not query.senders:
        return None
    me = room.me
    known = [(identity.name, identity.uid) for identity in room.trust.known.values()]
    names = {name for name, _ in known} | {me.name}
    wanted = {name for one in query.senders for name in matching_names(names, one)}
    found = {uid for name, uid in [*known, (me.name, me.uid)] if name in wanted}
    return found | ({me.uid} if "me" in query.senders else set())


def _has(line: Message, kind: str) -> bool:
    if kind == "link":
        return has_link(line.text)
    return any(kind == "file" or file.type.startswith("image/") for file in line.files)
