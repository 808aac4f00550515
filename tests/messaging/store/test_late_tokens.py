"""Tokens that members add to messages later."""

from __future__ import annotations

import pytest

from messaging.search import indexing
from messaging.store.index.postings import Shape
from messaging.store.mongo.index import CollectionIndex
from messaging.store.orm.erasure import Eraser
from tests.messaging.engines import MONGO_IF_SLOW, Table
from tests.messaging.senders import ROOM, new_message
from tests.messaging.store.small_segments import (
    SMALL,
    ask,
    newest,
    say,
    seal_all,
    seqs,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True),
]


@pytest.fixture
def store(engine):
    return engine.another(SMALL)


def test_store_only_what_has_no_tokens_takes_some(store):
    say(store, (5,), ())
    store.append([new_message(3), new_message(4), new_message(5, erase=(4,), refers_to=(4,))])
    assert store.index.bare(ROOM, after=0, limit=10) == [3, 5]
    assert store.index.bare(ROOM, after=3, limit=10) == [5]
    given = dict.fromkeys((1, 2, 3, 4), (1, b"\0\0\6"))
    assert store.index.fill(ROOM, given, {1: {1}}) == 1
    assert newest(store, 6) == [3]
    assert newest(store, 5) == [1]


def test_store_a_message_takes_tokens_of_its_own_generation_only(store):
    store.append(
        [new_message(1), new_message(2, epoch=2), new_message(3, epoch=3), new_message(4, epoch=4)]
    )
    epochs = {1: {1}, 2: {2, 3}, 4: {4}}
    assert store.index.fill(ROOM, dict.fromkeys((2, 3, 4), (1, b"\x00\x00\x05")), epochs) == 0
    assert store.index.fill(ROOM, dict.fromkeys((1, 2, 3), (4, b"\x00\x00\x05")), epochs) == 0
    assert store.index.fill(ROOM, {3: (3, b"\0\0\5"), 1: (9, b"\0\0\5")}, epochs) == 0
    assert store.index.fill(ROOM, dict.fromkeys((1, 2, 3, 4), (2, b"\x00\x00\x05")), epochs) == 2
    assert seqs(ask(store, {2: (5,)}).newest(9, [])) == [3, 2]


def test_store_tokens_of_version_2_lie_beside_those_of_the_sender(store, engine):
    say(store, *[(5,)] * 9)
    say(store, (5,), start=10, token_version=2)
    store.append([new_message(11), new_message(12, erase=(4,), refers_to=(4,))])
    assert seal_all(store) == 1
    assert store.index.state(ROOM).older
    assert store.index.bare(ROOM, after=0, limit=20) == [11, 12], "of version 1"
    lacking = [1, 2, 3, 5, 6, 7, 8, 9, 11, 12]
    assert store.index.bare(ROOM, after=0, limit=20, version=2) == lacking
    assert store.index.bare(ROOM, after=5, limit=2, version=2) == [6, 7]
    assert store.index.count_bare(ROOM, 2) == len(lacking)
    given = dict.fromkeys((2, 9, 10, 11), (1, b"\0\0\6\0\0\7"))
    assert store.index.fill(ROOM, given, {1: {1}}) == 1, "of version 1 only where there is none"
    assert store.index.fill(ROOM, given, {1: {1}}, 2) == 3
    assert store.index.fill(ROOM, given, {1: {1}}, 2) == 0, "once"
    assert newest(store, 6) == [11, 9, 2], "in a sealed segment and after it"
    assert newest(store, 5) == [10, 9, 8, 7, 6, 5, 3, 2, 1], "what was there stays"
    assert engine.kept(2)["tokens"] == b"\0\0\5\0\0\6\0\0\7"


def test_store_a_filled_segment_is_stale_until_it_is_written_again(store, engine):
    store.append([new_message(n) for n in range(1, 18)])
    assert seal_all(store) == 2
    assert store.index.fill(ROOM, {9: (1, b"\0\0\5")}, {1: {1}}) == 1
    assert store.index.stale(ROOM) == [1]
    assert newest(store, 5) == [9], "found before the segment has it"
    assert (1, 0) not in engine.segments()
    assert store.index.fill(ROOM, {3: (1, b"\0\0\5"), 10: (1, b"\0\0\6")}, {1: {1}}) == 2
    assert store.index.stale(ROOM) == [0, 1]
    indexing.refill(store, ROOM)
    assert store.index.stale(ROOM) == []
    assert newest(store, 5) == [9, 3]
    assert newest(store, 6) == [10]
    assert {key for key in engine.segments() if key[1] == 0} == {(0, 0), (1, 0)}


def test_store_tokens_that_come_while_a_segment_is_written_leave_it_stale(store, monkeypatch):
    store.append([new_message(n) for n in range(1, 10)])
    assert seal_all(store) == 1
    assert store.index.fill(ROOM, {2: (1, b"\0\0\5")}, {1: {1}}) == 1
    build, late = Shape.build, iter([{3: (1, b"\0\0\5")}])

    def building(self, rows):
        built = build(self, rows)
        for tokens in late:
            assert store.index.fill(ROOM, tokens, {1: {1}}) == 1
        return built

    monkeypatch.setattr(Shape, "build", building)
    indexing.refill(store, ROOM)
    assert newest(store, 5) == [3, 2]
    indexing.refill(store, ROOM)
    assert store.index.stale(ROOM) == []
    assert newest(store, 5) == [3, 2]


def test_store_an_erased_message_leaves_a_stale_segment_too(store, engine):
    say(store, *[(5,)] * 8)
    assert seal_all(store) == 1
    store.append([new_message(9)])
    assert store.index.fill(ROOM, {3: (1, b"\0\0\6")}, {1: {1}}, 2) == 1
    store.append([new_message(10, erase=(3,), refers_to=(3,))])
    entry = (5 << 12 | 3).to_bytes(4, "little")
    assert not any(entry in p for p in engine.segments().values())
    assert newest(store, 6) == []


def test_store_dropped_tokens_leave_nothing_stale(store):
    store.append([new_message(n) for n in range(1, 10)])
    assert seal_all(store) == 1
    store.index.fill(ROOM, {2: (1, b"\0\0\5")}, {1: {1}})
    store.drop_tokens(ROOM)
    assert store.index.stale(ROOM) == []


def test_store_where_nobody_takes_tasks_the_process_writes_segments(store, monkeypatch):
    sent = []
    monkeypatch.setattr("celery.current_app.send_task", lambda *task, **_: sent.append(task))
    store.append([new_message(n) for n in range(1, 26)])
    assert seal_all(store) == 3
    store.index.fill(ROOM, {2: (1, b"\0\0\5"), 9: (1, b"\0\0\5")}, {1: {1}})
    indexing.refill_later(store, ROOM)
    assert sent == [("index.refill", [ROOM])]
    assert store.index.stale(ROOM) == [0, 1], "left to the task"
    store.index.fill(ROOM, {17: (1, b"\0\0\5")}, {1: {1}})
    indexing.refill_later(store, ROOM)
    assert store.index.stale(ROOM) == []
    assert len(sent) == 1


def test_store_tokens_of_version_2_are_of_the_messages_generation(store):
    say(store, (5,), (5,))
    assert store.index.fill(ROOM, {1: (2, b"\0\0\6")}, {1: {1}, 2: {2}}, 2) == 0
    assert newest(store, 6) == []
    assert store.index.fill(ROOM, dict.fromkeys((1, 2), (1, b"\0\0\6")), {1: {1}}, 2) == 2
    assert not store.index.state(ROOM).older
    store.drop_tokens(ROOM)
    assert store.index.count_bare(ROOM, 2) == 2
    assert store.index.fill(ROOM, {1: (1, b"\0\0\7")}, {1: {1}}, 2) == 1
    assert newest(store, 7) == [1]


def test_store_tokens_that_come_while_their_message_is_erased_go_too(store, engine, monkeypatch):
    """Between what the eraser reads and what it writes."""
    store.append([new_message(n) for n in range(1, 11)])
    assert seal_all(store) == 1
    given = iter([{3: (1, b"\0\0\5")}])
    where, name = (Eraser, "save") if isinstance(engine, Table) else (CollectionIndex, "erase")
    before = getattr(where, name)

    def late(self, *what):
        for tokens in given:
            assert store.index.fill(ROOM, tokens, {1: {1}}) == 1
        before(self, *what)

    monkeypatch.setattr(where, name, late)
    store.append([new_message(11, erase=(3,), refers_to=(3,))])
    assert engine.kept(3)["tokens"] == b""
    entry = (5 << 12 | 3).to_bytes(4, "little")
    assert not any(entry in p for p in engine.segments().values())


def test_store_search_an_erasing_while_a_segment_is_built_leaves_no_token(
    store, engine, monkeypatch
):
    """Between what the sealing reads and what it writes."""
    say(store, *[(5,)] * 10)
    build, erasings = Shape.build, iter([new_message(11, erase=(3,), refers_to=(3,))])

    def late(self, rows):
        built = build(self, rows)
        for erasing in erasings:
            store.append([erasing])
        return built

    monkeypatch.setattr(Shape, "build", late)
    assert seal_all(store) == 1
    entry = (5 << 12 | 3).to_bytes(4, "little")
    assert not any(entry in p for p in engine.segments().values())
