"""What the store must let go when a room ends, or is no longer searched by the server.

The room's signals do it as soon as the change has committed. A hub does it again when it hears
of the change: a message that was let in just before may have been written just after.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from messaging.store import get_store
from messaging.store.base import MessageStore
from rooms.signals import room_closed, search_off


@receiver(room_closed)
def drop_messages(sender: Any, room_id: str, **kwargs: Any) -> None:
    transaction.on_commit(partial(get_store().drop_room, room_id), robust=True)


@receiver(search_off)
def drop_tokens(sender: Any, room_id: str, **kwargs: Any) -> None:
    transaction.on_commit(partial(get_store().drop_tokens, room_id), robust=True)


def _closed(store: MessageStore, event: dict[str, Any]) -> None:
    store.drop_room(event["room"])


def _policy(store: MessageStore, event: dict[str, Any]) -> None:
    if json.loads(event["event"])["policy"]["search"] == "device":
        store.drop_tokens(event["room"])


# By type of log event, as it comes over the bus.
ENDS: dict[str, Callable[[MessageStore, dict[str, Any]], None]] = {
    "close": _closed,
    "policy": _policy,
}
