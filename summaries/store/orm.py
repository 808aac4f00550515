"""The embedded engine: one table, on whatever database Django has."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value

from chatsite.lib.paging import PAGE_BYTES, Bytes, fitting
from summaries.store.base import BESIDE, Mark, Sealed, page_of
from summaries.store.orm_models import SealedSummary

COLUMNS = (
    "room",
    "summary_id",
    "uid",
    "first",
    "last",
    "body",
    "signature",
    "box",
    "stored_ms",
)


class OrmSummaries:
    def prepare(self) -> None:
        """Migrations make the table."""

    def add(self, summary: Sealed) -> bool:
        try:
            with transaction.atomic():
                SealedSummary.objects.create(
                    room=summary.room,
                    summary_id=summary.id,
                    uid=summary.uid,
                    first=summary.first,
                    last=summary.last,
                    body=summary.body,
                    signature=summary.signature,
                    box=summary.box,
                    stored_ms=summary.stored_ms,
                )
        except IntegrityError:
            return False
        return True

    def of_room(
        self, room: str, *, limit: int, most: int = PAGE_BYTES, after: Mark | None = None
    ) -> tuple[list[Sealed], Mark | None]:
        rows = SealedSummary.objects.filter(room=room).order_by("-stored_ms", "-summary_id")
        if after is not None:
            stored_ms, summary_id = after
            same = Q(stored_ms=stored_ms, summary_id__lt=summary_id)
            rows = rows.filter(Q(stored_ms__lt=stored_ms) | same)
        size = Bytes(F("body")) + Bytes(F("box")) + Value(BESIDE)
        sizes: dict[int, int] = dict(rows.values_list("pk", size)[: limit + 1])
        kept = fitting(list(sizes)[:limit], sizes, most)
        found = rows.filter(pk__in=kept).values_list(*COLUMNS)
        return page_of([Sealed(*values) for values in found], more=len(kept) < len(sizes))

    def drop_over(self, room: str, seqs: Iterable[int]) -> int:
        over = Q(pk__in=[])
        for seq in seqs:
            over |= Q(first__lte=seq, last__gte=seq)
        return SealedSummary.objects.filter(over, room=room).delete()[0]

    def drop_before(self, room: str, first: int) -> int:
        return SealedSummary.objects.filter(room=room, first__lt=first).delete()[0]

    def drop_room(self, room: str) -> None:
        SealedSummary.objects.filter(room=room).delete()
