"""A room's messages as they come from the server, in order and without holes if it has none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sotto.api import Api, part
from sotto.log_api import Logbook
from sotto.protocol.encoding import integer
from sotto.protocol.message import MessageError
from sotto.room import Message, NewerVersion, Room

PAGE = 200


Progress = Callable[[int, int], None]
"""Told how many messages were read, of how many."""


class Feed:
    """Reads into `room`. Every method returns the messages that are new."""

    def __init__(
        self, api: Api, logbook: Logbook, room: Room, progress: Progress | None = None
    ) -> None:
        self._api = api
        self._logbook = logbook
        self._room = room
        self._progress = progress

    async def catch_up(self) -> list[Message]:
        """All that the server has and `room` has not."""
        async with self._room.feed_lock:
            return [] if self._room.state.ended else await self._catch_up()

    async def take(self, rows: list[Any]) -> list[Message]:
        """Rows that came by themselves; those before them are fetched if they did not."""
        async with self._room.feed_lock:
            new: list[Message] = []
            if rows and seq_of(rows[0]) > self._room.last + 1:
                new += await self._catch_up()
            for row in rows:
                new += await self._take(row)
            return new

    async def _catch_up(self) -> list[Message]:
        new: list[Message] = []
        sent = dict(self._room.sent)
        while True:
            path = f"chatrooms/{self._room.id}/messages"
            page = await self._api.get(path, after=self._room.last, limit=PAGE)
            self._room.begin(part(page, "first", int))
            found = [item for row in part(page, "messages", list) for item in await self._take(row)]
            if not found:
                await self._settle(sent, part(page, "first", int), part(page, "head", int))
                return new
            new += found
            if self._progress is not None:
                self._progress(self._room.last, part(page, "head", int))

    async def _settle(self, sent: dict[int, str], first: int, head: int) -> None:
        """What is absent may be so because of an event that has not come here yet."""
        if not self._room.owes(sent, head):
            return
        with suppress(NewerVersion):
            await self._logbook.sync(self._room)
        self._room.settle(sent, first, head, self._logbook.clock.now())

    async def _take(self, row: Any) -> list[Message]:
        try:
            message = self._room.take(row)
        except MessageError:
            with suppress(NewerVersion):
                await self._logbook.sync(self._room)
            message = self._room.take(row, patient=False)
        if message is not None and message.status == "locked" and self._room.lacking():
            await self._logbook.sync_keys(self._room)
            self._room.unlock()
            message = self._room.messages[-1]
        return [message] if message is not None else []


def seq_of(row: Any) -> int:
    seq = part(row, "seq", int)
    integer(1)(seq)
    return seq
