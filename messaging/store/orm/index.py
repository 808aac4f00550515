"""The embedded engine's search index: rows of postings beside the messages."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from messaging.store.index.base import Candidate, IndexState
from messaging.store.index.postings import (
    SEALED,
    STALE,
    Postings,
    Shape,
    bucket_of,
    from_messages,
    joined,
    tokens_in,
)
from messaging.store.index.tail import Forward, Pieces
from messaging.store.orm import statements
from messaging.store.orm.models import Message, SearchSegment
from messaging.store.orm.statements import fetched, first_of

NO_FILES: tuple[object, ...] = (None, "[]", [])
"""As text of JSON, and as PostgreSQL sends it in binary."""


class TableIndex:
    """`messaging.store.index.base.TokenIndex` on Django's ORM."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.pieces = Pieces()

    # --- reading ---------------------------------------------------------------------------

    def sealed(self, room: str) -> int:
        return self._after(first_of(statements.SEALED, room, SEALED))

    def _after(self, newest: int | None) -> int:
        """The number after a segment."""
        return 0 if newest is None else self.shape.first(newest + 1)

    def forward(self, room: str, first: int, last: int) -> list[Forward]:
        rows = fetched(statements.FORWARD, room, first, last)
        return [Forward(seq, generation, bytes(tokens)) for seq, generation, tokens in rows]

    def postings(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        wanted = list(buckets)
        found = self._stored(room, [*wanted, STALE], first, last)
        stale = [segment for segment, _ in found.pop(STALE, [])]
        return from_messages(found, wanted, {one: self._built(room, one) for one in stale})

    def _stored(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        found: dict[int, list[tuple[int, bytes]]] = {}
        for bucket, segment, packed in fetched(
            statements.POSTINGS, room, list(buckets), first, last
        ):
            found.setdefault(bucket, []).append((segment, bytes(packed)))
        return found

    def candidates(self, room: str, seqs: Iterable[int]) -> list[Candidate]:
        rows = fetched(statements.CANDIDATES, room, list(seqs))
        return [
            Candidate(seq, uid, at, g, bytes(tokens), files not in NO_FILES, erased_by is not None)
            for seq, uid, at, g, tokens, files, erased_by in rows
        ]

    def stale(self, room: str) -> list[int]:
        marks = SearchSegment.objects.filter(room=room, bucket=STALE)
        return list(marks.order_by("segment").values_list("segment", flat=True))

    def at(self, room: str, seq: int) -> int:
        times = Message.objects.filter(room=room, seq=seq).values_list("stored_ms", flat=True)
        return times.first() or 0

    def bare(self, room: str, *, after: int, limit: int, version: int = 1) -> list[int]:
        found: list[int] = []
        for rows in _lacking(room, version):
            seqs = rows.filter(seq__gt=after).order_by("seq").values_list("seq", flat=True)
            found += seqs[:limit]
        return sorted(found)[:limit]

    def count_bare(self, room: str, version: int = 1) -> int:
        # Includes a number: otherwise SQLite scans every epoch of the room.
        return sum(rows.filter(seq__gt=0).count() for rows in _lacking(room, version))

    def state(self, room: str) -> IndexState:
        [found] = fetched(statements.STATE, room, room, SEALED, room, room)
        first, newest, bare, older = found
        return IndexState(first or 0, self._after(newest), bare, bool(older))

    # --- writing ---------------------------------------------------------------------------

    def seal(self, room: str, segment: int) -> None:
        """Another process may do the same: then its rows stay. The slow part runs before the
        transaction, during which SQLite blocks other writers.
        """
        stale = SearchSegment.objects.filter(room=room, segment=segment, bucket=STALE)
        mark = stale.values_list("postings", flat=True).first()
        before = self._lists(room, segment)
        built = self.shape.build(before)
        try:
            with transaction.atomic():
                now = self._lists(room, segment, lock=True)
                self._write(room, segment, built if now == before else self.shape.build(now))
                if mark is not None:  # another mark is of tokens that came after the lists
                    stale.filter(postings=mark).delete()
        except IntegrityError:
            return

    def _built(self, room: str, segment: int) -> Postings:
        return self.shape.build(self._lists(room, segment))

    def _lists(self, room: str, segment: int, *, lock: bool = False) -> list[tuple[int, bytes]]:
        span = (self.shape.first(segment), self.shape.last(segment))
        rows = _with_tokens(room).filter(seq__range=span).order_by("seq")
        rows = rows.select_for_update() if lock else rows
        return [(seq, bytes(tokens)) for seq, tokens in rows.values_list("seq", "tokens")]

    def _write(self, room: str, segment: int, built: Postings) -> None:
        SearchSegment.objects.filter(room=room, segment=segment).exclude(bucket=STALE).delete()
        SearchSegment.objects.bulk_create(
            SearchSegment(room=room, segment=segment, bucket=bucket, postings=postings)
            for bucket, postings in {**built, SEALED: b""}.items()
        )

    def fill(
        self,
        room: str,
        tokens: Mapping[int, tuple[int, bytes]],
        epochs: Mapping[int, Collection[int]],
        version: int = 1,
    ) -> int:
        with transaction.atomic():
            taken = [
                message
                for rows in _lacking(room, version)
                for message in rows.filter(seq__in=list(tokens)).select_for_update().order_by("seq")
                if message.epoch in epochs.get(tokens[message.seq][0], ())
            ]
            for message in taken:
                message.generation, given = tokens[message.seq]
                message.tokens = joined(bytes(message.tokens), given)
                message.token_version = version if version > 1 else None
            fields = ["generation", "tokens", "token_version"]
            Message.objects.bulk_update(taken, fields, batch_size=100)
            sealed = self.sealed(room)
            self._mark_stale(room, {self.shape.segment(m.seq) for m in taken if m.seq < sealed})
        return len(taken)

    def _mark_stale(self, room: str, segments: Iterable[int]) -> None:
        mark = secrets.token_bytes(8)  # tells this mark from those before it
        SearchSegment.objects.bulk_create(
            [
                SearchSegment(room=room, segment=segment, bucket=STALE, postings=mark)
                for segment in sorted(segments)
            ],
            update_conflicts=True,
            update_fields=["postings"],
            unique_fields=["room", "bucket", "segment"],
        )

    def erase(self, room: str, gone: Mapping[int, bytes]) -> None:
        """Runs in the transaction that turns the messages into tombstones."""
        by_segment: dict[int, dict[int, bytes]] = {}
        for seq, forward in gone.items():
            by_segment.setdefault(self.shape.segment(seq), {})[seq] = forward
        for segment, lists in by_segment.items():
            buckets = {bucket_of(token) for tokens in lists.values() for token in tokens_in(tokens)}
            read = self._stored(room, buckets, segment, segment)
            kept = {bucket: packed for bucket, [(_, packed)] in read.items()}
            rows = SearchSegment.objects.filter(room=room, segment=segment)
            for bucket, postings in self.shape.without(kept, lists).items():
                rows.filter(bucket=bucket).update(postings=postings)

    def drop(self, room: str) -> None:
        SearchSegment.objects.filter(room=room).exclude(bucket=SEALED).delete()

    def drop_segments(self, room: str) -> None:
        SearchSegment.objects.filter(room=room).delete()

    def expire(self, room: str, first: int) -> None:
        segment = self.shape.segment(first)
        SearchSegment.objects.filter(room=room, segment__lt=segment).delete()
        if first < self.sealed(room):
            self.seal(room, segment)


def _with_tokens(room: str) -> QuerySet[Message]:
    return Message.objects.filter(room=room).exclude(tokens=b"")


def _lacking(room: str, version: int) -> list[QuerySet[Message]]:
    """Messages without tokens of a version."""
    return [_bare(room)] if version == 1 else [_bare(room), _older(room)]


def _older(room: str) -> QuerySet[Message]:
    return Message.objects.filter(room=room, generation__gt=0, token_version__isnull=True)


def _bare(room: str) -> QuerySet[Message]:
    return Message.objects.filter(room=room, generation=0, erased_by__isnull=True)
