"""Retention of the MongoDB engine: deletes whole documents, from the oldest on."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection

from accounts.storage import give_back
from messaging.store.mongo.batch import Document
from messaging.store.mongo.rows import cost_by_person

AT_ONCE = 1000  # documents


def expire(
    messages: Collection[Document], chains: Collection[Document], room: str, before: int
) -> int:
    """See `messaging.store.base.MessageStore.expire`. Chain ends are stored before messages are
    deleted, so that an interrupted run can be repeated.
    """
    while True:
        first, last = _end(messages, room, ASCENDING), _end(messages, room, DESCENDING)
        until = min(last, first + AT_ONCE)
        if until <= first:
            return first
        young = {"room": room, "seq": {"$gte": first, "$lt": until}, "at": {"$gte": before}}
        kept = messages.find_one(young, {"seq": 1}, sort=[("seq", ASCENDING)])
        until = kept["seq"] if kept else until
        if until == first:
            return first
        going = {"room": room, "seq": {"$gte": first, "$lt": until}}
        _remember(messages, chains, going)
        freed = cost_by_person(messages, going)
        messages.delete_many(going)
        give_back("messages", freed)


def _remember(
    messages: Collection[Document], chains: Collection[Document], going: Document
) -> None:
    ends: dict[tuple[str, str, str], Document] = {}
    for one in messages.find(going, {"room": 1, "uid": 1, "dev": 1, "n": 1, "id": 1}):
        key = (one["room"], one["uid"], one["dev"])
        if key not in ends or ends[key]["n"] < one["n"]:
            ends[key] = {"n": one["n"], "id": one["id"]}
    for (room, uid, dev), end in ends.items():
        chains.update_one({"room": room, "uid": uid, "dev": dev}, {"$set": end}, upsert=True)


def _end(messages: Collection[Document], room: str, way: int) -> int:
    found = messages.find_one({"room": room}, {"seq": 1}, sort=[("seq", way)])
    return int(found["seq"]) if found else 0
