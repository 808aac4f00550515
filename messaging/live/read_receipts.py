"""Read marks, many in one write: a hundred readers of a message are not a hundred fsyncs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from django.db import transaction

from chatsite.lib.errors import NotFound
from messaging.live.executor import DatabaseExecutor
from rooms.actions import move_read

GATHER = 0.2  # seconds
log = logging.getLogger(__name__)

Marks = dict[tuple[str, str], int]  # (uid, room): message seq


class ReadReceipts:
    """Collects marks and writes them a moment later, in `writer`.

    That thread also writes messages: two threads would only wait for each other's locks.
    Calls `moved(room, uid, seq)` in the event loop with each mark's new position. A crash may lose
    marks; the next mark replaces them. `gather`: seconds in which marks are collected.
    """

    def __init__(
        self,
        writer: DatabaseExecutor,
        moved: Callable[[str, str, int], None],
        *,
        gather: float = GATHER,
    ) -> None:
        self._writer = writer
        self._moved = moved
        self.gather = gather
        self._waiting: Marks = {}
        self._due: asyncio.Task[None] | None = None

    def move(self, uid: str, room: str, seq: int) -> None:
        """Add a mark. Of several of one person in one room only the highest counts."""
        self._waiting[uid, room] = max(seq, self._waiting.get((uid, room), 0))
        if self._due is None:
            self._due = asyncio.create_task(self._write_soon())

    async def _write_soon(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(self.gather)
                await self.write()
        finally:
            self._due = None

    async def write(self) -> None:
        """Write pending marks now."""
        batch, self._waiting = self._waiting, {}
        if not batch:
            return
        try:
            marks = await self._writer.run(_store, batch)
        except Exception as error:  # the database is unreachable: the next mark replaces this one
            log.warning("marks.write_failed %s", type(error).__name__)
            return
        for (uid, room), seq in marks.items():
            self._moved(room, uid, seq)

    async def close(self) -> None:
        if self._due is not None:
            self._due.cancel()
        await self.write()


@transaction.atomic
def _store(batch: Marks) -> Marks:
    stored: Marks = {}
    for (uid, room), seq in batch.items():
        try:
            stored[uid, room] = move_read(uid, room, seq)
        except NotFound:
            continue  # no longer a member
    return stored
