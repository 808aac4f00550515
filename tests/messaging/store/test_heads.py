"""The heads that a process remembers: bounded, and never needed for a right answer."""

from __future__ import annotations

import pytest

from messaging.store import budget, heads
from messaging.store.base import Appended
from messaging.store.heads import HeadCache
from tests.messaging.engines import MONGO_IF_SLOW
from tests.messaging.senders import ROOM, UID, new_message


def test_a_full_cache_begins_anew(monkeypatch):
    monkeypatch.setattr(heads, "MOST", 2)
    cache = HeadCache()
    for n in range(4):
        cache.update(HeadCache({f"room {n}": (1, 1)}, {(f"room {n}", UID, UID): (1, "id")}))
    assert cache.rooms.keys() == {"room 3"}
    assert cache.senders.keys() == {("room 3", UID, UID)}


def test_a_room_s_heads_are_forgotten_alone():
    cache = HeadCache({ROOM: (1, 1), "other": (1, 1)}, {(ROOM, UID, UID): (1, "id")})
    cache.forget(ROOM)
    assert cache.rooms.keys() == {"other"}
    assert not cache.senders


@pytest.mark.django_db
@pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True)
def test_a_store_that_remembers_nobody_answers_the_same(store, monkeypatch):
    """Both caches overflow with every message."""
    monkeypatch.setattr(heads, "MOST", 0)
    monkeypatch.setattr(budget, "MOST_KNOWN", 0)
    uids = [f"{n:032x}" for n in range(3)]
    assert [store.append([new_message(1, uid=uid, device=uid)]) for uid in uids] == [
        [Appended(1)],
        [Appended(2)],
        [Appended(3)],
    ]
    again = [new_message(1, uid=uid, device=uid) for uid in uids]
    assert store.append(again) == [Appended(seq, fresh=False) for seq in (1, 2, 3)]
