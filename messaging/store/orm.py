"""The embedded engine: one table, on whatever database Django has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from messaging.store.base import Appended, Draft, Outcome, Rejected, Row, StoreBusy
from messaging.store.orm_models import Message

TRIES = 5
ROW = ("seq", "h", "iv", "ct", "sig", "re")


@dataclass(slots=True)
class _Room:
    """A room's end, as far as this batch has come."""

    seq: int
    e: int


class OrmStore:
    """`messaging.store.base.MessageStore` on Django's ORM."""

    def append(self, batch: Sequence[Draft]) -> list[Outcome]:
        for _ in range(TRIES):
            try:
                with transaction.atomic():
                    return _Batch().take(batch)
            except IntegrityError:
                continue  # another process claimed a number first: look again
        raise StoreBusy

    def page(
        self, room: str, *, after: int | None = None, before: int | None = None, limit: int = 50
    ) -> list[Row]:
        rows = Message.objects.filter(room=room).values_list(*ROW)
        if after is not None:
            rows = rows.filter(seq__gt=after, seq__lte=after + limit)
        else:
            end = before if before is not None else self.heads([room])[room] + 1
            rows = rows.filter(seq__lt=end, seq__gte=end - limit)
        return [_row(values) for values in rows.order_by("seq")]

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        return {room: _newest(room, "seq") or 0 for room in rooms}

    def last(self, rooms: Iterable[str]) -> dict[str, Row]:
        found = {}
        for room in rooms:
            newest = Message.objects.filter(room=room).order_by("-seq").values_list(*ROW).first()
            if newest is not None:
                found[room] = _row(newest)
        return found

    def first_seq(self, room: str) -> int:
        oldest = Message.objects.filter(room=room).order_by("seq")
        return oldest.values_list("seq", flat=True).first() or 0

    def unread(self, room: str, after: int) -> int:
        return Message.objects.filter(room=room, seq__gt=after, re=None).count()

    def before_epoch(self, room: str, e: int) -> int:
        older = Message.objects.filter(room=room, e__lt=e).order_by("-seq")
        return older.values_list("seq", flat=True).first() or 0


class _Batch:
    """One transaction's worth of appending."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}
        self._tips: dict[tuple[str, str, str], tuple[int, str]] = {}
        self._fresh: dict[tuple[str, str, str], Message] = {}

    def take(self, batch: Sequence[Draft]) -> list[Outcome]:
        outcomes = [self._take_one(draft) for draft in batch]
        Message.objects.bulk_create(self._fresh.values())
        return outcomes

    def _take_one(self, draft: Draft) -> Outcome:
        known = self._known(draft)
        if known is not None:
            if known.mid != draft.id:
                return Rejected("conflict")
            return Appended(known.seq, fresh=False)
        room = self._room(draft.room)
        if draft.e < room.e:
            return Rejected("stale")
        key = (draft.room, draft.uid, draft.dev)
        n, last = self._tip(key)
        if (draft.n, draft.pm) != (n + 1, last):
            return Rejected("order", {"n": n, "id": last})
        room.seq, room.e = room.seq + 1, draft.e
        self._tips[key] = (draft.n, draft.id)
        self._fresh[draft.room, draft.uid, draft.cid] = _message(draft, room.seq)
        return Appended(room.seq)

    def _known(self, draft: Draft) -> Message | None:
        key = (draft.room, draft.uid, draft.cid)
        return (
            self._fresh.get(key)
            or Message.objects.filter(room=draft.room, uid=draft.uid, cid=draft.cid)
            .only("seq", "mid")
            .first()
        )

    def _room(self, room: str) -> _Room:
        if room not in self._rooms:
            newest = Message.objects.filter(room=room).order_by("-seq").values_list("seq", "e")
            self._rooms[room] = _Room(*(newest.first() or (0, 0)))
        return self._rooms[room]

    def _tip(self, key: tuple[str, str, str]) -> tuple[int, str]:
        if key not in self._tips:
            room, uid, dev = key
            sent = Message.objects.filter(room=room, uid=uid, dev=dev).order_by("-n")
            self._tips[key] = sent.values_list("n", "mid").first() or (0, "")
        return self._tips[key]


def _message(draft: Draft, seq: int) -> Message:
    return Message(
        room=draft.room,
        seq=seq,
        uid=draft.uid,
        dev=draft.dev,
        n=draft.n,
        cid=draft.cid,
        mid=draft.id,
        e=draft.e,
        h=draft.h,
        iv=draft.iv,
        ct=draft.ct,
        sig=draft.sig,
        at=draft.at,
        re=list(draft.re) or None,
        g=draft.g,
        tokens=b"".join(token.to_bytes(3, "big") for token in draft.tokens),
    )


def _row(values: tuple) -> Row:
    *row, re = values
    return Row(*row, re=tuple(re or ()))


def _newest(room: str, field: str) -> int | None:
    newest = Message.objects.filter(room=room).order_by("-seq")
    return newest.values_list(field, flat=True).first()
