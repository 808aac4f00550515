"""The messages in no segment: pieces of them are kept, and hide nothing that came later."""

from __future__ import annotations

from collections.abc import Hashable

import pytest

from messaging.search.query import Extent, Filters, Searcher
from messaging.store.base import MessageStore
from messaging.store.index import tail
from messaging.store.index.postings import Shape, pack_tokens
from messaging.store.index.tail import Forward, Pieces
from tests.messaging.engines import MONGO_IF_SLOW
from tests.messaging.senders import ROOM
from tests.messaging.store.small_segments import say, seal_all, seqs

SHAPE = Shape(bits=6)  # pieces of eight messages
A, B = 5, 0xFE0006


class Lists:
    """Forward lists that count how often they are read."""

    shape = SHAPE

    def __init__(self, many: int, tokens: tuple[int, ...] = (A,)) -> None:
        self.rows = [Forward(n, 1, pack_tokens(tokens)) for n in range(1, many + 1)]
        self.reads = 0

    def forward(self, room: str, first: int, last: int) -> list[Forward]:
        self.reads += 1
        return [row for row in self.rows if first <= row.seq <= last]


@pytest.fixture
def store(engine) -> MessageStore:
    return engine.another(SHAPE)


def found(store: MessageStore, tokens: dict[int, tuple[int, ...]], state: Hashable) -> list[int]:
    """The numbers, newest first; those by relevance have to be the same."""
    head = store.heads([ROOM])[ROOM]
    extent = Extent(store.first_seq(ROOM), head, store.index.sealed(ROOM), state)
    searcher = Searcher(store, ROOM, tokens, Filters(), extent)
    newest = seqs(searcher.newest(100, []))
    whole = [hit.found.seq for hit in searcher.relevant(100, []).hits
             if len(hit.matched) == len(next(iter(tokens.values())))]  # fmt: skip
    assert sorted(whole) == sorted(newest)
    return newest


# --- in memory ---------------------------------------------------------------------------------


def test_a_full_piece_is_read_once_and_another_one_each_time():
    lists, pieces = Lists(12), Pieces()  # 1 to 7 are no full piece: no message is 0
    for _ in range(3):
        assert pieces.read(lists, ROOM, 1, "state").numbers(A, 1).tolist() == [8, 9, 10, 11, 12]
    assert lists.reads == 3
    lists = Lists(15)
    for _ in range(3):
        assert pieces.read(lists, ROOM, 1, "state").numbers(A, 1).tolist() == [*range(8, 16)]
    assert lists.reads == 1


@pytest.mark.parametrize("other", [(ROOM, "later"), ("e" * 32, "state"), (ROOM, None)])
def test_a_piece_is_of_one_room_and_one_state(other):
    lists, pieces = Lists(15), Pieces()
    pieces.read(lists, ROOM, 1, "state")
    room, state = other
    pieces.read(lists, room, 1, state)
    assert lists.reads == 2


def test_a_piece_is_kept_for_a_while(monkeypatch):
    lists, pieces = Lists(15), Pieces()
    pieces.read(lists, ROOM, 1, "state")
    monkeypatch.setattr(tail, "KEPT", -1.0)
    pieces.read(lists, ROOM, 1, "state")
    assert lists.reads == 2


def test_abuse_many_tokens_are_not_kept(monkeypatch):
    monkeypatch.setattr(tail, "MOST", 40)
    monkeypatch.setattr(tail, "MOST_OF_ONE", 16)
    pieces, lists, long = Pieces(), Lists(47), Lists(15, (A, B, B + 1))
    for number in (1, 2, 3, 4, 5):  # of eight tokens each
        pieces.read(lists, ROOM, number, "state")
    pieces.read(lists, ROOM, 1, "state")
    assert lists.reads == 5
    pieces.read(lists, "e" * 32, 1, "state")  # the one that was used longest ago goes
    pieces.read(lists, ROOM, 1, "state")
    assert lists.reads == 6
    pieces.read(lists, ROOM, 2, "state")
    assert lists.reads == 7
    for _ in range(2):
        pieces.read(long, ROOM, 1, "long")
    assert long.reads == 2


def test_a_piece_tells_tokens_and_generations_apart():
    rows = [
        Forward(8, 1, pack_tokens([A, B])),
        Forward(9, 2, pack_tokens([A])),
        Forward(10, 0, b""),
    ]
    lists = Lists(0)
    lists.rows = rows
    piece = Pieces().read(lists, ROOM, 1, None)
    assert piece.numbers(A, 1).tolist() == [8]
    assert piece.numbers(A, 2).tolist() == [9]
    assert piece.numbers(B, 1).tolist() == [8]
    assert piece.numbers(A << 8, 1).tolist() == [], "no token begins within another one"


# --- in every engine ---------------------------------------------------------------------------

in_engines = pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True)


@in_engines
@pytest.mark.django_db(transaction=True)
def test_store_forward_lists_come_ascending_with_the_empty_ones(store):
    say(store, (A,), (), (A, B))
    rows = store.index.forward(ROOM, 1, 3)
    assert [(row.seq, row.tokens) for row in rows] == [
        (1, pack_tokens([A])),
        (2, b""),
        (3, pack_tokens([A, B])),
    ]


@in_engines
@pytest.mark.django_db(transaction=True)
def test_store_kept_pieces_find_what_is_there_while_a_room_grows(store):
    said: list[tuple[int, ...]] = []
    for step in range(1, 15):
        new = [((A,), (B,), (A, B))[(step + n) % 3] for n in range(step)]
        say(store, *new, start=len(said) + 1)
        said += new
        if step == 12:
            assert seal_all_of(store) > 0
        for tokens in ((A,), (B,), (A, B)):
            expected = [n for n, words in enumerate(said, 1) if set(tokens) <= set(words)]
            assert found(store, {1: tokens}, "one state") == expected[::-1]


def seal_all_of(store: MessageStore) -> int:
    seal_all(store)
    return store.index.sealed(ROOM)


@in_engines
@pytest.mark.django_db(transaction=True)
def test_store_tokens_that_come_later_are_found_in_the_next_state(store):
    say(store, *[(A,)] * 16, generation=0, tokens=())
    assert found(store, {1: (A,)}, "before") == []
    given = {n: (1, pack_tokens([A])) for n in range(1, 17)}
    assert store.index.fill(ROOM, given, {1: [1]}) == 16
    assert found(store, {1: (A,)}, "after") == [*range(16, 0, -1)]
