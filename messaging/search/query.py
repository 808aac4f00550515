"""Answering a query from an index: newest first, or by relevance.

A term is one token per generation, because each generation has its own search key, and is searched
only where that key was in force. The server does not know the words and ranks only by the number
and rarity of matching terms; the client decrypts, drops false matches and ranks again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from messaging.store.base import MessageStore
from messaging.store.index.base import Candidate, TokenIndex
from messaging.store.index.postings import bucket_of, holds, offsets, unpack

CHUNKS = (4, 16, 64, 256)  # segments read at once, newest first
LOOKED_AT = 200  # candidates read at once
MOST_LOOKED_AT = 4_000  # candidates a page: a filter may refuse many


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters by what the server knows anyway. Times in ms, `since` <= at < `until`."""

    uids: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None
    files: bool = False

    def pass_(self, found: Candidate) -> bool:
        if self.uids and found.uid not in self.uids:
            return False
        if self.since is not None and found.at < self.since:
            return False
        if self.until is not None and found.at >= self.until:
            return False
        return found.files or not self.files


@dataclass(frozen=True, slots=True)
class Span:
    """The messages of one generation: numbers in (after, to], its tokens by term."""

    g: int
    tokens: tuple[int, ...]
    after: int
    to: int


@dataclass(frozen=True, slots=True)
class Hit:
    """`rest` is the position of the next page if the page ends here."""

    found: Candidate
    matched: tuple[int, ...]
    rest: int


@dataclass(slots=True)
class Page:
    """`rest` is the position of the next page, None at the end. `df` counts messages by term; it is
    empty in the order of time, which needs none.
    """

    hits: list[Hit] = field(default_factory=list)
    df: list[int] = field(default_factory=list)
    rest: list[int] | None = None


class Searcher:
    """Of one room, up to message `head`. `tokens`: generation -> a token for each term."""

    def __init__(
        self,
        store: MessageStore,
        room: str,
        tokens: dict[int, tuple[int, ...]],
        filters: Filters,
        *,
        head: int,
    ) -> None:
        self._index: TokenIndex = store.index
        self._room = room
        self._filters = filters
        self._sealed = self._index.sealed(room)
        self._spans = list(_spans(store, room, tokens, self._bounds(store, head)))

    def _bounds(self, store: MessageStore, head: int) -> tuple[int, int]:
        """The numbers that can pass the filter of time: (after, to]."""
        first = store.first_seq(self._room)
        after, to = max(0, first - 1), head
        if self._filters.since is not None:
            after = max(after, self._before(self._filters.since - SLACK, first, head))
        if self._filters.until is not None:
            to = min(to, self._before(self._filters.until + SLACK, first, head))
        return after, to

    def _before(self, moment: int, first: int, head: int) -> int:
        """The newest number stored before a time. Times ascend with numbers, within a small
        tolerance.
        """
        low, high = max(0, first - 1), head
        while low < high:
            middle = (low + high + 1) // 2
            if self._index.at(self._room, middle) < moment:
                low = middle
            else:
                high = middle - 1
        return low

    # --- newest first ----------------------------------------------------------------------

    def newest(self, limit: int, rest: Sequence[int]) -> Page:
        """Messages with all terms. `rest`: continue below this number."""
        before = rest[0] if rest else None
        page = Page()
        found = self._descending(before)
        looked_at = 0
        while seqs := list(islice(found, LOOKED_AT if looked_at else limit)):
            looked_at += len(seqs)
            for hit in self._checked(seqs, seqs, every=True):
                page.hits.append(hit)
                if len(page.hits) == limit:
                    page.rest = [hit.rest]
                    return page
            if looked_at >= MOST_LOOKED_AT:
                page.rest = [seqs[-1]]
                return page
        return page

    def _descending(self, before: int | None) -> Iterator[int]:
        for span in self._spans:
            to = span.to if before is None else min(span.to, before - 1)
            yield from self._in_tail(span, to)
            for first, parts in self._segments(span, to):
                common = set.intersection(*map(set, parts))
                for offset in sorted(common, reverse=True):
                    if span.after < first + offset <= to:
                        yield first + offset

    def _in_tail(self, span: Span, to: int) -> Iterator[int]:
        wanted = [token.to_bytes(3, "big") for token in span.tokens]
        for one in self._index.forward(self._room, max(span.after + 1, self._sealed), to):
            if one.g == span.g and all(holds(one.tokens, token) for token in wanted):
                yield one.seq

    def _segments(self, span: Span, to: int) -> Iterator[tuple[int, list[list[int]]]]:
        """Yields, for each sealed segment, newest first, its first number and each term's
        offsets.
        """
        shape = self._index.shape
        last, oldest = shape.segment(min(to, self._sealed - 1)), shape.segment(span.after + 1)
        buckets = {bucket_of(token) for token in span.tokens}
        sizes = iter(CHUNKS)
        size = next(sizes)
        while last >= oldest and to > span.after:
            first = max(oldest, last - size + 1)
            found = self._index.postings(self._room, buckets, first, last)
            for segment in range(last, first - 1, -1):
                lists = {one: unpack(p) for one, p in found.get(segment, {}).items()}
                if lists:
                    parts = [
                        offsets(lists[bucket_of(token)], token) if bucket_of(token) in lists else []
                        for token in span.tokens
                    ]
                    yield shape.first(segment), parts
            last, size = first - 1, next(sizes, CHUNKS[-1])

    def _checked(self, seqs: Sequence[int], rests: Sequence[int], *, every: bool) -> list[Hit]:
        """Yields candidates in the given order whose own tokens and filters match. `rests` has, by
        number, the position of the next page if a page ends there.
        """
        spans = {span.g: span for span in self._spans}
        found = {one.seq: one for one in self._index.candidates(self._room, seqs)}
        hits = []
        for seq, rest in zip(seqs, rests, strict=True):
            one = found.get(seq)
            span = spans.get(one.g) if one is not None else None
            if one is None or span is None or one.erased or not self._filters.pass_(one):
                continue
            matched = tuple(
                at
                for at, token in enumerate(span.tokens)
                if holds(one.tokens, token.to_bytes(3, "big"))
            )
            if matched and (len(matched) == len(span.tokens) or not every):
                hits.append(Hit(one, matched, rest))
        return hits

    # --- by relevance ----------------------------------------------------------------------

    def relevant(self, limit: int, rest: Sequence[int]) -> Page:
        """Messages with any term: those with rarer terms first, newer before older.

        `rest`: the count of messages of this order already returned, and its first number.
        """
        done = rest[0] if rest else 0
        classes, df = self._classes(done + MOST_LOOKED_AT)
        page = Page(df=df)
        order = _by_relevance(classes, df, self._total())
        seqs = order[done : done + MOST_LOOKED_AT]
        start = 0
        while part := seqs[start : start + (LOOKED_AT if start else limit)]:
            rests = range(done + start + 1, done + start + len(part) + 1)
            for hit in self._checked(part, rests, every=False):
                page.hits.append(hit)
                if len(page.hits) == limit:
                    page.rest = [hit.rest]
                    return page
            start += len(part)
        if len(order) > done + len(seqs):
            page.rest = [done + len(seqs)]
        return page

    def _total(self) -> int:
        return sum(span.to - span.after for span in self._spans)

    def _classes(self, need: int) -> tuple[dict[int, list[int]], list[int]]:
        """For each set of terms (as bits) the newest `need` messages with just these; and how
        many messages have each term.
        """
        terms = len(self._spans[0].tokens) if self._spans else 0
        df = [0] * terms
        classes: dict[int, list[int]] = {}
        for span in self._spans:
            for seq, mask in self._masks_in_tail(span):
                for at in range(terms):
                    df[at] += mask >> at & 1
                classes.setdefault(mask, []).append(seq)
            for first, parts in self._segments(span, span.to):
                low, high = span.after - first, span.to - first
                sets = [{one for one in part if low < one <= high} for part in parts]
                for at, part in enumerate(sets):
                    df[at] += len(part)
                _sort_into(classes, sets, first, need)
        return classes, df

    def _masks_in_tail(self, span: Span) -> Iterator[tuple[int, int]]:
        wanted = [token.to_bytes(3, "big") for token in span.tokens]
        for one in self._index.forward(self._room, max(span.after + 1, self._sealed), span.to):
            if one.g == span.g:
                mask = sum(1 << at for at, token in enumerate(wanted) if holds(one.tokens, token))
                if mask:
                    yield one.seq, mask


SLACK = 60_000  # ms that one process's clock may be behind another's


def _sort_into(classes: dict[int, list[int]], sets: list[set[int]], first: int, need: int) -> None:
    """Add a segment's offsets to their classes. Skips a term that many messages have alone once its
    class is full.
    """
    shared: set[int] = set()
    for at, part in enumerate(sets):
        for other in sets[at + 1 :]:
            shared |= part & other
    by_mask: dict[int, list[int]] = {}
    for offset in sorted(shared, reverse=True):
        mask = sum(1 << at for at, part in enumerate(sets) if offset in part)
        by_mask.setdefault(mask, []).append(offset)
    for at, part in enumerate(sets):
        if len(classes.get(1 << at, ())) < need:
            alone = sorted(part - shared, reverse=True)
            if alone:
                by_mask[1 << at] = alone
    for mask, found in by_mask.items():
        kept = classes.setdefault(mask, [])
        kept.extend(first + offset for offset in found[: max(0, need - len(kept))])


def _by_relevance(classes: dict[int, list[int]], df: list[int], total: int) -> list[int]:
    """The messages of all classes in order: by the rarity of their terms together, which is the
    idf of BM25.
    """
    idf = [math.log(1 + (total - n + 0.5) / (n + 0.5)) for n in df]

    def weight(mask: int) -> float:
        return sum(idf[at] for at in range(len(df)) if mask >> at & 1)

    best = sorted(classes, key=weight, reverse=True)
    return [seq for mask in best for seq in classes[mask]]


def _spans(
    store: MessageStore, room: str, tokens: dict[int, tuple[int, ...]], bounds: tuple[int, int]
) -> Iterator[Span]:
    """Splits the range by generation, newest first. Messages between two requested generations
    belong to neither, as their own `g` shows.
    """
    after, to = bounds
    for g in sorted(tokens, reverse=True):
        begin = max(after, store.before_epoch(room, g))
        if to > begin:
            yield Span(g, tokens[g], begin, to)
            to = begin
        if to <= after:
            return
