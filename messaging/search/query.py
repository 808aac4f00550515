"""Answering a query from an index: newest first, or by relevance.

A term is one token per generation, because each generation has its own search key, and is searched
only where that key was in force. The server does not know the words and ranks only by the number
and rarity of matching terms; the client decrypts, drops false matches and ranks again.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from messaging.store.base import MessageStore
from messaging.store.index.base import Candidate, TokenIndex
from messaging.store.index.postings import Numbers, bucket_of, holds

CHUNKS = (4, 16, 64, 256)  # segments read at once, newest first
LOOKED_AT = 200  # candidates read at once
MOST_LOOKED_AT = 4_000  # candidates a page: a filter may refuse many

Masks = NDArray[np.uint16]
"""Sets of the at most 16 terms of a query, as bits."""


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
        if self.since is not None and found.stored_ms < self.since:
            return False
        if self.until is not None and found.stored_ms >= self.until:
            return False
        return found.files or not self.files


@dataclass(frozen=True, slots=True)
class Span:
    """The messages of one generation: numbers in (after, to], its tokens by term."""

    generation: int
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


@dataclass(frozen=True, slots=True)
class Extent:
    """The numbers of a room: its first message, the last one to search, the first in no segment.
    `state` is the room's as `Pieces.read` has it.
    """

    first: int
    head: int
    sealed: int
    state: Hashable = None


class Searcher:
    """Of one room. `tokens`: generation -> a token for each term."""

    def __init__(
        self,
        store: MessageStore,
        room: str,
        tokens: Mapping[int, tuple[int, ...]],
        filters: Filters,
        extent: Extent,
    ) -> None:
        self._index: TokenIndex = store.index
        self._room = room
        self._filters = filters
        self._sealed, self._state = extent.sealed, extent.state
        self._spans = list(_spans(store, room, tokens, self._bounds(extent.first, extent.head)))

    def _bounds(self, first: int, head: int) -> tuple[int, int]:
        """The numbers that can pass the filter of time: (after, to]."""
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
            for lists in chain(self._tail(span, to), self._segments(span, to)):
                yield from reduce(_common, sorted(lists, key=len))[::-1].tolist()

    def _tail(self, span: Span, to: int) -> Iterator[list[Numbers]]:
        """Yields, for some messages in no segment at a time, newest first, those with each term."""
        oldest, size = max(span.after + 1, self._sealed), self._index.shape.piece
        for number in range(to // size, oldest // size - 1, -1) if to >= oldest else ():
            piece = self._index.pieces.read(self._index, self._room, number, self._state)
            lists = [piece.numbers(token, span.generation) for token in span.tokens]
            yield [_between(one, oldest, to) for one in lists]

    def _segments(
        self, span: Span, to: int, sizes: Sequence[int] = CHUNKS
    ) -> Iterator[list[Numbers]]:
        """Yields, for some segments at a time, newest first, the messages with each term."""
        shape = self._index.shape
        last, oldest = shape.segment(min(to, self._sealed - 1)), shape.segment(span.after + 1)
        buckets = {bucket_of(token) for token in span.tokens}
        rest = iter(sizes)
        size = next(rest)
        while last >= oldest and to > span.after:
            first = max(oldest, last - size + 1)
            found = self._index.postings(self._room, buckets, first, last)
            lists = [shape.numbers(found.get(bucket_of(one), ()), one) for one in span.tokens]
            yield [_between(one, span.after + 1, to) for one in lists]
            last, size = first - 1, next(rest, sizes[-1])

    def _checked(self, seqs: Sequence[int], rests: Sequence[int], *, every: bool) -> list[Hit]:
        """Yields candidates in the given order whose own tokens and filters match. `rests` has, by
        number, the position of the next page if a page ends there.
        """
        spans = {span.generation: span for span in self._spans}
        found = {one.seq: one for one in self._index.candidates(self._room, seqs)}
        hits = []
        for seq, rest in zip(seqs, rests, strict=True):
            one = found.get(seq)
            span = spans.get(one.generation) if one is not None else None
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
        numbers, masks, df = self._with_any()
        page = Page(df=df)
        order = _by_relevance(numbers, masks, _weights(df, self._total()), done + MOST_LOOKED_AT)
        seqs = order[done:]
        start = 0
        while part := seqs[start : start + (LOOKED_AT if start else limit)]:
            rests = range(done + start + 1, done + start + len(part) + 1)
            for hit in self._checked(part, rests, every=False):
                page.hits.append(hit)
                if len(page.hits) == limit:
                    page.rest = [hit.rest]
                    return page
            start += len(part)
        if len(numbers) > done + len(seqs):
            page.rest = [done + len(seqs)]
        return page

    def _total(self) -> int:
        return sum(span.to - span.after for span in self._spans)

    def _with_any(self) -> tuple[Numbers, Masks, list[int]]:
        """The messages with any term, ascending; the terms of each, as bits; and how many messages
        have each term.
        """
        parts: list[tuple[Numbers, Masks]] = []
        for span in self._spans:
            segments = self._segments(span, span.to, CHUNKS[-1:])
            parts += [_united(lists) for lists in chain(self._tail(span, span.to), segments)]
        parts.reverse()
        numbers = np.concatenate([np.empty(0, np.int64), *(one for one, _ in parts)])
        masks = np.concatenate([np.empty(0, np.uint16), *(one for _, one in parts)])
        terms = len(self._spans[0].tokens) if self._spans else 0
        df = [int(np.count_nonzero(masks & np.uint16(1 << at))) for at in range(terms)]
        return numbers, masks, df


SLACK = 60_000  # ms that one process's clock may be behind another's


def _common(some: Numbers, others: Numbers) -> Numbers:
    """The numbers in both; faster where `some` are fewer."""
    if not len(others):
        return others
    places = np.minimum(np.searchsorted(others, some), len(others) - 1)
    return some[others[places] == some]


def _between(numbers: Numbers, first: int, last: int) -> Numbers:
    return numbers[slice(*np.searchsorted(numbers, (first, last + 1)))]


def _united(lists: Sequence[Numbers]) -> tuple[Numbers, Masks]:
    """The numbers in any of the lists, and in which each is, as bits."""
    filled = [one for one in lists if len(one)]
    if not filled:
        return np.empty(0, np.int64), np.empty(0, np.uint16)
    first = min(int(one[0]) for one in filled)
    masks = np.zeros(max(int(one[-1]) for one in filled) - first + 1, np.uint16)
    for at, one in enumerate(lists):
        masks[one - first] |= np.uint16(1 << at)
    places = np.flatnonzero(masks != 0)  # of truth values in a third of the time
    return places + first, masks[places]


def _weights(df: Sequence[int], total: int) -> NDArray[np.float64]:
    """The rarity of each set of terms together, which is the idf of BM25; the sets are bits."""
    weights = np.zeros(1)
    for n in df:
        idf = math.log(1 + (total - n + 0.5) / (n + 0.5))
        weights = np.concatenate([weights, weights + idf])
    return weights


def _by_relevance(
    numbers: Numbers, masks: Masks, weights: NDArray[np.float64], most: int
) -> list[int]:
    """The first `most` messages by the weight of their terms; of one set the newer ones first."""
    best = np.lexsort((np.arange(len(weights)), -weights))
    rank = np.empty(len(weights), np.int64)
    rank[best] = np.arange(len(weights))
    ranks = rank[masks]
    reached = np.cumsum(np.bincount(ranks, minlength=len(weights)))
    last = int(np.searchsorted(reached, most))  # the set in which the page ends
    before = np.flatnonzero(ranks < last)
    sorted_ = before[np.lexsort((-before, ranks[before]))]
    ending = np.flatnonzero(ranks == last)[::-1][: most - len(sorted_)]
    return [*numbers[sorted_].tolist(), *numbers[ending].tolist()]


def _spans(
    store: MessageStore, room: str, tokens: Mapping[int, tuple[int, ...]], bounds: tuple[int, int]
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
