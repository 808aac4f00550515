"""What only the embedded engine's table has to do."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from messaging.search.query import Extent, Filters, Searcher
from messaging.store.orm.models import Message, Reference
from tests.messaging.senders import ROOM, new_message, number

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "c" * 32
# A number for the database, what the address says, and what only tombstones have.
UNSHOWN = {"id", "room", "erased_sha256", "erased_by"}
KEYS = {
    "device": "dev",
    "chain_number": "n",
    "client_message_id": "cid",
    "message_id": "id",
    "epoch": "e",
    "header": "h",
    "ciphertext": "ct",
    "signature": "sig",
    "stored_ms": "at",
    "refers_to": "re",
    "generation": "g",
}
"""What other columns are called in an answer."""


def test_tokens_are_packed_three_bytes_each(store):
    store.append([new_message(1, generation=2, tokens=(1, 70_000, 2**24 - 1))])
    stored = Message.objects.get()
    assert (stored.generation, bytes(stored.tokens).hex()) == (2, "000001011170ffffff")


def test_every_column_is_shown(store):
    store.append([new_message(1)])
    columns = {field.name for field in Message._meta.get_fields()} - UNSHOWN
    shown = set(store.stored(ROOM, 1).as_dict()) - {"size"}
    assert shown == {KEYS.get(name, name) for name in columns}, "a column that is not shown"


def test_a_dropped_rooms_references_go(store):
    store.append(
        [new_message(1), new_message(2, refers_to=(1,)), new_message(1, room=OTHER, refers_to=(1,))]
    )
    store.drop_room(ROOM)
    assert set(Reference.objects.values_list("room", flat=True)) == {OTHER}


def test_the_common_message_costs_no_query_but_its_insert(store, django_assert_num_queries):
    store.append([new_message(1)])
    with django_assert_num_queries(4):  # BEGIN, INSERT, counting what each has stored, COMMIT
        store.append([new_message(2), new_message(3)])


@pytest.mark.parametrize("many", [1, 50])
def test_queries_of_first_messages_do_not_grow_with_them(store, django_assert_num_queries, many):
    batch = [new_message(1, uid=number(n), room=number(("room", n % 7))) for n in range(many)]
    # BEGIN, the rooms' ends, the devices' last messages, how many devices, INSERT, counting, COMMIT
    with django_assert_num_queries(7):
        store.append(batch)


class Older:
    """The models as that migration knew them."""

    @staticmethod
    def get_model(app: str, name: str) -> Any:
        if name == "Reference":
            return Reference
        return SimpleNamespace(objects=Message.objects.annotate(re=F("refers_to")))


def test_references_already_there_are_noted_by_the_migration(store):
    store.append(
        [
            new_message(1),
            new_message(2, refers_to=(1, 1)),
            new_message(1, uid=OTHER, refers_to=(1,)),
        ]
    )
    Reference.objects.all().delete()
    import_module("messaging.migrations.0003_erasing").note_references(Older, None)
    assert store.referring(ROOM, first=1, last=1, limit=500) == [3, 2]


def test_no_search_walks_through_a_room(store):
    """Not even where the database knows nothing of how many messages there are."""
    store.append([new_message(n, generation=1, tokens=(5,)) for n in range(1, 20)])
    asked: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        state = store.index.state(ROOM)
        extent = Extent(state.first, 19, state.sealed)
        searcher = Searcher(store, ROOM, {1: (5,), 2: (6,)}, Filters(), extent)
        assert len(searcher.newest(5, []).hits) == 5
    steps = []
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            steps += [step for *_, step in cursor.fetchall()]
    assert len(steps) >= 6
    steps = [step for step in steps if step != "SCAN CONSTANT ROW"]
    assert not [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]
    assert [step for step in steps if step.endswith("(room=?)")] == [
        "SEARCH messages USING COVERING INDEX sqlite_autoindex_messages_1 (room=?)"
    ], "its first row is the oldest number"


def test_nothing_is_asked_of_no_messages(store, django_assert_num_queries):
    """PostgreSQL refuses an empty list."""
    with django_assert_num_queries(0):
        assert store.sizes(ROOM, []) == {}
        assert store.rows(ROOM, []) == []
        assert store.changing(ROOM, [], limit=5) == []
        assert store.index.candidates(ROOM, []) == []
