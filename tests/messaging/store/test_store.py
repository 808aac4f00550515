"""The contract of every message store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from messaging.store.append import TRIES, AppendValidator
from messaging.store.base import (
    Appended,
    MessageStore,
    NewMessage,
    Rejected,
    Span,
    StoreBusy,
)
from tests.messaging.engines import ORM
from tests.messaging.senders import DEV, ROOM, UID, name_of, new_message, number

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", [ORM, "mongo"], indirect=True),
]
OTHER = "c" * 32


def fill(store: MessageStore, many: int) -> None:
    assert store.append([new_message(n) for n in range(1, many + 1)]) == [
        Appended(seq) for seq in range(1, many + 1)
    ]


def test_an_empty_room_has_nothing(store):
    assert store.heads([ROOM]) == {ROOM: 0}
    assert store.last([ROOM]) == {}
    assert store.page(ROOM) == []
    assert store.last_sizes([ROOM]) == {}
    assert store.unread([Span(ROOM, 0, 9)]) == {Span(ROOM, 0, 9): 0}
    assert (store.first_seq(ROOM), store.find(ROOM, UID, DEV)) == (0, None)


def test_numbers_begin_at_one_in_every_room(store):
    elsewhere = [new_message(n, room=OTHER) for n in (1, 2)]
    outcomes = store.append([new_message(1), *elsewhere, new_message(2)])
    assert [outcome.seq for outcome in outcomes] == [1, 1, 2, 2]
    assert store.heads([ROOM, OTHER]) == {ROOM: 2, OTHER: 2}


def test_what_is_stored_comes_back_as_it_was(store):
    sent = new_message(1, refers_to=(7, 3), generation=2, tokens=(1, 70_000, 2**24 - 1))
    store.append([sent])
    [row] = store.page(ROOM)
    sealed = (row.header, row.iv, row.ciphertext, row.signature, row.refers_to)
    assert sealed == ("header 1", "iv", "Y3Q", "sig", (7, 3))
    assert row.as_dict() == {
        "seq": 1, "h": "header 1", "iv": "iv", "ct": "Y3Q", "sig": "sig", "re": [7, 3],
    }  # fmt: skip
    assert store.last([ROOM, OTHER]) == {ROOM: row}


def test_a_row_without_references_does_not_name_them(store):
    fill(store, 1)
    assert "re" not in store.page(ROOM)[0].as_dict()


def test_the_newest_message_of_each_room_is_measured_as_all_are(store):
    store.append([new_message(1), new_message(2, ciphertext="Y3Q" * 100), new_message(room=OTHER)])
    assert store.last_sizes([ROOM, OTHER, "d" * 32]) == {
        ROOM: store.sizes(ROOM, [2])[2],
        OTHER: store.sizes(OTHER, [1])[1],
    }


def test_fault_other_writers_win_every_attempt_and_nothing_is_stored(store, monkeypatch):
    tries = []

    def lose(_: AppendValidator, message: NewMessage) -> int:
        tries.append(message)
        raise IntegrityError("another writer has taken the number")

    with monkeypatch.context() as patched:
        patched.setattr(AppendValidator, "next_seq", lose)
        patched.setattr("messaging.store.append.PAUSE", 0)
        with pytest.raises(StoreBusy):
            store.append([new_message(1)])
    assert len(tries) == TRIES
    assert store.heads([ROOM]) == {ROOM: 0}
    fill(store, 1)


# --- the same again, and what does not follow ------------------------------------------------


def test_the_same_message_again_has_its_first_number(store):
    fill(store, 2)
    assert store.append([new_message(1)]) == [Appended(1, fresh=False)]
    assert store.append([new_message(2)]) == [Appended(2, fresh=False)]
    assert store.heads([ROOM]) == {ROOM: 2}


def test_the_same_message_twice_in_a_batch_is_stored_once(store):
    assert store.append([new_message(1), new_message(1)]) == [Appended(1), Appended(1, fresh=False)]
    assert len(store.page(ROOM)) == 1


def test_the_same_message_again_is_known_in_a_later_epoch(store):
    store.append([new_message(1), new_message(2, epoch=5)])
    assert store.append([new_message(1)]) == [Appended(1, fresh=False)]


TAKEN = Rejected("conflict", {"seq": 1, "id": new_message(1).message_id})


def test_another_message_under_the_same_cid_is_a_conflict(store):
    fill(store, 1)
    assert store.append([new_message(1, message_id=name_of("other"))]) == [TAKEN]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "later"])
def test_a_cid_used_again_further_on_is_a_conflict(store, together):
    first, second = (
        new_message(1),
        new_message(2, client_message_id=new_message(1).client_message_id),
    )
    if together:
        outcomes = store.append([first, second])
    else:
        outcomes = store.append([first]) + store.append([second])
    assert outcomes == [Appended(1), TAKEN]
    assert store.append([new_message(2)]) == [Appended(2)]


def test_a_conflict_takes_nobody_along(store):
    fill(store, 1)
    outcomes = store.append(
        [
            new_message(2, client_message_id=new_message(1).client_message_id),
            new_message(1, uid=OTHER),
        ]
    )
    assert outcomes == [TAKEN, Appended(2)]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"chain_number": 4}, id="one is missing"),
        pytest.param({"chain_number": 2}, id="a number twice"),
        pytest.param({"previous_id": name_of("other")}, id="another before it"),
        pytest.param({"chain_number": 1, "previous_id": ""}, id="begins again"),
    ],
)
def test_what_does_not_follow_is_refused_with_the_last(engine, store, wrong):
    fill(store, 2)
    sent = new_message(3, **wrong)
    assert store.append([sent]) == [Rejected("order", {"n": 2, "id": new_message(2).message_id})]
    assert engine.another().append([sent]) == [
        Rejected("order", {"n": 2, "id": new_message(2).message_id})
    ]
    assert store.heads([ROOM]) == {ROOM: 2}


def test_a_first_message_follows_nothing(store):
    assert store.append([new_message(2)]) == [Rejected("order", {"n": 0, "id": ""})]


def test_devices_and_people_have_chains_of_their_own(store):
    chains = [{"device": OTHER}, {"uid": OTHER}, {"room": OTHER}]
    for n in (1, 2):
        outcomes = store.append([new_message(n, **chain) for chain in chains])
        assert all(isinstance(outcome, Appended) for outcome in outcomes)


def test_no_message_of_an_older_epoch_comes_after_a_newer(store):
    store.append([new_message(1, epoch=2)])
    assert store.append([new_message(1, uid=OTHER, epoch=1)]) == [Rejected("stale")]
    assert store.append([new_message(2, epoch=2), new_message(1, uid=OTHER, epoch=3)]) == [
        Appended(2),
        Appended(3),
    ]
    assert store.append([new_message(3, epoch=2)]) == [Rejected("stale")]


def test_each_of_a_batch_is_judged_alone(store):
    outcomes = store.append(
        [new_message(1), new_message(3), new_message(2), new_message(1, uid=OTHER, epoch=0)]
    )
    assert outcomes == [
        Appended(1),
        Rejected("order", {"n": 1, "id": new_message(1).message_id}),
        Appended(2),
        Rejected("stale"),
    ]


# --- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, range(1, 11), id="the newest"),
        pytest.param({"limit": 3}, range(8, 11), id="the newest three"),
        pytest.param({"before": 8, "limit": 3}, range(5, 8), id="before"),
        pytest.param({"before": 2, "limit": 3}, range(1, 2), id="before, at the beginning"),
        pytest.param({"before": 99, "limit": 3}, range(96, 99), id="before what is not there"),
        pytest.param({"after": 0, "limit": 3}, range(1, 4), id="after"),
        pytest.param({"after": 9, "limit": 3}, range(10, 11), id="after, at the end"),
        pytest.param({"after": 10}, range(0), id="after the end"),
        pytest.param({"around": 5, "limit": 4}, range(3, 7), id="around"),
        pytest.param({"around": 5, "limit": 1}, range(5, 6), id="around, itself alone"),
        pytest.param({"around": 1, "limit": 4}, range(1, 3), id="around, at the beginning"),
        pytest.param({"around": 10, "limit": 5}, range(8, 11), id="around, at the end"),
    ],
)
def test_pages_ascend_within_their_bounds(store, asked, expected):
    fill(store, 10)
    there = [seq for seq in expected if seq <= 10]
    assert [row.seq for row in store.page(ROOM, **asked)] == there


def test_a_page_around_a_message_ends_by_bytes_on_both_sides(store):
    store.append([new_message(n, ciphertext="A" * 1000) for n in range(1, 12)])
    [row] = store.page(ROOM, around=6, limit=11, most=1)
    assert row.seq == 6
    around = store.page(ROOM, around=6, limit=11, most=5 * row.size)
    assert [one.seq for one in around] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("at", "expected"), [(0, 1), (10, 1), (11, 2), (30, 3), (31, 5), (50, 5), (51, 0)]
)
def test_the_first_message_since_a_moment_is_found(store, at, expected):
    store.append(
        [new_message(n, stored_ms=when) for n, when in enumerate([10, 20, 30, 30, 50], start=1)]
    )
    assert store.first_since(ROOM, at) == expected
    assert store.first_since(OTHER, at) == 0


def test_the_first_message_since_a_moment_is_found_where_older_ones_are_gone(store, engine):
    store.append([new_message(n, stored_ms=n * 10) for n in range(1, 9)])
    engine.cut(below=4)
    assert [store.first_since(ROOM, at) for at in (0, 45, 80, 81)] == [4, 5, 8, 0]


def test_unread_counts_what_stands_for_itself(store):
    store.append([new_message(1), new_message(2, refers_to=(1,)), new_message(3)])
    spans = [Span(ROOM, mark, 3) for mark in (0, 1, 2, 3)]
    assert store.unread([*spans, Span(OTHER, 0, 3)]) == {
        **dict(zip(spans, [2, 1, 1, 0], strict=True)),
        Span(OTHER, 0, 3): 0,
    }


def test_unread_ends_with_its_span(store):
    fill(store, 4)
    spans = [Span(ROOM, 1, 3), Span(ROOM, 0, 9), Span(ROOM, 3, 3)]
    assert store.unread(spans) == dict(zip(spans, [2, 4, 0], strict=True))


def test_authors_of_what_can_be_unread_come_newest_first(store):
    eve = "e" * 32
    store.append([new_message(1), new_message(2, refers_to=(1,)), new_message(3)])
    store.append([new_message(1, uid=eve), new_message(2, uid=eve)])
    assert store.authors(Span(ROOM, 0, 9), 10) == [(5, eve), (4, eve), (3, UID), (1, UID)]
    assert store.authors(Span(ROOM, 1, 4), 10) == [(4, eve), (3, UID)]
    assert store.authors(Span(ROOM, 0, 9), 2) == [(5, eve), (4, eve)]
    assert store.authors(Span(OTHER, 0, 9), 10) == []


def test_a_message_is_found_by_its_cid(store):
    fill(store, 2)
    assert store.find(ROOM, UID, new_message(2).client_message_id) == (2, new_message(2).message_id)
    assert store.find(OTHER, UID, new_message(2).client_message_id) is None


def test_the_end_of_the_epoch_before(store):
    store.append([new_message(1), new_message(2), new_message(3, epoch=4)])
    assert [store.before_epoch(ROOM, e) for e in (1, 4, 5)] == [0, 2, 3]


def test_the_first_number(store):
    fill(store, 2)
    assert store.first_seq(ROOM) == 1


# --- several writers -----------------------------------------------------------------------------


def write_chain(store: MessageStore, who: int, many: int, start: threading.Barrier) -> list[int]:
    try:
        start.wait()
        sent = [new_message(n, uid=number(who)) for n in range(1, many + 1)]
        outcomes = [store.append([one])[0] for one in sent]
        return [outcome.seq for outcome in outcomes if isinstance(outcome, Appended)]
    finally:
        connection.close()


@pytest.mark.parametrize("shared", [True, False], ids=["one process", "several processes"])
def test_writers_at_once_leave_no_hole_and_no_double(engine, store, shared):
    writers, many = 6, 15
    start = threading.Barrier(writers)
    with ThreadPoolExecutor(writers) as pool:
        stores = [store if shared else engine.another() for _ in range(writers)]
        chains = list(pool.map(write_chain, stores, range(writers), [many] * writers, [start] * 6))
    assert sorted(seq for chain in chains for seq in chain) == list(range(1, writers * many + 1))
    assert all(chain == sorted(chain) for chain in chains)
    assert store.heads([ROOM]) == {ROOM: writers * many}


def test_what_another_process_wrote_is_noticed(engine, store):
    """Each remembers where the room ended; neither believes itself."""
    other = engine.another()
    assert store.append([new_message(1)]) == [Appended(1)]
    assert other.append([new_message(2), new_message(1, uid=OTHER, epoch=3)]) == [
        Appended(2),
        Appended(3),
    ]
    assert store.append([new_message(2)]) == [Appended(2, fresh=False)]
    assert store.append([new_message(3)]) == [Rejected("stale")]
    assert store.append([new_message(3, epoch=3)]) == [Appended(4)]
