"""Celery's tasks of the search index, in the queue `index`. They carry a room's id alone."""

from __future__ import annotations

from celery import shared_task
from django.db import close_old_connections

from messaging.search import indexing
from messaging.store import get_store


@shared_task(name=indexing.SEAL, ignore_result=True)
def seal(room: str) -> None:
    """Seal the full segments of a room's index. It may come twice."""
    store = get_store()
    try:
        indexing.seal_full(store, room, store.heads([room])[room])
    finally:
        close_old_connections()


@shared_task(name=indexing.REFILL, ignore_result=True)
def refill(room: str) -> None:
    """Write segments again whose messages have got tokens since. It may come twice."""
    try:
        indexing.refill(get_store(), room)
    finally:
        close_old_connections()
