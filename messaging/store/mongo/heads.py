"""Reads the heads that a batch needs, in one command of each kind however many there are."""

from __future__ import annotations

from collections.abc import Collection as Several

from pymongo import DESCENDING
from pymongo.collection import Collection

from messaging.store.base import NewMessage
from messaging.store.heads import ChainHead, Person, Sender
from messaging.store.mongo.many_rooms import Document, Pipeline, newest, union


class CollectionHeads:
    """Implements `messaging.store.append.HeadLookup` on the collection."""

    def __init__(self, messages: Collection[Document], chains: Collection[Document]) -> None:
        self._messages = messages
        self._chains = chains

    def sent(self, message: NewMessage) -> ChainHead | None:
        wanted = {"room": message.room, "uid": message.uid, "cid": message.client_message_id}
        found = self._messages.find_one(wanted, {"seq": 1, "id": 1})
        return (found["seq"], found["id"]) if found else None

    def tips(self, senders: Several[Sender]) -> dict[Sender, ChainHead]:
        shape = {"$project": {"room": 1, "uid": 1, "dev": 1, "n": 1, "id": 1}}
        wanted = [{"room": room, "uid": uid, "dev": dev} for room, uid, dev in senders]
        newest_first: Pipeline = [{"$sort": {"n": DESCENDING}}, {"$limit": 1}, shape]
        sent = union(self._messages, ([{"$match": one}, *newest_first] for one in wanted))
        ended = union(self._chains, ([{"$match": one}, shape] for one in wanted))
        tips: dict[Sender, ChainHead] = {}
        for found in (*ended, *sent):  # what was sent since goes before the end that was kept
            tips[found["room"], found["uid"], found["dev"]] = (found["n"], found["id"])
        return tips

    def devices(self, people: Several[Person]) -> dict[Person, int]:
        many = dict.fromkeys(people, 0)
        for collection in (self._messages, self._chains):
            for found in union(collection, (_devices(*person) for person in many)):
                many[found["room"], found["uid"]] += found["many"]
        return many

    def ends(self, rooms: Several[str]) -> dict[str, tuple[int, int]]:
        found = newest(self._messages, rooms, {}, {"seq": 1, "e": 1})
        return {room: (last["seq"], last["e"]) for room, last in found.items()}


def _devices(room: str, uid: str) -> Pipeline:
    """The number of devices of one person in a collection."""
    return [
        {"$match": {"room": room, "uid": uid}},
        {"$group": {"_id": "$dev"}},
        {"$group": {"_id": None, "many": {"$sum": 1}}},
        {"$project": {"room": {"$literal": room}, "uid": {"$literal": uid}, "many": 1}},
    ]
