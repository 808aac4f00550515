"""Statements of a search, written out: building each by the ORM takes longer than its answer.

`{many}` stands for as many values as are given there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection

from messaging.store.base import BESIDE
from messaging.store.orm.rows import ROW

if TYPE_CHECKING:
    import psycopg

CANDIDATES = """
SELECT seq, uid, stored_ms, generation, tokens, files, erased_by FROM messages
WHERE room = %s AND seq IN ({many})
"""
# Bytes of an ASCII text column. PostgreSQL knows them without unpacking the text.
_LENGTH = {"sqlite": "LENGTH", "postgresql": "OCTET_LENGTH"}
SIZES = f"""
SELECT seq, {{length}}(header) + {{length}}(ciphertext) + {BESIDE} FROM messages
WHERE room = %s AND seq IN ({{many}})
"""  # noqa: S608 (no values)
ROWS = f"""
SELECT {", ".join(ROW)} FROM messages WHERE room = %s AND seq IN ({{many}}) ORDER BY seq
"""  # noqa: S608 (names of columns)
CHANGING = """
SELECT DISTINCT seq FROM message_references
WHERE room = %s AND target IN ({many}) ORDER BY seq DESC LIMIT %s
"""
FIRST = "SELECT seq FROM messages WHERE room = %s ORDER BY seq LIMIT 1"
# Epochs ascend with numbers, so this follows the index instead of scanning the room.
BEFORE_EPOCH = """
SELECT seq FROM messages WHERE room = %s AND epoch < %s ORDER BY epoch DESC, seq DESC LIMIT 1
"""
SEALED = """
SELECT segment FROM message_search_index
WHERE room = %s AND bucket = %s ORDER BY segment DESC LIMIT 1
"""
POSTINGS = """
SELECT bucket, segment, postings FROM message_search_index
WHERE room = %s AND bucket IN ({many}) AND segment BETWEEN %s AND %s ORDER BY bucket, segment
"""
FORWARD = """
SELECT seq, generation, tokens FROM messages
WHERE room = %s AND seq BETWEEN %s AND %s ORDER BY seq
"""
# Two of its parts include a number: otherwise SQLite scans every epoch of the room.
STATE = """
SELECT (
    SELECT seq FROM messages WHERE room = %s ORDER BY seq LIMIT 1
), (
    SELECT segment FROM message_search_index
    WHERE room = %s AND bucket = %s ORDER BY segment DESC LIMIT 1
), (
    SELECT COUNT(*) FROM messages
    WHERE room = %s AND generation = 0 AND erased_by IS NULL AND seq > 0
), EXISTS (
    SELECT 1 FROM messages
    WHERE room = %s AND generation > 0 AND token_version IS NULL AND seq > 0
)
"""


def fetched(statement: str, *values: Any) -> list[Sequence[Any]]:
    """The rows of a statement. A list among its values stands for `{many}`."""
    every: list[Any] = []
    for value in values:
        if value == []:
            return []  # PostgreSQL knows no empty list
        if isinstance(value, list):
            statement = statement.replace("{many}", ", ".join(["%s"] * len(value)))
            every += value
        else:
            every.append(value)
    statement = statement.replace("{length}", _LENGTH[connection.vendor])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return _fetched_binary(cursor.connection, statement, every)
        cursor.execute(statement, every)
        return list(cursor.fetchall())


def _fetched_binary(
    server: psycopg.Connection[Any], statement: str, values: Sequence[Any]
) -> list[Sequence[Any]]:
    """The rows of a statement, as PostgreSQL sends them in binary. Django's cursors take text, in
    which bytes are hexadecimal: twice as many, and a third of the speed.
    """
    import psycopg  # not in the embedded database's processes

    with connection.wrap_database_errors, psycopg.Cursor(server) as cursor:
        cursor.format = psycopg.pq.Format.BINARY
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def first_of(statement: str, *values: Any) -> int | None:
    """The number in the one row of a statement, if there is a row."""
    rows = fetched(statement, *values)
    return rows[0][0] if rows else None
