"""Converts documents to the store's values."""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection

from messaging.store.base import BESIDE, StoredMessage
from messaging.store.budget import BESIDE as BESIDE_STORED

SIZE = {"$add": [{"$strLenBytes": "$h"}, {"$strLenBytes": {"$ifNull": ["$ct", ""]}}, BESIDE]}
"""The most bytes that a message takes in a response, see `BESIDE`."""


COST = {"$add": [{"$strLenBytes": "$h"}, {"$strLenBytes": {"$ifNull": ["$ct", ""]}}, BESIDE_STORED]}


def cost_by_person(messages: Collection[dict[str, Any]], wanted: dict[str, Any]) -> dict[str, int]:
    """Bytes charged for messages, by uid: see `messaging.store.budget.cost`."""
    found = messages.aggregate(
        [{"$match": wanted}, {"$group": {"_id": "$uid", "size": {"$sum": COST}}}]
    )
    return {one["_id"]: one["size"] for one in found}


def row_of(document: dict[str, Any]) -> StoredMessage:
    """Convert a document to a message as members receive it."""
    return StoredMessage(
        seq=document["seq"],
        header=document["h"],
        iv=document["iv"],
        ciphertext=document.get("ct", ""),
        signature=document["sig"],
        refers_to=tuple(document.get("re", ())),
        erased_sha256=document.get("sha", ""),
        erased_by=document.get("by", 0),
        files=tuple(document.get("files", ())),
    )
