"""A store with small segments, and how tests write to it and ask it."""

from __future__ import annotations

from messaging.search import indexing
from messaging.search.query import Extent, Filters, Page, Searcher
from messaging.store.base import MessageStore
from messaging.store.index.postings import Shape
from tests.messaging.senders import ROOM, new_message

SMALL = Shape(bits=3)  # segments of eight messages
OTHER = "e" * 32
HIGH = 0xFE0000  # another bucket


def say(store: MessageStore, *messages: tuple[int, ...], start: int = 1, **about) -> None:
    """Messages with these tokens, all of generation and epoch 1 unless said otherwise."""
    batch = [
        new_message(n, **{"generation": 1, "tokens": tuple(sorted(set(tokens))), **about})
        for n, tokens in enumerate(messages, start)
    ]
    store.append(batch)


def seal_all(store: MessageStore) -> int:
    """Seal what is full; how many segments there are."""
    head = store.heads([ROOM])[ROOM]
    indexing.seal_full(store, ROOM, head)
    return store.index.sealed(ROOM) >> SMALL.bits


def seal_one(store: MessageStore) -> None:
    """Seal the next segment, if it is full."""
    sealed, head = store.index.sealed(ROOM), store.heads([ROOM])[ROOM]
    indexing.seal_full(store, ROOM, min(head, sealed + (1 << SMALL.bits) - 1))


def ask(store: MessageStore, tokens: dict[int, tuple[int, ...]], **filters) -> Searcher:
    head = store.heads([ROOM])[ROOM]
    extent = Extent(store.first_seq(ROOM), head, store.index.sealed(ROOM))
    return Searcher(store, ROOM, tokens, Filters(**filters), extent)


def seqs(page: Page) -> list[int]:
    return [hit.found.seq for hit in page.hits]


def newest(store: MessageStore, *tokens: int, limit: int = 100, **filters) -> list[int]:
    return seqs(ask(store, {1: tokens}, **filters).newest(limit, []))
