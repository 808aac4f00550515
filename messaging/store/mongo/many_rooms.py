"""Reads of many rooms in the MongoDB engine: one pipeline per room, joined into one command.

Each pipeline is a short scan of the index on (room, seq). One `$group` over all rooms would be that
only without shards; with shards it reads every message of the rooms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection

from chatsite.lib.paging import batched
from messaging.store.base import Span

AT_ONCE = 200  # pipelines in one command: MongoDB accepts 1,000 stages

Document = dict[str, Any]
Pipeline = list[Document]


def newest(
    messages: Collection[Document], rooms: Iterable[str], known: Mapping[str, int], shape: Document
) -> dict[str, Document]:
    """The newest message of each room that has one.

    Args:
        known: Numbers that rooms have reached, by room; the search begins there.
        shape: The `$project` of a message beside its room; empty for the whole document.
    """
    projected: Pipeline = [{"$project": {"room": 1, **shape}}] if shape else []
    pipelines: Iterator[Pipeline] = (
        [
            {"$match": {"room": room, "seq": {"$gte": known.get(room, 0)}}},
            {"$sort": {"seq": DESCENDING}},
            {"$limit": 1},
            *projected,
        ]
        for room in dict.fromkeys(rooms)
    )
    return {found["room"]: found for found in union(messages, pipelines)}


def unread(messages: Collection[Document], spans: Iterable[Span]) -> dict[Span, int]:
    """See `messaging.store.base.MessageStore.unread`."""
    wanted = list(dict.fromkeys(spans))
    pipelines: Iterator[Pipeline] = (
        [
            {"$match": standing(span)},
            {"$group": {"_id": {"$literal": at}, "many": {"$sum": 1}}},
        ]
        for at, span in enumerate(wanted)
    )
    counted = {one["_id"]: one["many"] for one in union(messages, pipelines)}
    return {span: counted.get(at, 0) for at, span in enumerate(wanted)}


def standing(span: Span) -> Document:
    """The filter of a span's messages that can be unread."""
    return {
        "room": span.room,
        "seq": {"$gt": span.after, "$lte": span.to},
        "re": {"$exists": False},
        "by": {"$exists": False},
    }


def union(messages: Collection[Document], pipelines: Iterable[Pipeline]) -> Iterator[Document]:
    """The results of all pipelines, AT_ONCE of them in each command."""
    for first, *others in batched(pipelines, AT_ONCE):
        joined = [{"$unionWith": {"coll": messages.name, "pipeline": one}} for one in others]
        yield from messages.aggregate([*first, *joined])
