"""Reads a room's messages from the server, in order and without gaps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from sotto.api import Api, patiently
from sotto.log_api import LogApi
from sotto.protocol.encoding import WireError, field_of, integer
from sotto.protocol.message import MessageError
from sotto.room import Message, Room
from sotto.room_errors import NewerVersion

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
PAGE = 200
CLOCKS_DIFFER = 600_000  # ms
NOT_ASKED_FOR = "messages that were not asked for"
NEWEST = 10**15 - 1  # a seq behind all others: the highest that a query takes


Progress = Callable[[int, int], None]
"""Is called with (messages read, messages in all)."""


class Verify(Protocol[T_co]):
    """Verifies a row and adds it to the room; while `patient`, raises MessageError if it refers to
    log events that are not here yet.
    """

    def __call__(self, given: Any, *, patient: bool) -> T_co: ...  # noqa: D102


@dataclass(frozen=True)
class Window:
    """The messages `low` … `high`, read around `middle`; 0 where there are none. `first`, `head`:
    the seqs of the server's oldest and newest message.
    """

    middle: int
    first: int
    head: int
    low: int = 0
    high: int = 0

    @classmethod
    def of(cls, page: Any, asked: int | None) -> Window:
        """The window that an answer describes.

        Raises:
            WireError: it is malformed.
        """
        first, head = whole_number(page, "first"), whole_number(page, "head")
        middle = whole_number(page, "around")
        # Where the newest is asked for, a newer one may come before the server reads its head.
        if asked not in (None, NEWEST) and middle != min(max(asked or 0, first), head):
            raise WireError("an answer about another message")
        return cls(middle, first, head)

    def check_places(self, rows: list[Any], limit: int) -> None:
        """Check that rows stand where they were asked for: `limit` numbers around the middle. A
        server that gives others would have everything between them count as read.

        Raises:
            WireError: one stands elsewhere.
        """
        many = max(limit, 1)  # the least that comes
        low = self.middle - many // 2
        if any(not low <= seq_of(row) < low + many for row in rows):
            raise WireError(NOT_ASKED_FOR)

    def spanning(self, seqs: list[int]) -> Window:
        """The window with these messages. The one in its middle was asked for, whether or not it
        came.
        """
        there = [*seqs, self.middle] if self.middle else seqs
        return replace(self, low=min(there, default=0), high=max(there, default=0))


class MessageReader:
    """Adds messages to `room`. Every method returns the ones that are new."""

    def __init__(
        self, api: Api, log_api: LogApi, room: Room, progress: Progress | None = None
    ) -> None:
        self._api = api
        self._log_api = log_api
        self._room = room
        self._progress = progress
        self._asked: set[int] = set()
        """Epochs whose keys were asked for: once is enough for all messages of an epoch."""

    async def catch_up(self) -> list[Message]:
        """Fetch everything the server has after the room's last message.

        Raises:
            Frozen: a message is absent that may not be.
        """
        async with self._room.read_lock:
            return [] if self._room.state.ended else await self._catch_up()

    async def look(self) -> None:
        """Hold the room's newest message without reading those before it, and the newest that
        earlier runs read and wrote: the server has to have these still.

        Raises:
            Frozen: it contradicts what was acknowledged.
        """
        room = self._room
        if room.state.ended:
            return
        newest = await self.around(1, seq=NEWEST)
        for seq in {room.last_known, max(room.sent, default=0)}:
            if newest.first <= seq <= newest.head and room.id_seen(seq) is None and seq:
                await self.around(1, seq=seq)
        room.compare_known(newest.first, newest.head)

    async def around(self, limit: int, *, seq: int | None = None, at: int | None = None) -> Window:
        """Read the messages around one, without those between here and there.

        Args:
            limit: how many; half of them before it.
            seq: around this one, or
            at: around the first one that the server got at or after this moment (ms).

        Raises:
            Frozen: a message is absent that may not be.
        """
        async with self._room.read_lock:
            place = {"around": seq} if seq is not None else {"at": at}
            path = f"chatrooms/{self._room.id}/messages"
            newest = self._newest_known()
            page = await self._api.get(path, **place, limit=limit)
            window = Window.of(page, seq)
            self._room.begin(window.first)
            rows = field_of(page, "messages", list)
            window.check_places(rows, limit)
            seqs = [await self._see(row) for row in rows]
            window = window.spanning(seqs)
            if window.low:
                for row in await self._changes(page, window):
                    await self._see(row)
                self._room.cover(window.low, window.high)
            left_out = self._room.left_out(window.low, window.high, seqs)
            await self._check_window(window, left_out, newest)
            return window

    async def first_since(self, at: int) -> int:
        """The seq of the first message that was sent at or after a moment (ms); the newest one, if
        none was.

        The server names it. Where the signed times of that message and of the one before it say
        otherwise, it is found by halving, from verified messages alone.
        """
        window = await self.around(2, at=at)
        if self._bears_out(window, at):
            return window.middle
        low, high = window.first, window.head + 1
        while low < high:
            middle = (low + high) // 2
            await self.around(1, seq=middle)
            if (self._room.sent_time(middle) or 0) >= at:
                high = middle
            else:
                low = middle + 1
        return min(low, window.head)

    def _bears_out(self, window: Window, at: int) -> bool:
        here = self._room.sent_time(window.middle)
        before = self._room.sent_time(window.middle - 1)
        late = here is not None and here >= at - CLOCKS_DIFFER
        early = before is None or before < at + CLOCKS_DIFFER
        at_end = window.middle == window.head
        return early and (late or at_end)

    async def _changes(self, page: Any, window: Window) -> list[Any]:
        """The later messages that change those of a window, all of them."""
        found, before = field_of(page, "refs", list), page.get("more_refs")
        if before is not None:
            integer()(before)
        while before is not None:
            span = {"first": window.low, "last": window.high}
            path = f"chatrooms/{self._room.id}/refs"
            answer = await patiently(partial(self._api.get, path, **span, before=before))
            found = field_of(answer, "refs", list) + found
            below = answer.get("more_refs")
            if below is not None and not (type(below) is int and below < before):
                raise WireError("an answer of another shape")
            before = below
        return found

    async def _see(self, row: Any) -> int:
        seq = await self._verified(self._room.see, row)
        if self._room.is_locked(seq):
            await self._unlock()
        return seq

    def _newest_known(self) -> int:
        room = self._room
        return max(room.newest_seen, room.last_known, *room.sent, 0)

    async def _check_window(self, window: Window, own: dict[int, int], newest: int) -> None:
        """Check what the server left out. Where it has fewer messages than were seen, everything is
        read, and judged as always.

        Args:
            own: this account's messages that were verified and are left out now: when they were
                sealed (ms), by seq.
            newest: the highest seq that was known before the server was asked.
        """
        if own:
            with suppress(NewerVersion):
                await self._log_api.sync(self._room)
            self._room.check_own_absences(own, window.first, self._log_api.clock.now())
        sent = self._room.lacking(self._room.sent)
        if sent or window.head < max(newest, self._room.newest_seen):
            await self._catch_up()

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
            first, head = whole_number(page, "first"), whole_number(page, "head")
            self._room.begin(first)
            rows = field_of(page, "messages", list)
            if any(seq_of(row) <= self._room.last for row in rows):
                raise WireError(NOT_ASKED_FOR)
            found = [item for row in rows for item in await self._add(row)]
            if not found:
                await self._check_absences(sent, first, head)
                self._room.compare_known(first, head)
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
        message = await self._verified(self._room.add, row)
        if message is None:
            return []
        if message.status == "locked":
            await self._unlock()
        return self._room.messages[-1:]

    async def _verified(self, verify: Verify[T], row: Any) -> T:
        """Verify a row. If it refers to log events that are not here yet, fetch the log first."""
        try:
            return verify(row, patient=True)
        except MessageError:
            with suppress(NewerVersion):
                await self._log_api.sync(self._room)
            return verify(row, patient=False)

    async def _unlock(self) -> None:
        """Fetch the keys that are missing, and decrypt with them."""
        missing = set(self._room.missing_epochs()) - self._asked
        if missing:
            self._asked |= missing
            await self._log_api.sync_keys(self._room)
            self._room.unlock()


def whole_number(answer: Any, key: str) -> int:
    """A number of an answer, 0 or more.

    Raises:
        WireError: it has none.
    """
    number = field_of(answer, key, int)
    integer()(number)
    return number


def seq_of(row: Any) -> int:
    """The seq of a message as the server sent it.

    Raises:
        WireError: it has none.
    """
    seq = field_of(row, "seq", int)
    integer(1)(seq)
    return seq
