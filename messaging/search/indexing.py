"""Keeps the segments of the search index up to date, as Celery tasks in a queue of their own
(`messaging/tasks.py`). They carry a room's id and nothing else.

A task that was lost costs time, never a result: what is in no segment, or in one that is not up to
date, is looked through message by message. Where BACKLOG segments are behind, nobody takes from the
queue, and the process that notices does the work itself: in a thread, and never before an ack.
"""

from __future__ import annotations

import logging

from chatsite.lib.task_queue import BrokerAway, queue
from messaging.store.base import MessageStore

SEAL, REFILL = "index.seal", "index.refill"  # names of the tasks
BACKLOG = 2  # segments
log = logging.getLogger(__name__)


def seal_later(store: MessageStore, room: str, head: int) -> None:
    """Have the full segments of a room sealed. May block.

    Args:
        head: the room's newest number.
    """
    full = len(_full(store, head, store.index.sealed(room)))
    if full >= BACKLOG:
        log.warning("index.behind %s", SEAL)
        seal_full(store, room, head)
    elif full:
        _send(SEAL, room)


def refill_later(store: MessageStore, room: str) -> None:
    """Have the segments written again whose messages have got tokens since. May block."""
    stale = store.index.stale(room)
    if len(stale) > BACKLOG:
        log.warning("index.behind %s", REFILL)
        refill(store, room)
    elif stale:
        _send(REFILL, room)


def seal_full(store: MessageStore, room: str, head: int) -> None:
    """Seal every full segment of a room."""
    for segment in _full(store, head, store.index.sealed(room)):
        store.index.seal(room, segment)


def refill(store: MessageStore, room: str) -> None:
    """Write the segments of a room again that are not up to date."""
    for segment in store.index.stale(room):
        store.index.seal(room, segment)


def sealed_for_search(store: MessageStore, room: str, head: int, sealed: int) -> int:
    """The first number of a room that is in no segment, which was `sealed`. Seals one segment if
    BACKLOG are full: a search would have to look through them.
    """
    if len(_full(store, head, sealed)) < BACKLOG:
        return sealed
    store.index.seal(room, store.index.shape.segment(sealed))
    return store.index.sealed(room)


def _full(store: MessageStore, head: int, sealed: int) -> range:
    """The full segments from number `sealed` on."""
    segment = store.index.shape.segment
    return range(segment(sealed), segment(head + 1))


def _send(task: str, room: str) -> None:
    try:
        queue.send(task, [room])
    except BrokerAway as error:  # the next one that notices does it
        log.warning("index.not_sent %s", error.code)
