"""Pages that end by bytes: what is asked for never decides how much is loaded or sent at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Func, PositiveBigIntegerField

PAGE_BYTES = 1024 * 1024
"""Of rows in one answer: a page ends by this as well as by its number of rows."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bytes(Func):
    """Bytes of an ASCII text column. PostgreSQL knows them without unpacking the text."""

    function = "LENGTH"
    output_field = PositiveBigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="OCTET_LENGTH", **extra)


def batched(values: Iterable[Value], many: int) -> Iterator[tuple[Value, ...]]:
    """Yield `values` in tuples of `many`; the last one may be shorter. As `batched` of Python
    3.12.
    """
    rest = iter(values)
    while some := tuple(islice(rest, many)):
        yield some


def fitting(keys: Iterable[Key], sizes: Mapping[Key, int], most: int = PAGE_BYTES) -> list[Key]:
    """Choose the rows that fit into one answer.

    Args:
        keys: What names the rows, the most wanted first.
        sizes: Bytes of each row; rows without one are skipped.
        most: Bytes that all of them may have together.

    Returns:
        The longest beginning of `keys` that has at most `most` bytes, and at least the first one:
        a page that brings nothing would never end.
    """
    kept: list[Key] = []
    total = 0
    for key in keys:
        if key not in sizes:
            continue
        total += sizes[key]
        if kept and total > most:
            break
        kept.append(key)
    return kept
