"""The hub of this process."""

from __future__ import annotations

import asyncio

from django.conf import settings

from messaging.elsewhere import SharedPresence
from messaging.hub import Hub
from messaging.store import get_store

_hubs: dict[asyncio.AbstractEventLoop, asyncio.Task[Hub]] = {}


async def get_hub() -> Hub:
    """The hub of this process (of this event loop), started at the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = asyncio.ensure_future(_start())
    try:
        return await asyncio.shield(_hubs[loop])
    except Exception:
        _hubs.pop(loop, None)  # what kept it from starting may pass
        raise


async def _start() -> Hub:
    url = settings.REDIS_URL
    hub = Hub(get_store(), elsewhere=SharedPresence(url) if url else None)
    await hub.start()
    return hub
