"""The contract of every store of sealed summaries."""

from __future__ import annotations

import secrets

import pytest

from summaries.store.base import Sealed
from summaries.store.mongo import MongoSummaries
from summaries.store.orm import OrmSummaries
from tests.engines.mongo import mongo_url
from tests.messaging.engines import ORM

ROOM, OTHER = "a" * 32, "b" * 32
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("store", [ORM, "mongo"], indirect=True),
]


@pytest.fixture(scope="module")
def mongo(tmp_path_factory):
    with mongo_url(tmp_path_factory.mktemp("mongo")) as url:
        yield url


@pytest.fixture
def store(request):
    if request.param == ORM:
        yield OrmSummaries()
        return
    database = f"test_{secrets.token_hex(6)}"
    found = MongoSummaries(request.getfixturevalue("mongo"), database)
    found.prepare()
    yield found
    found.client.drop_database(database)
    found.client.close()


def sealed(first: int, last: int, room: str = ROOM, at: int = 0) -> Sealed:
    name = f"{room[0]}{first}-{last}"
    return Sealed(room, name, "c" * 32, first, last, f"body {name}", "sig", "box", at or first)


def ranges(store, room: str = ROOM) -> list[tuple[int, int]]:
    return [(one.first, one.last) for one in store.of_room(room, limit=10)[0]]


def test_store_what_is_added_comes_back_newest_first(store):
    one, two = sealed(1, 5), sealed(6, 9)
    assert store.add(one)
    assert store.add(two)
    assert store.of_room(ROOM, limit=10) == ([two, one], None)
    assert store.of_room(OTHER, limit=10) == ([], None)


def test_store_pages_skip_nothing_and_repeat_nothing(store):
    """Also where several came at one moment, or one came meanwhile."""
    kept = [sealed(1, 5, at=7), sealed(6, 9, at=7), sealed(10, 11, at=7), sealed(12, 13, at=8)]
    for one in kept:
        store.add(one)
    newest, mark = store.of_room(ROOM, limit=2)
    assert newest[0] == kept[3]
    store.add(sealed(14, 15, at=9))
    rest, end = store.of_room(ROOM, limit=2, after=mark)
    assert end is None
    assert sorted(one.first for one in newest + rest) == [1, 6, 10, 12]
    alone, mark = store.of_room(ROOM, limit=9, most=1)
    assert len(alone) == 1
    assert mark == (9, alone[0].id)


def test_store_the_same_again_is_not_stored_twice(store):
    assert store.add(sealed(1, 5))
    assert not store.add(sealed(1, 5))
    assert ranges(store) == [(1, 5)]
    assert store.add(sealed(1, 5, room=OTHER)), "in another room it is another"


def test_store_an_erased_message_takes_the_summaries_over_it(store):
    for first, last in ((1, 5), (5, 9), (10, 12)):
        store.add(sealed(first, last))
    store.add(sealed(1, 20, room=OTHER))
    assert store.drop_over(ROOM, [5, 30]) == 2
    assert ranges(store) == [(10, 12)]
    assert ranges(store, OTHER) == [(1, 20)]
    assert store.drop_over(ROOM, []) == 0


def test_store_expired_messages_take_theirs(store):
    for first, last in ((1, 5), (4, 9), (10, 12)):
        store.add(sealed(first, last))
    assert store.drop_before(ROOM, 5) == 2
    assert ranges(store) == [(10, 12)]


def test_store_a_dropped_room_leaves_nothing(store):
    store.add(sealed(1, 5))
    store.drop_room(ROOM)
    assert ranges(store) == []
