"""Samples what the site does, for the charts of the admin (`accounts.activity`)."""

from __future__ import annotations

from django.utils import timezone

from accounts.activity import days
from accounts.models import SignIn
from chatsite.lib import metrics
from chatsite.ops import status
from messaging.store import get_store
from rooms.models import Room

ROOMS_AT_ONCE = 500


def sample() -> None:
    """Note people, sockets of this process and storage: a handful of queries."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    here = SignIn.objects.filter(seen_at__gte=today, user__bot_of=None)
    days.note(
        people=here.values("user").distinct().count(),
        sockets=int(metrics.registry.get_sample_value("sotto_sockets") or 0),
        storage=sum(status.storage().values()),
    )


def count_messages() -> None:
    """Note the total of messages: asks the store for the newest number of every room."""
    store, total = get_store(), 0
    ids: list[str] = []
    for pk in Room.objects.values_list("pk", flat=True).iterator(ROOMS_AT_ONCE):
        ids.append(pk)
        if len(ids) == ROOMS_AT_ONCE:
            total += sum(store.heads(ids).values())
            ids = []
    days.note_messages(total + (sum(store.heads(ids).values()) if ids else 0))
