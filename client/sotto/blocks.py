"""The people whom the account blocks. The server keeps the list for all of its devices."""

from __future__ import annotations

import time
from collections.abc import Callable

from sotto.api import Api
from sotto.protocol.encoding import field_of
from sotto.room import Room
from sotto.room_errors import Blocked

FRESH = 60.0  # seconds, after which the list is fetched again: another device may have changed it


class Blocks:
    """The account's list, fetched when it is first needed.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, api: Api, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._known: dict[str, str] = {}
        self._until = float("-inf")

    async def all(self) -> dict[str, str]:
        """User names by uid, as the server has them now.

        Raises:
            ApiError: the server refused, or cannot be reached.
            WireError: its answer has another shape.
        """
        found: dict[str, str] = {}
        async for page in self._api.pages("blocks"):
            for item in field_of(page, "blocks", list):
                found[field_of(item, "uid", str)] = field_of(item, "name", str)
        self._known, self._until = found, self._clock() + FRESH
        return dict(found)

    async def set(self, uid: str, *, on: bool) -> None:
        """Block somebody, or lift that. Raises ApiError."""
        await (self._api.put(f"blocks/{uid}", {}) if on else self._api.delete(f"blocks/{uid}"))
        self.forget()

    def forget(self) -> None:
        """The connection was lost: another device may have changed the list unheard."""
        self._until = float("-inf")

    async def check(self, room: Room) -> None:
        """Compare the other person of a direct room with the list, which is FRESH seconds old at
        most.

        Raises:
            Blocked: nothing may be sent to them.
        """
        if room.state.kind != "direct":
            return
        if self._clock() >= self._until:
            await self.all()
        for uid in room.state.spans:
            if uid in self._known:
                raise Blocked(self._known[uid])
