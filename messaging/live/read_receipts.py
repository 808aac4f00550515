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
OWN = 10  # times as long for marks that people's own messages move
log = logging.getLogger(__name__)

Marks = dict[tuple[str, str], int]  # (uid, room): message seq


class ReadReceipts:
    """Collects marks and writes them a moment later, in `writer`.

    That thread also writes messages: two threads would only wait for each other's locks.
    Calls `moved(room, uid, seq)` in the event loop with each mark's new position. A crash may lose
    marks; the next mark replaces them. `gather`: seconds in which marks are collected.

    Marks that a person's own messages move are collected longer: the clients that show them know
    who wrote a message, and a program that writes much does not cost a mark for each.
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
        self._own: Marks = {}
        self._due: dict[bool, asyncio.Task[None]] = {}  # by whether it is for own messages

    def move(self, uid: str, room: str, seq: int, *, own: bool = False) -> None:
        """Add a mark. Of several of one person in one room only the highest counts.

        Args:
            own: a message of that person moves it.
        """
        marks = self._own if own else self._waiting
        marks[uid, room] = max(seq, marks.get((uid, room), 0))
        if own not in self._due:
            self._due[own] = asyncio.create_task(self._write_soon(own))

    async def _write_soon(self, own: bool) -> None:
        try:
            while self._own if own else self._waiting:
                await asyncio.sleep(self.gather * (OWN if own else 1))
                await self.write()
        finally:
            del self._due[own]

    async def write(self) -> None:
        """Write pending marks now."""
        waiting, own = self._waiting, self._own
        self._waiting, self._own = {}, {}
        batch = {mark: max(waiting.get(mark, 0), own.get(mark, 0)) for mark in {**own, **waiting}}
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
        for task in self._due.values():
            task.cancel()
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
