"""Group commit: messages that arrive during a write form the next batch."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from chatsite.lib import metrics
from chatsite.lib.errors import Unavailable
from messaging.live.executor import DatabaseExecutor
from messaging.store.base import MessageStore, NewMessage, Outcome

MAX_BATCH = 500
GATHER = 0.008  # seconds at least between the beginnings of two writes
log = logging.getLogger(__name__)

Waiting = tuple[NewMessage, "asyncio.Future[Outcome]"]


class Committer:
    """Batches writes to a store, one at a time, in the thread `writer`.

    Calls `committed(messages, outcomes)` in the event loop after each durable write, before the
    senders' futures resolve; it must not block.
    """

    def __init__(
        self,
        store: MessageStore,
        writer: DatabaseExecutor,
        committed: Callable[[list[NewMessage], list[Outcome]], None] = lambda messages, outcomes: (
            None
        ),
    ) -> None:
        self._store = store
        self._writer = writer
        self._committed = committed
        self._waiting: list[Waiting] = []
        self._under_way: list[Waiting] = []
        self._since = 0.0  # when the first of them came
        self._next = 0.0  # when the next write may begin, by the loop's clock
        self._writing: asyncio.Task[None] | None = None

    def append(self, message: NewMessage) -> asyncio.Future[Outcome]:
        """Store a message; returns once it is durable or refused.

        They are stored in the order of the calls. Raises Unavailable if the store is unreachable.
        """
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._since = time.perf_counter()
        self._waiting.append((message, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return outcome

    async def settled(self, room: str, uid: str, cid: str) -> None:
        """Wait until no message of that key is pending: it is stored, or not."""
        for message, outcome in (*self._under_way, *self._waiting):
            if (message.room, message.uid, message.client_message_id) == (room, uid, cid):
                await asyncio.wait([outcome])

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                # A lone message is written at once; concurrent messages are batched.
                await asyncio.sleep(self._next - loop.time())
                self._next = loop.time() + GATHER
                self._under_way = self._waiting[:MAX_BATCH]
                self._waiting = self._waiting[MAX_BATCH:]
                await self._write(self._under_way)
        finally:
            self._writing, self._under_way = None, []

    async def _write(self, batch: list[Waiting]) -> None:
        messages = [message for message, _ in batch]
        since = self._since
        self._since = time.perf_counter()
        try:
            outcomes = await self._writer.run(self._store.append, messages)
        except Exception as error:  # any engine's: nothing was acknowledged, senders keep theirs
            # Only the kind of error: a driver's text may quote the row.
            log.error("commit.failed %s, messages=%d", type(error).__name__, len(messages))
            metrics.failures.labels("store").inc()
            for _, future in batch:
                with suppress(asyncio.InvalidStateError):
                    future.set_exception(Unavailable())
            return
        durable = time.perf_counter()
        metrics.append_seconds.observe(durable - since)
        metrics.append_messages.observe(len(messages))
        self._tell(messages, outcomes)
        metrics.fanout_seconds.observe(time.perf_counter() - durable)
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            with suppress(asyncio.InvalidStateError):
                future.set_result(outcome)

    def _tell(self, messages: list[NewMessage], outcomes: list[Outcome]) -> None:
        try:
            self._committed(messages, outcomes)
        except Exception as error:  # receivers recover by number; the senders need their acks
            log.error("commit.telling_failed %s", type(error).__name__)

    async def close(self) -> None:
        """Finish pending writes."""
        if self._writing is not None:
            await self._writing
