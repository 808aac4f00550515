"""Reads a room's messages from the server, in order and without gaps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sotto.api import Api
from sotto.log_api import LogApi
from sotto.protocol.encoding import field_of, integer
from sotto.protocol.message import MessageError
from sotto.room import Message, NewerVersion, Room

PAGE = 200


Progress = Callable[[int, int], None]
"""Is called with (messages read, messages in all)."""


class MessageReader:
    """Adds messages to `room`. Every method returns the ones that are new."""

    def __init__(
        self, api: Api, log_api: LogApi, room: Room, progress: Progress | None = None
    ) -> None:
        self._api = api
        self._log_api = log_api
        self._room = room
        self._progress = progress

    async def catch_up(self) -> list[Message]:
        """Fetch everything the server has after the room's last message.

        Raises:
            Frozen: a message is absent that may not be.
        """
        async with self._room.read_lock:
            return [] if self._room.state.ended else await self._catch_up()

    async def receive(self, rows: list[Any]) -> list[Message]:
        """Add messages that the socket brought, after fetching those missing before them."""
        async with self._room.read_lock:
            new: list[Message] = []
            if rows and seq_of(rows[0]) > self._room.last + 1:
                new += await self._catch_up()
            for row in rows:
                new += await self._add(row)
            return new

    async def _catch_up(self) -> list[Message]:
        new: list[Message] = []
        sent = dict(self._room.sent)
        while True:
            path = f"chatrooms/{self._room.id}/messages"
            page = await self._api.get(path, after=self._room.last, limit=PAGE)
            first, head = field_of(page, "first", int), field_of(page, "head", int)
            self._room.begin(first)
            rows = field_of(page, "messages", list)
            found = [item for row in rows for item in await self._add(row)]
            if not found:
                await self._check_absences(sent, first, head)
                return new
            new += found
            if self._progress is not None:
                self._progress(self._room.last, head)

    async def _check_absences(self, sent: dict[int, str], first: int, head: int) -> None:
        """An absence may be due to a log event that was not fetched yet, so fetch the log first."""
        if not self._room.lacks_messages(sent, head):
            return
        with suppress(NewerVersion):
            await self._log_api.sync(self._room)
        self._room.check_absences(sent, first, head, self._log_api.clock.now())

    async def _add(self, row: Any) -> list[Message]:
        try:
            message = self._room.add(row)
        except MessageError:  # it refers to log events that are not here yet
            with suppress(NewerVersion):
                await self._log_api.sync(self._room)
            message = self._room.add(row, patient=False)
        if message is not None and message.status == "locked" and self._room.missing_epochs():
            await self._log_api.sync_keys(self._room)
            self._room.unlock()
            message = self._room.messages[-1]
        return [message] if message is not None else []


def seq_of(row: Any) -> int:
    """The seq of a message as the server sent it.

    Raises:
        WireError: it has none.
    """
    seq = field_of(row, "seq", int)
    integer(1)(seq)
    return seq
