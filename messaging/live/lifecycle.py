"""The hub of this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.conf import settings

from messaging.live.hub import Hub
from messaging.live.presence.backends import RedisPresence
from messaging.store import get_store

DRAIN_WITHIN = 3.0  # seconds
log = logging.getLogger(__name__)

_hubs: dict[asyncio.AbstractEventLoop, asyncio.Task[Hub]] = {}


async def get_hub() -> Hub:
    """The hub of this event loop, started by the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = asyncio.ensure_future(_start())
    try:
        return await asyncio.shield(_hubs[loop])
    except Exception:
        _hubs.pop(loop, None)  # the cause of the failure may be temporary
        raise


async def _start() -> Hub:
    url = settings.REDIS_URL
    hub = Hub(get_store(), presence_backend=RedisPresence(url) if url else None)
    await hub.start()
    return hub


async def drain() -> None:
    """Before the sockets close: store and acknowledge received messages."""
    await _within(Hub.drain)


async def leave() -> None:
    """After the sockets closed: withdraw this process's presence."""
    await _within(Hub.stop)
    _hubs.pop(asyncio.get_running_loop(), None)


async def _within(what: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    """Closes the store without failing: an unreachable engine must not keep a process alive."""
    starting = _hubs.get(asyncio.get_running_loop())
    if starting is None:
        return
    try:
        async with asyncio.timeout(DRAIN_WITHIN):
            await what(await starting)
    except Exception as error:
        log.warning("hub.%s_failed %s", what.__name__, type(error).__name__)
