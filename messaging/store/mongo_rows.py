"""Documents as the store's values."""

from __future__ import annotations

from typing import Any

from messaging.store.base import Row


def row_of(document: dict[str, Any]) -> Row:
    return Row(
        seq=document["seq"],
        h=document["h"],
        iv=document["iv"],
        ct=document.get("ct", ""),
        sig=document["sig"],
        re=tuple(document.get("re", ())),
        sha=document.get("sha", ""),
        erased_by=document.get("by", 0),
        files=tuple(document.get("files", ())),
    )
