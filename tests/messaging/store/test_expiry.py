"""Retention in every engine: whole rows go, from the oldest on, and nothing else changes."""

from __future__ import annotations

import pytest

from messaging.store.base import Appended, Rejected
from tests.messaging.engines import MONGO_IF_SLOW
from tests.messaging.senders import ROOM, new_message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True),
]
OTHER = "e" * 32


def seqs(store, room: str = ROOM) -> list[int]:
    return [row.seq for row in store.page(room, limit=200)]


def test_store_the_old_go_and_the_others_keep_their_numbers(store):
    store.append([new_message(n, stored_ms=n * 10) for n in range(1, 11)])
    store.append([new_message(n, stored_ms=n * 10, room=OTHER) for n in range(1, 4)])
    assert store.expire(ROOM, 60) == 6
    assert seqs(store) == [6, 7, 8, 9, 10]
    assert seqs(store, OTHER) == [1, 2, 3]
    assert store.expire(ROOM, 60) == 6, "again there is nothing to do"
    assert store.append([new_message(11, stored_ms=110)]) == [Appended(11)]


def test_store_a_young_message_keeps_what_stands_after_it(store):
    """Clocks of two processes differ by a moment: rows go as a beginning, never out of it."""
    store.append([new_message(n, stored_ms=at) for n, at in enumerate((10, 20, 90, 30, 100), 1)])
    assert store.expire(ROOM, 60) == 3
    assert seqs(store) == [3, 4, 5]


def test_store_the_newest_stays_so_that_numbers_go_on(store, engine):
    store.append([new_message(n, stored_ms=1) for n in range(1, 5)])
    assert store.expire(ROOM, 1000) == 4
    assert seqs(store) == [4]
    assert engine.another().append([new_message(5, stored_ms=2000)]) == [Appended(5)]


def test_store_an_empty_room_has_nothing_to_lose(store):
    assert store.expire(ROOM, 1000) == 0


def test_store_a_chain_goes_on_after_its_messages_have_gone(store, engine):
    dev = "f" * 32
    store.append([new_message(n, stored_ms=1) for n in (1, 2)])
    store.append([new_message(1, stored_ms=5, device=dev)])
    store.expire(ROOM, 4)
    fresh = engine.another()
    [refused] = fresh.append([new_message(1, stored_ms=6, client_message_id="9" * 32)])
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.extra["n"]) == ("order", 2)
    assert fresh.append([new_message(3, stored_ms=7)]) == [Appended(4)]


def test_store_many_go_in_batches(store, monkeypatch):
    for module in ("orm", "mongo"):
        monkeypatch.setattr(f"messaging.store.{module}.expiry.AT_ONCE", 3)
    store.append([new_message(n, stored_ms=n) for n in range(1, 21)])
    assert store.expire(ROOM, 12) == 12
    assert seqs(store) == list(range(12, 21))
