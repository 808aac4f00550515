"""Search in every engine: whatever the segments are, it finds what reading everything finds."""

from __future__ import annotations

import math
import random
from itertools import groupby

import pytest

from messaging.store.base import MessageStore
from messaging.store.index.postings import SEALED
from tests.messaging.engines import MONGO_IF_SLOW
from tests.messaging.senders import ROOM, UID, new_message
from tests.messaging.store.small_segments import (
    HIGH,
    OTHER,
    SMALL,
    ask,
    newest,
    say,
    seal_all,
    seal_one,
    seqs,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True),
]


@pytest.fixture
def store(engine):
    return engine.another(SMALL)


WORDS = [5, 6, 7, HIGH + 5, HIGH + 6, 0x010203, 0x020301, 2**24 - 1]


# --- against reading everything ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_store_search_finds_what_reading_everything_finds(store, seed):
    dice = random.Random(seed)
    said = [tuple(dice.sample(WORDS, dice.randint(0, 5))) for _ in range(dice.randint(30, 60))]
    say(store, *said)
    for _ in range(dice.randint(0, 5)):  # some segments are sealed, some are late
        seal_one(store)
    for terms in (1, 2, 3):
        tokens = tuple(dice.sample(WORDS, terms))
        every = [n for n, words in enumerate(said, 1) if set(tokens) <= set(words)]
        assert newest(store, *tokens) == every[::-1]
        assert in_pages(store, tokens, "newest") == every[::-1]
        assert_relevant(store, said, tokens)


def in_pages(store: MessageStore, tokens: tuple[int, ...], order: str) -> list[int]:
    found: list[int] = []
    rest: list[int] | None = []
    while rest is not None:
        searcher = ask(store, {1: tokens})
        page = searcher.newest(3, rest) if order == "newest" else searcher.relevant(3, rest)
        found += seqs(page)
        rest = page.rest
    return found


def assert_relevant(store: MessageStore, said, tokens: tuple[int, ...]) -> None:
    df = [sum(token in words for words in said) for token in tokens]
    idf = [math.log(1 + (len(said) - n + 0.5) / (n + 0.5)) for n in df]

    def weight(words) -> float:
        return round(sum(idf[at] for at, token in enumerate(tokens) if token in words), 9)

    some = [n for n, words in enumerate(said, 1) if set(tokens) & set(words)]
    page = ask(store, {1: tokens}).relevant(len(said), [])
    assert page.df == df
    assert sorted(seqs(page)) == some
    weights = [weight(said[seq - 1]) for seq in seqs(page)]
    assert weights == sorted(weights, reverse=True)
    for _, run in groupby(zip(page.hits, weights, strict=True), key=lambda pair: pair[0].matched):
        inside = [hit.found.seq for hit, _ in run]
        assert inside == sorted(inside, reverse=True), "within a class the newer comes first"
    assert in_pages(store, tokens, "relevance") == seqs(page)


def test_store_no_class_of_relevance_is_left_out(store):
    """Of seven terms there are 127 sets."""
    tokens = tuple(range(1, 8))
    sets = [tuple(token for token in tokens if mask >> (token - 1) & 1) for mask in range(1, 128)]
    say(store, *sets)
    seal_all(store)
    assert_relevant(store, sets, tokens)


# --- segments ------------------------------------------------------------------------------------


def test_store_a_small_room_has_no_segment(store, engine):
    say(store, *[(5,)] * 6)
    assert seal_all(store) == 0
    assert engine.segments() == {}
    assert newest(store, 5) == [6, 5, 4, 3, 2, 1]


def test_store_a_full_segment_is_sealed_once(store, engine):
    say(store, *[(5, HIGH + 5)] * 20)
    assert seal_all(store) == 2
    kept = engine.segments()
    assert {bucket for _, bucket in kept} == {SEALED, 0, 0xFE}
    assert seal_all(store) == 2
    assert engine.segments() == kept
    store.index.seal(ROOM, 0)
    assert engine.segments() == kept, "sealing again changes nothing"


def test_store_an_empty_segment_is_sealed_too(store):
    say(store, *[()] * 8, (5,))
    assert seal_all(store) == 1
    assert newest(store, 5) == [9]


def test_store_two_processes_seal_the_same(store, engine):
    say(store, *[(5,)] * 16)
    another = engine.another(SMALL)
    another.index.seal(ROOM, 0)
    store.index.seal(ROOM, 0)
    store.index.seal(ROOM, 1)
    assert newest(store, 5) == list(range(16, 0, -1))


# --- what goes, goes from the index --------------------------------------------------------------


@pytest.mark.parametrize("sealed", [True, False])
def test_store_what_is_erased_is_not_found_and_leaves_no_token(store, engine, sealed):
    say(store, *[(5, HIGH + n) for n in range(10)])
    if sealed:
        seal_all(store)
    store.append([new_message(11, erase=(3,), refers_to=(3,), generation=1)])
    assert 3 not in newest(store, 5)
    assert newest(store, HIGH + 2) == []
    entry = (2 << 12 | 3).to_bytes(4, "little")
    assert not any(entry in p for p in engine.segments().values())


def test_store_a_message_erased_in_the_batch_that_brought_it(store):
    store.append(
        [
            new_message(1, generation=1, tokens=(5,)),
            new_message(2, erase=(1,), refers_to=(1,), generation=1),
        ]
    )
    assert newest(store, 5) == []


def test_store_dropped_tokens_are_gone_and_may_come_again(store, engine):
    say(store, *[(5,)] * 10)
    seal_all(store)
    store.drop_tokens(ROOM)
    assert newest(store, 5) == []
    assert not any(engine.segments().values())
    assert store.index.count_bare(ROOM) == 10
    given = dict.fromkeys((3, 9), (1, b"\0\0\5"))
    assert store.index.fill(ROOM, given, {1: {1}}) == 2
    assert newest(store, 5) == [9, 3], "in a sealed segment and after it"
    assert store.index.count_bare(ROOM) == 8


def test_store_a_dropped_room_leaves_nothing(store, engine):
    say(store, *[(5,)] * 10)
    seal_all(store)
    store.drop_room(ROOM)
    assert engine.segments() == {}


def test_store_expired_messages_leave_no_postings(store, engine):
    say(store, *[(5, HIGH + n) for n in range(20)])
    seal_all(store)
    engine.cut(11)
    store.index.expire(ROOM, 11)
    assert newest(store, 5) == list(range(20, 10, -1))
    kept = engine.segments()
    assert {segment for segment, _ in kept} == {1}
    gone = (9 << 12 | 2).to_bytes(4, "little")  # number 10
    assert not any(gone in p for p in kept.values())


# --- generations, filters, other rooms -----------------------------------------------------------


def test_store_a_generation_is_looked_for_where_it_was_in_force(store):
    say(store, *[(5,)] * 10)
    say(store, *[(5,)] * 10, start=11, generation=2, epoch=2)
    seal_all(store)
    assert seqs(ask(store, {1: (5,)}).newest(100, [])) == list(range(10, 0, -1))
    assert seqs(ask(store, {2: (5,)}).newest(100, [])) == list(range(20, 10, -1))
    assert seqs(ask(store, {1: (5,), 2: (9,)}).newest(100, [])) == list(range(10, 0, -1))
    page = ask(store, {1: (5,), 2: (5,)}).relevant(100, [])
    assert seqs(page) == list(range(20, 0, -1))
    assert page.df == [20]


def test_store_filters(store):
    dev = "f" * 32
    for n in range(1, 11):
        store.append([new_message(n, stored_ms=n * 100_000, generation=1, tokens=(5,))])
        store.append(
            [
                new_message(
                    n, uid=OTHER, device=dev, stored_ms=n * 100_000 + 1, generation=1, tokens=(5,)
                )
            ]
        )
    seal_all(store)
    assert newest(store, 5, uids=frozenset({UID})) == list(range(19, 0, -2))
    assert newest(store, 5, since=500_000, until=700_000) == [12, 11, 10, 9]
    assert newest(store, 5, since=500_001, until=500_002) == [10]
    assert newest(store, 5, since=2_000_000) == []
    assert newest(store, 5, files=True) == []


def test_store_rooms_are_apart(store):
    say(store, *[(5,)] * 10)
    say(store, *[(6,)] * 10, room=OTHER)
    seal_all(store)
    assert newest(store, 6) == []
