"""The hub's ear, where the layer between processes is unreachable or does not answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chatsite.lib import pubsub
from chatsite.lib.bus_events import Event, TypingChanged
from messaging.live import bus as module
from messaging.live.bus import Bus

TYPING = TypingChanged("r", "u", on=True)


class Moody(InMemoryChannelLayer):
    """Raises or hangs where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = "well"

    async def _answer(self) -> None:
        if self.mood == "away":
            raise OSError("away")
        if self.mood == "silent":
            await asyncio.sleep(3600)

    async def group_add(self, group: str, channel: str) -> None:
        await self._answer()
        await super().group_add(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._answer()
        await super().group_send(group, message)


@pytest.fixture
def layer(monkeypatch):
    layer = Moody()
    monkeypatch.setattr(pubsub, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(pubsub, "PATIENCE", 0.05)
    monkeypatch.setattr(module, "AGAIN", 0.01)
    return layer


@pytest.mark.parametrize("mood", ["away", "silent"])
async def test_listening_begins_without_the_layer_and_goes_on_with_it(layer, mood):
    heard: asyncio.Queue[Event] = asyncio.Queue()
    layer.mood = mood
    bus = Bus(layer, heard.put)
    await bus.open()
    layer.mood = "well"
    async with asyncio.timeout(5):
        while not layer.groups.get(pubsub.GROUP):  # noqa: ASYNC110 (it tries in its own time)
            await asyncio.sleep(0.01)
        await pubsub.apublish(TYPING, origin="another")
        assert await heard.get() == TYPING
    await bus.close()


@pytest.mark.parametrize("mood", ["away", "silent"])
async def test_ringing_waits_for_nobody(layer, mood):
    layer.mood = mood
    async with asyncio.timeout(5):
        await pubsub.apublish(TYPING)
