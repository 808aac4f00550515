"""The MongoDB engine's search index: `message_search_index`, beside the messages."""

from __future__ import annotations

import secrets
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from messaging.store.index.base import Candidate, IndexState
from messaging.store.index.postings import (
    SEALED,
    STALE,
    Shape,
    bucket_of,
    from_messages,
    joined,
    tokens_in,
)
from messaging.store.index.tail import Forward, Pieces
from messaging.store.mongo.batch import Document

CANDIDATE = dict.fromkeys(("seq", "uid", "at", "g", "tokens", "files", "by"), 1)


class CollectionIndex:
    """`messaging.store.index.base.TokenIndex` on MongoDB."""

    def __init__(
        self, messages: Collection[Document], segments: Collection[Document], shape: Shape
    ) -> None:
        self.shape = shape
        self.pieces = Pieces()
        self._messages = messages
        self._segments = segments

    # --- reading ---------------------------------------------------------------------------

    def sealed(self, room: str) -> int:
        marks = {"room": room, "bucket": SEALED}
        newest = self._segments.find_one(marks, {"seg": 1}, sort=[("seg", DESCENDING)])
        return 0 if newest is None else self.shape.first(newest["seg"] + 1)

    def forward(self, room: str, first: int, last: int) -> list[Forward]:
        wanted = {"room": room, "seq": {"$gte": first, "$lte": last}}
        found = self._messages.find(wanted, {"seq": 1, "g": 1, "tokens": 1})
        return [
            Forward(one["seq"], one.get("g", 0), bytes(one.get("tokens", b"")))
            for one in found.sort("seq", ASCENDING)
        ]

    def postings(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        wanted = list(buckets)
        found = self._stored(room, [*wanted, STALE], first, last)
        stale = [segment for segment, _ in found.pop(STALE, [])]
        built = {one: self.shape.build(self._lists(room, one).items()) for one in stale}
        return from_messages(found, wanted, built)

    def _stored(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        found: dict[int, list[tuple[int, bytes]]] = {}
        wanted = {
            "room": room,
            "bucket": {"$in": list(buckets)},
            "seg": {"$gte": first, "$lte": last},
        }
        for one in self._segments.find(wanted).sort("seg", ASCENDING):
            found.setdefault(one["bucket"], []).append((one["seg"], bytes(one["p"])))
        return found

    def candidates(self, room: str, seqs: Iterable[int]) -> list[Candidate]:
        return [
            Candidate(
                one["seq"],
                one["uid"],
                one["at"],
                one.get("g", 0),
                bytes(one.get("tokens", b"")),
                bool(one.get("files")),
                "by" in one,
            )
            for one in self._messages.find({"room": room, "seq": {"$in": list(seqs)}}, CANDIDATE)
        ]

    def stale(self, room: str) -> list[int]:
        marks = self._segments.find({"room": room, "bucket": STALE}, {"seg": 1})
        return [one["seg"] for one in marks.sort("seg", ASCENDING)]

    def at(self, room: str, seq: int) -> int:
        found = self._messages.find_one({"room": room, "seq": seq}, {"at": 1})
        return found["at"] if found else 0

    def bare(self, room: str, *, after: int, limit: int, version: int = 1) -> list[int]:
        seqs: list[int] = []
        for lacking in _lacking(room, version):
            wanted = {**lacking, "seq": {"$gt": after}}
            found = self._messages.find(wanted, {"seq": 1}).sort("seq", ASCENDING).limit(limit)
            seqs += [one["seq"] for one in found]
        return sorted(seqs)[:limit]

    def count_bare(self, room: str, version: int = 1) -> int:
        return sum(map(self._messages.count_documents, _lacking(room, version)))

    def state(self, room: str) -> IndexState:
        first = self._messages.find_one({"room": room}, {"seq": 1}, sort=[("seq", ASCENDING)])
        older = self._messages.find_one(_older(room), {"seq": 1})
        return IndexState(
            first["seq"] if first else 0,
            self.sealed(room),
            self.count_bare(room),
            older is not None,
        )

    # --- writing ---------------------------------------------------------------------------

    def seal(self, room: str, segment: int) -> None:
        """Another process may do the same: then its documents stay. An erasure in between has not
        found these, so they are checked again.
        """
        place = {"room": room, "seg": segment, "bucket": STALE}
        mark = self._segments.find_one(place, {"p": 1})
        before = self._lists(room, segment)
        try:
            self._write(room, segment, before)
        except (BulkWriteError, DuplicateKeyError):
            return
        if mark is not None:  # another mark is of tokens that came after the lists
            self._segments.delete_one({**place, "p": mark["p"]})
        after = self._lists(room, segment)
        self.erase(room, {seq: before[seq] for seq in before.keys() - after.keys()})

    def _lists(self, room: str, segment: int) -> dict[int, bytes]:
        span = (self.shape.first(segment), self.shape.last(segment))
        return {one.seq: one.tokens for one in self.forward(room, *span) if one.tokens}

    def _write(self, room: str, segment: int, lists: Mapping[int, bytes]) -> None:
        built = self.shape.build(lists.items())
        self._segments.delete_many({"room": room, "seg": segment, "bucket": {"$ne": STALE}})
        self._segments.insert_many(
            [
                {"room": room, "seg": segment, "bucket": bucket, "p": p}
                for bucket, p in {**built, SEALED: b""}.items()  # the mark comes last
            ],
            ordered=True,
        )

    def fill(
        self,
        room: str,
        tokens: Mapping[int, tuple[int, bytes]],
        epochs: Mapping[int, Some[int]],
        version: int = 1,
    ) -> int:
        taken = []
        # Before, so that a crash in between hides nothing; and after, because a segment that is
        # written meanwhile takes this mark away.
        self._mark_stale(room, tokens)
        for seq, (g, forward) in sorted(tokens.items()):
            about = {"seq": seq, "e": {"$in": sorted(epochs.get(g, ()))}}
            if any(
                self._add({**lacking, **about}, g, forward, version)
                for lacking in _lacking(room, version)
            ):
                taken.append(seq)
        self._mark_stale(room, taken)
        return len(taken)

    def _mark_stale(self, room: str, seqs: Iterable[int]) -> None:
        sealed, mark = self.sealed(room), secrets.token_bytes(8)
        for segment in sorted({self.shape.segment(seq) for seq in seqs if seq < sealed}):
            place = {"room": room, "seg": segment, "bucket": STALE}
            self._segments.update_one(place, {"$set": {"p": mark}}, upsert=True)

    def _add(self, wanted: Document, g: int, forward: bytes, version: int) -> bool:
        """Add tokens to a message, unless it has changed since it was read here."""
        found = self._messages.find_one(wanted, {"tokens": 1})
        if found is None:
            return False
        before = found.get("tokens")
        given = {"g": g, "tokens": joined(bytes(before or b""), forward)}
        given |= {"tv": version} if version > 1 else {}
        same = {**wanted, "tokens": before if before is not None else {"$exists": False}}
        return bool(self._messages.update_one(same, {"$set": given}).modified_count)

    def erase(self, room: str, gone: Mapping[int, bytes]) -> None:
        by_segment: dict[int, dict[int, bytes]] = {}
        for seq, forward in gone.items():
            by_segment.setdefault(self.shape.segment(seq), {})[seq] = forward
        for segment, lists in by_segment.items():
            buckets = {bucket_of(token) for tokens in lists.values() for token in tokens_in(tokens)}
            read = self._stored(room, buckets, segment, segment)
            kept = {bucket: packed for bucket, [(_, packed)] in read.items()}
            for bucket, p in self.shape.without(kept, lists).items():
                place = {"room": room, "seg": segment, "bucket": bucket}
                self._segments.update_one(place, {"$set": {"p": p}})

    def drop(self, room: str) -> None:
        self._segments.delete_many({"room": room, "bucket": {"$ne": SEALED}})

    def drop_segments(self, room: str) -> None:
        self._segments.delete_many({"room": room})

    def expire(self, room: str, first: int) -> None:
        segment = self.shape.segment(first)
        self._segments.delete_many({"room": room, "seg": {"$lt": segment}})
        if first < self.sealed(room):
            self.seal(room, segment)


def _lacking(room: str, version: int) -> list[Document]:
    """Messages without tokens of a version."""
    return [_bare(room)] if version == 1 else [_bare(room), _older(room)]


def _older(room: str) -> Document:
    return {"room": room, "tv": None, "g": {"$gt": 0}}


def _bare(room: str) -> Document:
    return {"room": room, "g": {"$exists": False}, "by": {"$exists": False}}
