"""The bus between web processes: events are published when the transaction has committed.

Every event is a doorbell that may be lost; the stores hold the truth (docs/architecture.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from chatsite.lib import metrics

GROUP = "sotto.hub"
PATIENCE = 3.0  # seconds for a layer that is there and does not answer
log = logging.getLogger(__name__)


def publish(kind: str, **fields: Any) -> None:
    """Ring every process's hub once the surrounding transaction has committed."""
    transaction.on_commit(lambda: _send({"type": "hub.event", "kind": kind, **fields}))


async def apublish(kind: str, **fields: Any) -> None:
    """The same from a coroutine, at once. A failure is logged and never raised:
    receivers repair by sequence number."""
    try:
        layer = get_channel_layer()
        if layer is not None:
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(GROUP, {"type": "hub.event", "kind": kind, **fields})
    except Exception:  # any engine's error: the event stays a doorbell, never a failure
        metrics.failures.labels("bus").inc()
        log.warning("live.publish_failed", extra={"kind": kind})


def publish_through(loop: asyncio.AbstractEventLoop) -> None:
    """For a thread of its own beside `loop`: a layer in memory may be touched in its loop only."""
    _thread.loop = loop


_thread = threading.local()


def _send(message: dict[str, Any]) -> None:
    fields = {key: value for key, value in message.items() if key not in {"type", "kind"}}
    loop: asyncio.AbstractEventLoop | None = getattr(_thread, "loop", None)
    if loop is None:
        async_to_sync(apublish)(message["kind"], **fields)
    elif loop.is_running():
        asyncio.run_coroutine_threadsafe(apublish(message["kind"], **fields), loop)
