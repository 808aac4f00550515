"""Converts rows of the table to the store's values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.expressions import CombinedExpression

from chatsite.lib.paging import Bytes
from messaging.store.base import BESIDE, StoredMessage
from messaging.store.budget import BESIDE as BESIDE_STORED

SIZE: CombinedExpression = Bytes(F("header")) + Bytes(F("ciphertext")) + Value(BESIDE)
"""The most bytes that a message takes in a response, see `BESIDE`."""


def cost_by_person(messages: QuerySet[Any]) -> dict[str, int]:
    """Bytes charged for messages, by uid: see `messaging.store.budget.cost`."""
    size = Sum(Bytes(F("header")) + Bytes(F("ciphertext")) + Value(BESIDE_STORED))
    return dict(messages.order_by().values_list("uid").annotate(size=size))


ROW = (
    "seq",
    "header",
    "iv",
    "ciphertext",
    "signature",
    "refers_to",
    "erased_sha256",
    "erased_by",
    "files",
)


JSON = ("refers_to", "files")


def written_out(values: Sequence[Any]) -> tuple[Any, ...]:
    """A row of a statement that is written out, as the ORM has it: JSON may be text in it."""
    return tuple(
        json.loads(value) if name in JSON and isinstance(value, str) else value
        for name, value in zip(ROW, values, strict=True)
    )


def row_of(values: tuple[Any, ...]) -> StoredMessage:
    """Convert a table row to a message as members receive it."""
    seq, h, iv, ct, sig, re, sha, erased_by, files = values
    refs, beside = tuple(re or ()), tuple(files or ())
    return StoredMessage(seq, h, iv, ct, sig, refs, sha, erased_by or 0, beside)
