"""Retention of the embedded engine: deletes whole rows, from the oldest on."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max, Min

from accounts.storage import give_back
from messaging.store.orm.models import ChainEnd, Message, Reference
from messaging.store.orm.rows import cost_by_person

AT_ONCE = 1000  # rows in one transaction


def expire(room: str, before: int) -> int:
    """See `messaging.store.base.MessageStore.expire`."""
    while True:
        span = Message.objects.filter(room=room).aggregate(first=Min("seq"), last=Max("seq"))
        first, last = span["first"] or 0, span["last"] or 0
        until = min(last, first + AT_ONCE)
        if until <= first:
            return first
        kept = Message.objects.filter(
            room=room, seq__range=(first, until - 1), stored_ms__gte=before
        )
        until = kept.order_by("seq").values_list("seq", flat=True).first() or until
        if until == first:
            return first
        _drop(room, until)


@transaction.atomic
def _drop(room: str, until: int) -> None:
    going = Message.objects.filter(room=room, seq__lt=until)
    ends: dict[tuple[str, str], tuple[int, str]] = {}
    chains = going.order_by("chain_number")
    for uid, device, number, id_ in chains.values_list(
        "uid", "device", "chain_number", "message_id"
    ):
        ends[uid, device] = (number, id_)
    ChainEnd.objects.bulk_create(
        [
            ChainEnd(room=room, uid=uid, device=device, chain_number=number, message_id=id_)
            for (uid, device), (number, id_) in ends.items()
        ],
        update_conflicts=True,
        unique_fields=["room", "uid", "device"],
        update_fields=["chain_number", "message_id"],
    )
    Reference.objects.filter(room=room, seq__lt=until).delete()
    freed = cost_by_person(going)
    going.delete()
    give_back("messages", freed)
