"""Deletes messages after the days that their room's policy sets, from the oldest on."""

from __future__ import annotations

import logging
import time

from chatsite.lib import pubsub
from chatsite.lib.bus_events import MessagesGone
from messaging.files.models import PROFILE, File
from messaging.files.removal import remove
from messaging.store import get_store
from rooms.selectors import rooms_that_forget
from rooms.signals import messages_gone

DAY = 24 * 3600 * 1000  # ms
log = logging.getLogger(__name__)


def forget_expired(now: int | None = None) -> int:
    """Expire messages in every room whose policy has a ttl; returns how many. `now` is in ms."""
    moment = time.time_ns() // 1_000_000 if now is None else now
    gone = 0
    for room, days in rooms_that_forget():
        try:
            gone += _forget(room, moment - days * DAY)
        except Exception as error:  # the engine is down, or one room fails: the others continue
            log.error("retention.failed %s", type(error).__name__)
    return gone


def _forget(room: str, before: int) -> int:
    store = get_store()
    oldest = store.first_seq(room)
    first = store.expire(room, before)
    if first == oldest:
        return 0
    store.index.expire(room, first)
    remove(File.objects.filter(room=room, message__gt=PROFILE, message__lt=first))
    messages_gone.send(None, room_id=room, seqs=(), before=first)
    pubsub.publish(MessagesGone(room, first))
    return first - oldest
