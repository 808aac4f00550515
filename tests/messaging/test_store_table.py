"""What only the embedded engine's table has to do."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from messaging.store.orm_models import Message, Reference
from tests.messaging.making import ROOM, draft

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "c" * 32
# A number for the database, what the address says, and what only tombstones have.
UNSHOWN = {"id", "room", "sha", "erased_by"}


def test_tokens_are_packed_three_bytes_each(store):
    store.append([draft(1, g=2, tokens=(1, 70_000, 2**24 - 1))])
    stored = Message.objects.get()
    assert (stored.g, bytes(stored.tokens).hex()) == (2, "000001011170ffffff")


def test_every_column_is_shown(store):
    store.append([draft(1)])
    columns = {field.name for field in Message._meta.get_fields()} - UNSHOWN
    shown = set(store.stored(ROOM, 1).as_dict()) - {"id", "size"} | {"mid"}
    assert shown == columns, "a column that is not shown"


def test_a_dropped_rooms_references_go(store):
    store.append([draft(1), draft(2, re=(1,)), draft(1, room=OTHER, re=(1,))])
    store.drop_room(ROOM)
    assert set(Reference.objects.values_list("room", flat=True)) == {OTHER}


def test_the_common_message_costs_no_query_but_its_insert(store, django_assert_num_queries):
    store.append([draft(1)])
    with django_assert_num_queries(3):  # BEGIN, INSERT, COMMIT
        store.append([draft(2), draft(3)])


def test_references_already_there_are_noted_by_the_migration(store):
    store.append([draft(1), draft(2, re=(1, 1)), draft(1, uid=OTHER, re=(1,))])
    Reference.objects.all().delete()
    import_module("messaging.migrations.0003_erasing").note_references(apps, None)
    found = store.referring(ROOM, first=1, last=1, limit=500)
    assert [item.seq for item in found] == [2, 3]
