"""Answers have an end in bytes, however large the messages are."""

from __future__ import annotations

import json

import pytest

from chatsite.lib.paging import fitting
from messaging.store.base import BESIDE, StoredMessage
from tests.messaging.engines import ORM
from tests.messaging.senders import ROOM, new_message

LARGE = "A" * 80_000
KINDS = pytest.mark.parametrize("engine", [ORM, "mongo"], indirect=True)


def test_fitting_takes_the_front_and_at_least_one():
    sizes = {1: 50, 2: 60, 3: 10}
    assert fitting([1, 2, 3], sizes, 100) == [1], "nothing is skipped to fill a page"
    assert fitting([3, 9, 2, 1], sizes, 70) == [3, 2]
    assert fitting([2], sizes, 1) == [2], "an empty page would never end"
    assert fitting([], sizes, 100) == []


def test_no_row_takes_more_bytes_than_it_is_counted_for():
    most = 2**53 - 1
    row = StoredMessage(
        most,
        "h" * 4096,
        "i" * 16,
        LARGE,
        "s" * 86,
        tuple(range(most - 100, most)),
        files=tuple(f"{n:032x}" for n in range(10)),
    )
    assert len(json.dumps(row.as_dict(), separators=(",", ":"))) <= row.size
    gone = StoredMessage(most, "h", "i" * 16, "", "s" * 86, row.refers_to, "x" * 43, most)
    assert len(json.dumps(gone.as_dict(), separators=(",", ":"))) <= gone.size


@pytest.mark.django_db(transaction=True)
@KINDS
def test_abuse_a_page_ends_by_bytes_in_both_directions(store):
    store.append([new_message(n, ciphertext=LARGE) for n in range(1, 21)])
    ahead = store.page(ROOM, after=0, limit=200, most=300_000)
    assert [row.seq for row in ahead] == [1, 2, 3]
    assert [row.seq for row in store.page(ROOM, limit=200, most=300_000)] == [18, 19, 20]
    assert [row.seq for row in store.page(ROOM, before=18, limit=200, most=300_000)] == [15, 16, 17]
    assert [row.seq for row in store.page(ROOM, after=3, limit=200, most=1)] == [4]
    assert sum(row.size for row in store.page(ROOM, limit=200)) <= 1024 * 1024


@pytest.mark.django_db(transaction=True)
@KINDS
def test_abuse_pages_by_bytes_leave_nothing_out(store):
    store.append([new_message(n, ciphertext="A" * (1 + n * 7919 % 90_000)) for n in range(1, 61)])
    seen: list[int] = []
    while rows := store.page(ROOM, after=seen[-1] if seen else 0, limit=200, most=200_000):
        seen += [row.seq for row in rows]
    assert seen == list(range(1, 61))
    back: list[int] = []
    while rows := store.page(ROOM, before=back[0] if back else None, limit=200, most=200_000):
        back = [row.seq for row in rows] + back
    assert back == seen


@pytest.mark.django_db(transaction=True)
@KINDS
def test_sizes_are_those_of_the_rows(store):
    store.append([new_message(1, ciphertext=LARGE), new_message(2), new_message(3, erase=(1,))])
    rows = store.rows(ROOM, [1, 2, 3])
    assert store.sizes(ROOM, [1, 2, 3, 9]) == {row.seq: row.size for row in rows}
    assert rows[0].size == len("header 1") + BESIDE, "a tombstone"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("engine", [ORM], indirect=True)
@pytest.mark.parametrize("many", [2, 150])
def test_a_page_takes_as_many_queries_however_many_rows_it_has(
    store, django_assert_num_queries, many
):
    store.append([new_message(n) for n in range(1, many + 1)])
    with django_assert_num_queries(2):
        assert len(store.page(ROOM, after=0, limit=200)) == many
