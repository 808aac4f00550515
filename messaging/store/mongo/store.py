"""The MongoDB engine: a document a message, sharded by room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from django.db import IntegrityError
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from accounts.storage import give_back
from chatsite.lib import wire
from chatsite.lib.paging import PAGE_BYTES
from messaging.store.append import TRIES, AppendValidator, backoff
from messaging.store.base import (
    Appended,
    MessageRecord,
    NewMessage,
    Outcome,
    Span,
    StoreBusy,
    StoredMessage,
)
from messaging.store.budget import Budget, Overdrawn, Used
from messaging.store.heads import HeadCache
from messaging.store.index.postings import Shape, tokens_in
from messaging.store.mongo import many_rooms
from messaging.store.mongo.batch import Batch, Collision, Document, Inserted
from messaging.store.mongo.connection import Connection
from messaging.store.mongo.expiry import expire
from messaging.store.mongo.heads import CollectionHeads
from messaging.store.mongo.index import CollectionIndex
from messaging.store.mongo.preflight import check_fit
from messaging.store.mongo.preparation import Preparation
from messaging.store.mongo.rows import SIZE, cost_by_person, row_of
from messaging.store.paging import first_since, page_span

LOCAL = ReadConcern("local")


class MongoStore:
    """Implements `messaging.store.base.MessageStore` on MongoDB.

    The insert itself claims the number: (room, seq) is unique, and there is no counter that a crash
    could leave ahead of the messages. Processes that write to one room at the same time collide
    there; the loser retries the rest of its batch. A process caches the heads that it wrote, so
    that most messages cost only their insert.
    """

    def __init__(
        self,
        url: str,
        database: str = "sotto",
        shape: Shape = Shape(),  # noqa: B008 (frozen)
    ) -> None:
        self.connection = Connection(url, database)
        self._shape = shape
        self._heads_cache = HeadCache()
        self._used: Used = {}

    @property
    def messages(self) -> Collection[Document]:
        return self.connection.messages

    @property
    def chains(self) -> Collection[Document]:
        """Ends of chains whose messages have expired."""
        return self.connection.chains

    def check(self) -> None:
        check_fit(lambda: self.messages)

    @cached_property
    def index(self) -> CollectionIndex:
        return CollectionIndex(self.messages, self.connection.segments, self._shape)

    def prepare(self) -> None:
        Preparation(self.connection, self.index).run()

    def prepare_to_serve(self, say: Callable[[str], object]) -> None:
        Preparation(self.connection, self.index).run_to_serve(say)

    # --- writing ----------------------------------------------------------------------------

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        inserted: Inserted = {}
        for attempt in range(TRIES):
            newest = attempt % 2 == 1
            validator = self._validator(attempt, newest=newest)
            work = Batch(self.messages, self.index, validator, inserted, Budget(self._used))
            try:
                outcomes = work.take(batch)
            except Overdrawn:
                continue
            except (Collision, DuplicateKeyError, IntegrityError):
                backoff(attempt)
                continue
            if newest and not all(_is_new(outcome) for outcome in outcomes):
                self._await_majority()
                continue  # a write that a majority may still lose is no reason to reject
            self._heads_cache.update(validator.heads)
            return outcomes
        raise StoreBusy

    def _validator(self, attempt: int, *, newest: bool) -> AppendValidator:
        """The validator of attempt number `attempt`.

        The first attempt trusts the cached heads. After a collision the next one reads the newest
        messages (`newest`), also those that no majority has confirmed: by the majority's view it
        would claim a taken number again and again while the other process writes. Messages inserted
        after them are confirmed only together with them.
        """
        messages, chains = self.messages, self.chains
        if newest:
            messages = messages.with_options(read_concern=LOCAL)
        remembered = HeadCache() if attempt else self._heads_cache
        return AppendValidator(CollectionHeads(messages, chains), remembered, careful=attempt > 0)

    def _await_majority(self) -> None:
        """Wait until a majority has all earlier writes. Deletes nothing."""
        self.messages.delete_many({"room": "", "seq": 0})

    def expire(self, room: str, before: int) -> int:
        return expire(self.messages, self.chains, room, before)

    def usage(self) -> dict[str, int]:
        return cost_by_person(self.messages, {})

    def drop_room(self, room: str) -> None:
        freed = cost_by_person(self.messages, {"room": room})
        if self.messages.delete_many({"room": room}).deleted_count:
            give_back("messages", freed)
        self.chains.delete_many({"room": room})
        self.index.drop_segments(room)
        self._heads_cache.forget(room)

    def drop_tokens(self, room: str) -> None:
        self.messages.update_many(
            {"room": room, "g": {"$exists": True}}, {"$unset": {"tokens": "", "g": "", "tv": ""}}
        )
        self.index.drop(room)

    # --- reading ----------------------------------------------------------------------------

    def find(self, room: str, uid: str, cid: str) -> tuple[int, str] | None:
        found = self.messages.find_one({"room": room, "uid": uid, "cid": cid}, {"seq": 1, "id": 1})
        return (found["seq"], found["id"]) if found else None

    def page(
        self,
        room: str,
        *,
        after: int | None = None,
        before: int | None = None,
        around: int | None = None,
        limit: int = 50,
        most: int = PAGE_BYTES,
    ) -> list[StoredMessage]:
        """Reads a bounded range of numbers, which has no gaps."""
        span = page_span(
            after=after,
            before=before,
            around=around,
            limit=limit,
            newest=lambda: self.heads([room])[room],
        )
        inside = {"$gte": span.low, "$lte": span.high}
        kept = span.fitting(self._sizes({"room": room, "seq": inside}), most)
        if not kept:
            return []
        fit = {"room": room, "seq": {"$gte": min(kept), "$lte": max(kept)}}
        return [row_of(document) for document in self.messages.find(fit).sort("seq", ASCENDING)]

    def referring(
        self, room: str, *, first: int, last: int, limit: int, before: int | None = None
    ) -> list[int]:
        return self._newest_of(
            {
                "room": room,
                "seq": {"$gt": last} if before is None else {"$gt": last, "$lt": before},
                "re": {"$exists": True, "$elemMatch": {"$gte": first, "$lte": last}},
            },
            limit,
        )

    def changes(self, room: str, *, limit: int, before: int | None = None) -> list[int]:
        below = {} if before is None else {"seq": {"$lt": before}}
        return self._newest_of({"room": room, "re": {"$exists": True}, **below}, limit)

    def changing(self, room: str, targets: Iterable[int], *, limit: int) -> list[int]:
        return self._newest_of({"room": room, "re": {"$exists": True, "$in": list(targets)}}, limit)

    def _newest_of(self, wanted: Document, limit: int) -> list[int]:
        found = self.messages.find(wanted, {"seq": 1}).sort("seq", DESCENDING).limit(limit)
        return [document["seq"] for document in found]

    def sizes(self, room: str, seqs: Iterable[int]) -> dict[int, int]:
        return self._sizes({"room": room, "seq": {"$in": list(seqs)}})

    def _sizes(self, wanted: Document) -> dict[int, int]:
        found = self.messages.aggregate(
            [{"$match": wanted}, {"$project": {"seq": 1, "size": SIZE}}]
        )
        return {document["seq"]: document["size"] for document in found}

    def rows(self, room: str, seqs: Iterable[int]) -> list[StoredMessage]:
        found = self.messages.find({"room": room, "seq": {"$in": list(seqs)}})
        return sorted(map(row_of, found), key=lambda row: row.seq)

    def stored(self, room: str, seq: int) -> MessageRecord | None:
        found = self.messages.find_one({"room": room, "seq": seq})
        return None if found is None else _stored(found)

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        wanted = list(rooms)
        found = self._newest_of_each(wanted, {"seq": 1})
        return {room: found[room]["seq"] if room in found else 0 for room in wanted}

    def last(self, rooms: Iterable[str]) -> dict[str, StoredMessage]:
        found = self._newest_of_each(rooms, {})
        return {room: row_of(document) for room, document in found.items()}

    def last_sizes(self, rooms: Iterable[str]) -> dict[str, int]:
        found = self._newest_of_each(rooms, {"size": SIZE})
        return {room: document["size"] for room, document in found.items()}

    def unread(self, spans: Iterable[Span]) -> dict[Span, int]:
        return many_rooms.unread(self.messages, spans)

    def authors(self, span: Span, limit: int) -> list[tuple[int, str]]:
        found = self.messages.find(many_rooms.standing(span), {"seq": 1, "uid": 1})
        newest = found.sort("seq", DESCENDING).limit(limit)
        return [(document["seq"], document["uid"]) for document in newest]

    def first_seq(self, room: str) -> int:
        return self._first({"room": room}, ASCENDING)

    def first_since(self, room: str, at: int) -> int:
        last = self._first({"room": room}, DESCENDING)
        return first_since(at, self.first_seq(room), last, lambda seq: self._moment(room, seq))

    def _moment(self, room: str, seq: int) -> int | None:
        found = self.messages.find_one({"room": room, "seq": seq}, {"at": 1})
        return found["at"] if found else None

    def before_epoch(self, room: str, epoch: int) -> int:
        """Epochs ascend with numbers, so this follows the index instead of scanning the room."""
        order = [("e", DESCENDING), ("seq", DESCENDING)]
        found = self.messages.find_one({"room": room, "e": {"$lt": epoch}}, {"seq": 1}, sort=order)
        return found["seq"] if found else 0

    def _newest_of_each(self, rooms: Iterable[str], shape: Document) -> dict[str, Document]:
        """The newest message of each room. The search begins at the newest one written here; a room
        without any from there on was dropped by another process.
        """
        wanted = list(rooms)
        known = self._heads_cache.rooms
        begins = {room: known[room][0] for room in wanted if room in known}
        found = many_rooms.newest(self.messages, wanted, begins, shape)
        for room in begins.keys() - found.keys():
            self._heads_cache.forget(room)
        return found

    def _first(self, wanted: Document, way: int) -> int:
        found = self.messages.find_one(wanted, {"seq": 1}, sort=[("seq", way)])
        return found["seq"] if found else 0


def _is_new(outcome: Outcome) -> bool:
    return isinstance(outcome, Appended) and outcome.fresh


def _stored(document: Document) -> MessageRecord:
    tokens: bytes = document.get("tokens", b"")
    return MessageRecord(
        row=row_of(document),
        uid=document["uid"],
        device=document["dev"],
        chain_number=document["n"],
        client_message_id=document["cid"],
        message_id=document["id"],
        epoch=document["e"],
        stored_ms=document["at"],
        generation=document.get("g", 0),
        tokens=tuple(tokens_in(tokens)),
        token_version=document.get("tv", 1),
        size=len(wire.unb64(document.get("ct", ""))),
    )
