"""The embedded engine: one table, on Django's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.storage import give_back
from chatsite.lib import wire
from chatsite.lib.paging import PAGE_BYTES
from messaging.store.append import TRIES, AppendValidator, backoff
from messaging.store.base import (
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
from messaging.store.orm import many_rooms, statements
from messaging.store.orm.batch import Batch
from messaging.store.orm.expiry import expire
from messaging.store.orm.heads import TableHeads
from messaging.store.orm.index import TableIndex
from messaging.store.orm.models import ChainEnd, Message, Reference
from messaging.store.orm.rows import ROW, SIZE, cost_by_person, row_of, written_out
from messaging.store.orm.statements import fetched, first_of
from messaging.store.paging import first_since, page_span


class OrmStore:
    """Implements `messaging.store.base.MessageStore` on Django's ORM.

    A process caches the heads that it wrote, so that most messages cost only their insert. The
    cache may be behind another process: the unique constraints notice, and the batch is then
    retried from the database alone.
    """

    def __init__(self, shape: Shape = Shape()) -> None:  # noqa: B008 (frozen)
        self._heads_cache = HeadCache()
        self._used: Used = {}
        self.index = TableIndex(shape)

    def check(self) -> None:
        """Nothing to check: the preflight checks Django's database."""

    def prepare(self) -> None:
        """Nothing to do: migrations create the table, and transactions are atomic."""

    def prepare_to_serve(self, say: Callable[[str], object]) -> None:
        self.prepare()

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        for attempt in range(TRIES):
            remembered = HeadCache() if attempt else self._heads_cache
            validator = AppendValidator(TableHeads(), remembered, careful=attempt > 0)
            try:
                with transaction.atomic():
                    outcomes = Batch(validator, self.index, Budget(self._used)).take(batch)
            except Overdrawn:
                continue
            except IntegrityError:
                backoff(attempt)
                continue
            self._heads_cache.update(validator.heads)
            return outcomes
        raise StoreBusy

    def find(self, room: str, uid: str, cid: str) -> tuple[int, str] | None:
        sent = Message.objects.filter(room=room, uid=uid, client_message_id=cid)
        return sent.values_list("seq", "message_id").first()

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
        span = page_span(
            after=after, before=before, around=around, limit=limit, newest=lambda: _newest(room)
        )
        inside = Message.objects.filter(room=room, seq__range=(span.low, span.high)).order_by("seq")
        kept = span.fitting(dict(inside.values_list("seq", SIZE)), most)
        if not kept:
            return []
        rows = inside.filter(seq__range=(min(kept), max(kept)))
        return [row_of(values) for values in rows.values_list(*ROW)]

    def referring(
        self, room: str, *, first: int, last: int, limit: int, before: int | None = None
    ) -> list[int]:
        named = Reference.objects.filter(room=room, target__range=(first, last), seq__gt=last)
        return _newest_of(named if before is None else named.filter(seq__lt=before), limit)

    def changes(self, room: str, *, limit: int, before: int | None = None) -> list[int]:
        named = Reference.objects.filter(room=room)
        return _newest_of(named if before is None else named.filter(seq__lt=before), limit)

    def changing(self, room: str, targets: Iterable[int], *, limit: int) -> list[int]:
        return [seq for [seq] in fetched(statements.CHANGING, room, list(targets), limit)]

    def sizes(self, room: str, seqs: Iterable[int]) -> dict[int, int]:
        return {row[0]: row[1] for row in fetched(statements.SIZES, room, list(seqs))}

    def rows(self, room: str, seqs: Iterable[int]) -> list[StoredMessage]:
        return [row_of(written_out(row)) for row in fetched(statements.ROWS, room, list(seqs))]

    def stored(self, room: str, seq: int) -> MessageRecord | None:
        message = Message.objects.filter(room=room, seq=seq).first()
        return None if message is None else _stored(message)

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        return many_rooms.heads(rooms)

    def last(self, rooms: Iterable[str]) -> dict[str, StoredMessage]:
        return many_rooms.last(rooms)

    def last_sizes(self, rooms: Iterable[str]) -> dict[str, int]:
        return many_rooms.last_sizes(rooms)

    def unread(self, spans: Iterable[Span]) -> dict[Span, int]:
        return many_rooms.unread(spans)

    def authors(self, span: Span, limit: int) -> list[tuple[int, str]]:
        stands = Message.objects.filter(
            room=span.room,
            seq__gt=span.after,
            seq__lte=span.to,
            refers_to__isnull=True,
            erased_by__isnull=True,
        )
        return list(stands.order_by("-seq").values_list("seq", "uid")[:limit])

    def first_seq(self, room: str) -> int:
        return first_of(statements.FIRST, room) or 0

    def first_since(self, room: str, at: int) -> int:
        moments = Message.objects.filter(room=room).values_list("stored_ms", flat=True)
        return first_since(
            at,
            self.first_seq(room),
            _newest(room),
            lambda seq: moments.filter(seq=seq).order_by().first(),
        )

    def before_epoch(self, room: str, epoch: int) -> int:
        return first_of(statements.BEFORE_EPOCH, room, epoch) or 0

    def expire(self, room: str, before: int) -> int:
        return expire(room, before)

    def drop_room(self, room: str) -> None:
        with transaction.atomic():
            ChainEnd.objects.filter(room=room).delete()
            Reference.objects.filter(room=room).delete()
            going = Message.objects.filter(room=room)
            freed = cost_by_person(going)
            going.delete()
            give_back("messages", freed)
            self.index.drop_segments(room)
        self._heads_cache.forget(room)

    def usage(self) -> dict[str, int]:
        return cost_by_person(Message.objects.all())

    def drop_tokens(self, room: str) -> None:
        with transaction.atomic():
            Message.objects.filter(room=room, generation__gt=0).update(
                tokens=b"", generation=0, token_version=None
            )
            self.index.drop(room)


def _newest_of(named: QuerySet[Reference], limit: int) -> list[int]:
    return list(named.order_by("-seq").values_list("seq", flat=True).distinct()[:limit])


def _newest(room: str) -> int:
    newest = Message.objects.filter(room=room).order_by("-seq")
    return newest.values_list("seq", flat=True).first() or 0


def _stored(message: Message) -> MessageRecord:
    tokens = bytes(message.tokens)
    return MessageRecord(
        row=row_of(tuple(getattr(message, name) for name in ROW)),
        uid=message.uid,
        device=message.device,
        chain_number=message.chain_number,
        client_message_id=message.client_message_id,
        message_id=message.message_id,
        epoch=message.epoch,
        stored_ms=message.stored_ms,
        generation=message.generation,
        tokens=tuple(tokens_in(tokens)),
        token_version=message.token_version or 1,
        size=len(wire.unb64(message.ciphertext)),
    )
