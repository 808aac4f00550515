"""The embedded engine's writing: a batch of messages in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.files.claims import Claims
from messaging.store.base import Appended, Draft, Outcome, Rejected
from messaging.store.orm_erasing import Eraser
from messaging.store.orm_models import Message, Reference
from messaging.store.orm_tails import Sender, Tails, Tip


class Batch:
    """One transaction's worth of appending. `tails` are the ends as it leaves them."""

    def __init__(self, remembered: Tails, *, careful: bool) -> None:
        self.tails = Tails()
        self._remembered = remembered
        self._careful = careful
        self._fresh: dict[tuple[str, str, str], Message] = {}
        self._claims = Claims()
        self._eraser = Eraser(self._claims)

    def take(self, batch: Sequence[Draft]) -> list[Outcome]:
        outcomes = [self._take_one(draft) for draft in batch]
        # By room and number: two processes that lock rooms in one order cannot deadlock.
        rows = sorted(self._fresh.values(), key=lambda message: (message.room, message.seq))
        Message.objects.bulk_create(rows)
        references = [
            Reference(room=message.room, target=target, seq=message.seq)
            for message in rows
            for target in sorted(set(message.re or ()))
        ]
        if references:
            Reference.objects.bulk_create(references)
        self._eraser.save()
        self._claims.save()
        return outcomes

    def _take_one(self, draft: Draft) -> Outcome:
        refused = self._judge(draft)
        if refused is not None:
            return refused
        seq, e = self._room(draft.room)
        if draft.e < e:
            return Rejected("stale")
        missing = self._claims.missing(draft)
        if missing:
            return Rejected("bad_files", {"files": missing})
        if draft.erase and not self._eraser.erase(draft, seq + 1, self._fresh.values()):
            return Rejected("bad_erase")
        self._claims.claim(draft, seq + 1)
        self.tails.rooms[draft.room] = (seq + 1, draft.e)
        self.tails.senders[draft.room, draft.uid, draft.dev] = (draft.n, draft.id)
        self._fresh[draft.room, draft.uid, draft.cid] = _message(draft, seq + 1)
        return Appended(seq + 1)

    def _judge(self, draft: Draft) -> Outcome | None:
        """What the sender's own messages say of this one; None if it follows them.

        One that follows what is remembered is not looked for by its cid: should it be there,
        the constraint on (room, uid, cid) says so and the batch is taken again with care.
        """
        sender = (draft.room, draft.uid, draft.dev)
        following = (draft.n - 1, draft.pm)
        if not self._careful and not self._sent_here(draft) and self._tip(sender) == following:
            return None
        known = self._known(draft)
        if known is not None:
            seq, mid = known
            return Appended(seq, fresh=False) if mid == draft.id else Rejected("conflict")
        n, last = self._tip(sender, ask=True)
        return None if (n, last) == following else Rejected("order", {"n": n, "id": last})

    def _sent_here(self, draft: Draft) -> bool:
        return (draft.room, draft.uid, draft.cid) in self._fresh

    def _known(self, draft: Draft) -> tuple[int, str] | None:
        here = self._fresh.get((draft.room, draft.uid, draft.cid))
        if here is not None:
            return here.seq, here.mid
        sent = Message.objects.filter(room=draft.room, uid=draft.uid, cid=draft.cid)
        return sent.values_list("seq", "mid").first()

    def _room(self, room: str) -> tuple[int, int]:
        """Its newest number and the epoch of that message."""
        if room not in self.tails.rooms:
            self.tails.rooms[room] = self._remembered.rooms.get(room) or _end(room)
        return self.tails.rooms[room]

    def _tip(self, sender: Sender, *, ask: bool = False) -> Tip:
        """n and id of the sender's last message; `ask` the database, whatever is remembered."""
        if sender in self.tails.senders:
            return self.tails.senders[sender]
        remembered = None if ask else self._remembered.senders.get(sender)
        if remembered is not None:
            return remembered
        self.tails.senders[sender] = _last_of(sender)
        return self.tails.senders[sender]


def _end(room: str) -> tuple[int, int]:
    newest = Message.objects.filter(room=room).order_by("-seq")
    return newest.values_list("seq", "e").first() or (0, 0)


def _last_of(sender: Sender) -> Tip:
    room, uid, dev = sender
    sent = Message.objects.filter(room=room, uid=uid, dev=dev).order_by("-n")
    return sent.values_list("n", "mid").first() or (0, "")


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
        files=list(draft.files) or None,
        g=draft.g,
        tokens=b"".join(token.to_bytes(3, "big") for token in draft.tokens),
    )
