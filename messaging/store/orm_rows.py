"""Rows of the table as the store's values."""

from __future__ import annotations

from typing import Any

from messaging.store.base import Row

ROW = ("seq", "h", "iv", "ct", "sig", "re", "sha", "erased_by", "files")


def row_of(values: tuple[Any, ...]) -> Row:
    seq, h, iv, ct, sig, re, sha, erased_by, files = values
    refs, beside = tuple(re or ()), tuple(files or ())
    return Row(seq, h, iv, ct, sig, refs, sha, erased_by or 0, beside)
