"""The bus between web processes: events are published when the transaction has committed.

Every event is a hint that may be lost; the stores hold the truth (docs/architecture.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from chatsite.lib import command_events, metrics
from chatsite.lib.bus_events import Event

GROUP = "sotto.hub"
PATIENCE = 3.0  # seconds for a layer that does not answer
log = logging.getLogger(__name__)


def publish(event: Event) -> None:
    """Send an event to every process's hub once the surrounding transaction has committed."""
    transaction.on_commit(lambda: _send(event))


async def apublish(event: Event, *, origin: str = "") -> None:
    """Send an event to every process's hub, now.

    A failure is logged and never raised: receivers repair by sequence number.

    Args:
        event: what happened.
        origin: the hub that sends it, which skips its own events.
    """
    message = event.as_message()
    if origin:
        message["origin"] = origin
    try:
        layer = get_channel_layer()
        if layer is not None:
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(GROUP, message)
    except Exception:  # any engine's error: an event is a hint, never a failure
        metrics.failures.labels("bus").inc()
        log.warning("live.publish_failed", extra={"kind": event.kind})


def publish_through(loop: asyncio.AbstractEventLoop) -> None:
    """For a thread of its own beside `loop`: a layer in memory may be touched in its loop only."""
    _thread.loop = loop


_thread = threading.local()


def _send(event: Event) -> None:
    loop: asyncio.AbstractEventLoop | None = getattr(_thread, "loop", None)
    if command_events.is_command():
        command_events.leave(event)
    elif loop is None:
        async_to_sync(apublish)(event)
    elif loop.is_running():
        asyncio.run_coroutine_threadsafe(apublish(event), loop)
