"""Deletes summaries with their messages, rooms or accounts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from accounts.models import User
from accounts.signals import departing
from rooms.signals import messages_gone, room_closed
from summaries.models import SummaryRequest
from summaries.store import get_store

log = logging.getLogger(__name__)


@receiver(room_closed)
def drop_summaries(sender: Any, room_id: str, **kwargs: Any) -> None:
    SummaryRequest.objects.filter(room=room_id).delete()
    transaction.on_commit(partial(_drop, lambda: get_store().drop_room(room_id)))


@receiver(messages_gone)
def drop_over(
    sender: Any, room_id: str, seqs: Iterable[int], before: int = 0, **kwargs: Any
) -> None:
    """A summary may quote what has gone, and so may a request that is under way."""
    if before:
        SummaryRequest.objects.filter(room=room_id, first__lt=before).delete()
        _drop(lambda: get_store().drop_before(room_id, before))
    gone = sorted(set(seqs))
    if not gone:
        return
    under = SummaryRequest.objects.filter(room=room_id, first__lte=gone[-1], last__gte=gone[0])
    for request in under:
        if any(request.first <= seq <= request.last for seq in gone):
            request.delete()
    _drop(lambda: get_store().drop_over(room_id, gone))


@receiver(departing)
def drop_requests(sender: Any, user: User, **kwargs: Any) -> None:
    """A deleted account asks for nothing. What it shared with a room is the room's."""
    SummaryRequest.objects.filter(user=user).delete()


def _drop(drop: Callable[[], object]) -> None:
    try:
        drop()
    except Exception as error:  # any engine's: the change stands
        log.error("summaries.drop_failed %s", type(error).__name__)
