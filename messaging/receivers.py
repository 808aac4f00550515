"""Deletes data when a room ends, is no longer searched by the server, or loses messages.

The room's signals trigger it after the commit. A hub repeats it when it receives the change: a
message admitted just before may have been written just after.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from chatsite.lib.bus_events import LogAppended
from chatsite.lib.errors import Refused
from messaging.files.removal import drop_files
from messaging.reports.models import ROOM, Report
from messaging.search.actions import forget_pages
from messaging.store import get_store
from messaging.store.base import MessageStore
from rooms.signals import disclosing, messages_gone, room_closed, search_off

log = logging.getLogger(__name__)


@receiver(room_closed)
def drop_messages(sender: Any, room_id: str, **kwargs: Any) -> None:
    transaction.on_commit(partial(_drop, get_store().drop_room, room_id))
    transaction.on_commit(partial(_drop, drop_files, room_id))
    Report.objects.filter(room=room_id, receiver=ROOM).delete()


@receiver(search_off)
def drop_tokens(sender: Any, room_id: str, **kwargs: Any) -> None:
    transaction.on_commit(partial(_drop, get_store().drop_tokens, room_id))


@receiver(disclosing)
def check_disclosure(sender: Any, room_id: str, last: int, **kwargs: Any) -> None:
    """Refuses to disclose messages that do not exist yet. A check of this server, no rule of the
    log.
    """
    if last > get_store().heads([room_id])[room_id]:
        raise Refused("This room has fewer messages than that.", code="no_such_message")


@receiver(messages_gone)
def drop_pages(sender: Any, room_id: str, **kwargs: Any) -> None:
    _drop(forget_pages, room_id)


def _drop(drop: Callable[[str], None], room_id: str) -> None:
    try:
        drop(room_id)
    except Exception as error:  # any engine's: the change is committed, and the hubs delete again
        log.error("ending.drop_failed %s", type(error).__name__)


def _closed(store: MessageStore, event: LogAppended) -> None:
    store.drop_room(event.room)
    drop_files(event.room)


def _policy(store: MessageStore, event: LogAppended) -> None:
    if json.loads(event.event)["policy"]["search"] == "device":
        store.drop_tokens(event.room)


# By type of log event, as it comes over the bus.
ENDS: dict[str, Callable[[MessageStore, LogAppended], None]] = {
    "close": _closed,
    "policy": _policy,
}
