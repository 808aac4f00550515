"""The hub's ear: one channel of the channel layer for the whole process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from channels.layers import InMemoryChannelLayer

from chatsite.lib import pubsub

AGAIN = 1.0  # seconds
log = logging.getLogger(__name__)


class Bus:
    """Hands every event of the other processes to `heard`, in order, one at a time.

    Events are taken off the channel at once, whatever `heard` is waiting for: a full channel
    drops what comes, silently.
    """

    def __init__(self, layer: Any, heard: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._id = uuid4().hex
        self._layer = layer
        self._heard = heard
        self._channel = ""
        self._joined = False
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to listen. A layer that is away is asked again, every second: this process's own
        sockets need none."""
        try:
            await self.join()
        except Exception as error:
            log.warning("bus.join_failed %s", type(error).__name__)
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._work())]

    async def join(self) -> None:
        """Join the group, again: a layer may forget who is in it, after a day or a restart."""
        async with asyncio.timeout(pubsub.PATIENCE):
            if not self._channel:
                self._channel = await self._layer.new_channel("sotto.")
            await self._layer.group_add(pubsub.GROUP, self._channel)
        self._joined = True

    @property
    def alone(self) -> bool:
        """Whether nobody else can hear: the layer is this process's own, and so is its one ear."""
        if not isinstance(self._layer, InMemoryChannelLayer):
            return False
        return set(self._layer.groups.get(pubsub.GROUP, ())) <= {self._channel}

    async def ring(self, kind: str, **fields: Any) -> None:
        """Tell the other processes. It never fails: they repair by number."""
        await pubsub.apublish(kind, origin=self._id, **fields)

    async def _receive(self) -> None:
        while True:
            try:
                if not self._joined:
                    await self.join()
                event = await self._layer.receive(self._channel)
            except Exception as error:  # the layer is away: it may come back
                log.warning("bus.receive_failed %s", type(error).__name__)
                await asyncio.sleep(AGAIN)
                continue
            if event.get("origin") != self._id:
                self._waiting.put_nowait(event)

    async def _work(self) -> None:
        while True:
            event = await self._waiting.get()
            try:
                await self._heard(event)
            except Exception as error:  # one bad doorbell must not end the listening
                log.warning("bus.event_failed %s %s", event.get("kind"), type(error).__name__)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._layer.group_discard(pubsub.GROUP, self._channel)
