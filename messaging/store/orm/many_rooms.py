"""Reads of many rooms in the embedded engine.

Each room costs a short index scan, whatever its size; `GROUP BY` would scan all messages of all
rooms. The rooms are passed as a list of values that SQLite and PostgreSQL both join.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from chatsite.lib.paging import batched
from messaging.store.base import Span, StoredMessage
from messaging.store.orm.models import Message
from messaging.store.orm.rows import ROW, SIZE, row_of

AT_ONCE = 500  # rooms or spans in one query

HEADS = """
WITH wanted(room) AS (VALUES {values})
SELECT room, (
    SELECT seq FROM messages WHERE messages.room = wanted.room ORDER BY seq DESC LIMIT 1
) FROM wanted
"""
UNREAD = """
WITH wanted(room, low, high) AS (VALUES {values})
SELECT room, low, high, (
    SELECT COUNT(*) FROM messages
    WHERE messages.room = wanted.room AND seq > low AND seq <= high
      AND refers_to IS NULL AND erased_by IS NULL
) FROM wanted
"""


def heads(rooms: Iterable[str]) -> dict[str, int]:
    """See `messaging.store.base.MessageStore.heads`."""
    return {room: seq or 0 for room, seq in select(HEADS, [(room,) for room in rooms])}


def unread(spans: Iterable[Span]) -> dict[Span, int]:
    """See `messaging.store.base.MessageStore.unread`."""
    return {Span(*span): many for *span, many in select(UNREAD, list(spans))}


def last(rooms: Iterable[str]) -> dict[str, StoredMessage]:
    """See `messaging.store.base.MessageStore.last`."""
    found: dict[str, StoredMessage] = {}
    for newest in _newest(rooms):
        found.update((room, row_of(tuple(row))) for room, *row in newest.values_list("room", *ROW))
    return found


def last_sizes(rooms: Iterable[str]) -> dict[str, int]:
    """See `messaging.store.base.MessageStore.last_sizes`."""
    found: dict[str, int] = {}
    for newest in _newest(rooms):
        found.update(newest.values_list("room", SIZE))
    return found


def _newest(rooms: Iterable[str]) -> Iterator[QuerySet[Message]]:
    """The newest messages of rooms, in parts."""
    ends = [(room, seq) for room, seq in heads(rooms).items() if seq]
    for some in batched(ends, AT_ONCE):
        yield Message.objects.filter(reduce(or_, (Q(room=room, seq=seq) for room, seq in some)))


def select(statement: str, wanted: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement that names `{values}` once; AT_ONCE of the wanted in each query."""
    for some in batched(wanted, AT_ONCE):
        row = f"({', '.join(['%s'] * len(some[0]))})"
        with connection.cursor() as cursor:
            values = [value for one in some for value in one]
            cursor.execute(statement.format(values=", ".join([row] * len(some))), values)
            yield from cursor.fetchall()
