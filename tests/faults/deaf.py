"""Settings of a site whose processes hear every other event only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]

from chatsite.settings import *  # noqa: F403
from chatsite.settings import CHANNEL_LAYERS


class HalfDeaf(RedisPubSubChannelLayer):
    """Loses every second message, as the network or a full channel would, and says nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rung = count()

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)  # where the layer of the running loop is found
        return partial(self._now_and_then, found) if name == "group_send" else found

    async def _now_and_then(self, send: Callable[..., Awaitable[None]], *what: Any) -> None:
        if next(self._rung) % 2:
            await send(*what)


CHANNEL_LAYERS = {"default": {**CHANNEL_LAYERS["default"], "BACKEND": "tests.faults.deaf.HalfDeaf"}}
