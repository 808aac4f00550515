"""The hub's subscription: one channel of the channel layer for the whole process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from channels.layers import InMemoryChannelLayer

from chatsite.lib import pubsub
from chatsite.lib.bus_events import Event, parse

AGAIN = 1.0  # seconds
log = logging.getLogger(__name__)


class Bus:
    """Passes every event of other processes to `handle`, in order, one at a time.

    Receives events even while `handle` waits, because a full channel drops them silently.
    """

    def __init__(self, layer: Any, handle: Callable[[Event], Awaitable[None]]) -> None:
        self._id = uuid4().hex
        self._layer = layer
        self._handle = handle
        self._channel = ""
        self._joined = False
        self._waiting: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start listening. Retries every second while the layer is unreachable; local sockets work
        without it.
        """
        try:
            await self.join()
        except Exception as error:
            log.warning("bus.join_failed %s", type(error).__name__)
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._work())]

    async def join(self) -> None:
        """Join the group. Called repeatedly, because a layer may drop its groups after a day or a
        restart.
        """
        async with asyncio.timeout(pubsub.PATIENCE):
            if not self._channel:
                self._channel = await self._layer.new_channel("sotto.")
            await self._layer.group_add(pubsub.GROUP, self._channel)
        self._joined = True

    @property
    def alone(self) -> bool:
        """True if this process is the channel layer's only subscriber."""
        if not isinstance(self._layer, InMemoryChannelLayer):
            return False
        return set(self._layer.groups.get(pubsub.GROUP, ())) <= {self._channel}

    async def publish(self, event: Event) -> None:
        """Publish an event to the other processes. Never fails: they recover by sequence number."""
        await pubsub.apublish(event, origin=self._id)

    async def _receive(self) -> None:
        while True:
            try:
                if not self._joined:
                    await self.join()
                message = await self._layer.receive(self._channel)
            except Exception as error:  # the layer is unreachable: it may return
                log.warning("bus.receive_failed %s", type(error).__name__)
                await asyncio.sleep(AGAIN)
                continue
            event = parse(message) if message.get("origin") != self._id else None
            if event is not None:
                self._waiting.put_nowait(event)

    async def _work(self) -> None:
        while True:
            event = await self._waiting.get()
            try:
                await self._handle(event)
            except Exception as error:  # one bad event must not stop the loop
                log.warning("bus.event_failed %s %s", event.kind, type(error).__name__)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._layer.group_discard(pubsub.GROUP, self._channel)
