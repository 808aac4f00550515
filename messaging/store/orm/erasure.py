"""Erasure in the embedded engine: messages become tombstones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from chatsite.lib import wire
from messaging.files.claims import Claims
from messaging.store.base import NewMessage
from messaging.store.budget import Budget
from messaging.store.orm.index import TableIndex
from messaging.store.orm.models import Message

TOMBSTONE = ["ciphertext", "erased_sha256", "erased_by", "generation", "tokens", "files"]
"""The columns that erasing changes."""


class Eraser:
    """Erasures of one batch. Nothing is written before `save`."""

    def __init__(self, claims: Claims, index: TableIndex, budget: Budget) -> None:
        self._claims = claims
        self._index = index
        self._budget = budget
        self._erased: dict[int, Message] = {}
        self._unindexed: dict[str, dict[int, bytes]] = {}

    def erase(self, eraser: NewMessage, seq: int, fresh: Iterable[Message]) -> bool:
        """Erase the targets of `eraser`, which is stored as `seq`.

        Returns False and erases nothing if one of them is forbidden. `fresh` are the messages of
        this batch, which are not in the table yet.
        """
        wanted = set(eraser.erase)
        unsaved = [m for m in fresh if m.room == eraser.room and m.seq in wanted]
        rows = Message.objects.filter(room=eraser.room, seq__in=wanted)
        saved = [self._erased.get(row.pk, row) for row in rows]
        if not self._allowed(eraser, unsaved + saved, fresh):
            return False
        for message in unsaved + saved:
            if message.erased_by is None:
                if message.files:
                    self._claims.free(message.room, message.seq)
                self._unindexed.setdefault(message.room, {})[message.seq] = bytes(message.tokens)
                self._budget.free(message.uid, len(message.ciphertext))
                _bury(message, seq)
        self._erased.update((m.pk, m) for m in saved if m.erased_by == seq)
        return True

    def _allowed(self, eraser: NewMessage, found: list[Message], fresh: Iterable[Message]) -> bool:
        seqs = {message.seq for message in found}
        missing = set(eraser.erase) - seqs
        if missing and max(missing) >= _oldest(eraser.room):
            return False
        if not eraser.leads and any(message.uid != eraser.uid for message in found):
            return False
        here = (m.erased_by for m in (*fresh, *self._erased.values()) if m.room == eraser.room)
        stored = Message.objects.filter(room=eraser.room, erased_by__in=seqs)
        return seqs.isdisjoint(here) and not stored.exists()

    def save(self) -> None:
        """Locks rows by number, like every write here."""
        rows = sorted(self._erased.values(), key=lambda message: (message.room, message.seq))
        if rows:
            self._look_again(rows)
            Message.objects.bulk_update(rows, TOMBSTONE, batch_size=100)
            for room, gone in sorted(self._unindexed.items()):
                self._index.erase(room, gone)

    def _look_again(self, rows: Sequence[Message]) -> None:
        """Tokens may have been added since the messages were read, but not once they are locked."""
        locked = Message.objects.select_for_update().filter(pk__in=[row.pk for row in rows])
        found = locked.order_by("room", "seq").values_list("room", "seq", "tokens")
        for room, seq, tokens in found:
            self._unindexed.setdefault(room, {})[seq] = bytes(tokens)


def _bury(message: Message, seq: int) -> None:
    message.erased_sha256 = wire.b64(sha256(wire.unb64(message.ciphertext)).digest())
    message.ciphertext, message.erased_by = "", seq
    message.generation, message.tokens, message.files = 0, b"", None


def _oldest(room: str) -> int:
    seqs = Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True)
    return seqs.first() or 0
