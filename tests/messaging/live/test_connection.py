"""The outbox: everything in order, a slow socket delays nobody, and the size is bounded."""

from __future__ import annotations

import asyncio
import json
import tracemalloc

import pytest

from accounts.access import SessionRef
from messaging.live.connection import OUTBOX, Connection
from messaging.live.eager_start import start_eagerly
from messaging.live.frames import MAX_FRAME
from tests.messaging.senders import until

ADA = SessionRef(uid="a" * 32, name="ada", sign_in="f")


class Reader:
    """The network's side: takes frames while `open`, each write waiting as a real one would."""

    def __init__(self, **options) -> None:
        self.sent: list[dict] = []
        self.open = asyncio.Event()
        self.open.set()
        self.broken = False
        self.ended = False
        self.connection = Connection(ADA, self, ended=self.end, **options)

    async def send(self, text_data: str) -> None:
        await self._take({"text": text_data})

    async def close(self, code: int) -> None:
        await self._take({"code": code})

    async def _take(self, message: dict) -> None:
        await self.open.wait()
        if self.broken:
            raise ConnectionError
        self.sent.append(message)

    def end(self) -> None:
        self.ended = True

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if "text" in message]

    @property
    def code(self) -> int | None:
        return self.sent[-1].get("code") if self.sent else None

    def events(self) -> list[int]:
        """Every event, arrays taken apart."""
        found: list[int] = []
        for value in map(json.loads, self.texts):
            found += value if isinstance(value, list) else [value]
        return found


@pytest.fixture
async def reader() -> Reader:
    reader = Reader()
    reader.connection.greet("0")
    return reader


async def test_one_event_is_a_frame_of_its_own(reader):
    reader.connection.push("1")
    await reader.connection.drained()
    assert reader.texts == ["0", "1"]


async def test_events_of_one_turn_leave_as_one_array(reader):
    for event in ("1", "2", "3"):
        reader.connection.push(event)
    await reader.connection.drained()
    assert reader.texts == ["0", "[1,2,3]"]


async def test_the_sockets_of_a_room_are_given_the_same_text():
    readers = [Reader(), Reader()]
    for reader in readers:
        reader.connection.greet("0")
        for number in range(40):
            reader.connection.push(str(number))
    for reader in readers:
        await reader.connection.drained()
    assert readers[0].texts[-1] is readers[1].texts[-1]


async def test_a_socket_that_keeps_up_costs_no_task(reader):
    before = asyncio.all_tasks()
    for number in range(3):
        reader.connection.push(str(number))
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
    assert len(reader.texts) == 4


async def test_the_greeting_is_first_whatever_came_before():
    reader = Reader()
    reader.connection.push("1")
    await asyncio.sleep(0)
    assert reader.texts == []
    reader.connection.greet("0")
    await reader.connection.drained()
    assert reader.events() == [0, 1]


async def test_more_than_the_outbox_holds_is_fine_for_who_reads(reader):
    for number in range(1, 4 * OUTBOX):
        reader.connection.push(str(number))
    await reader.connection.drained()
    assert reader.events() == list(range(4 * OUTBOX))
    assert not reader.connection.closed


async def test_what_waits_leaves_in_order_once_the_reader_is_back(reader):
    reader.open.clear()
    for number in range(1, 100):
        reader.connection.push(str(number))
        await asyncio.sleep(0)
    reader.open.set()
    await reader.connection.drained()
    assert reader.events() == list(range(100))


async def test_frames_stay_within_the_limit(reader):
    event = json.dumps("x" * 60_000)
    for _ in range(9):
        reader.connection.push(event)
    await reader.connection.drained()
    assert len(reader.events()) == 10
    assert max(map(len, reader.texts)) <= MAX_FRAME
    assert len(reader.texts) == 1 + 3


async def test_a_full_outbox_closes_the_socket_and_is_forgotten(reader):
    reader.open.clear()
    for number in range(OUTBOX + 2):
        reader.connection.push(str(number))
        await asyncio.sleep(0)
    assert reader.connection.closed
    reader.open.set()
    await reader.connection.wait_closed()
    assert reader.code == 4413
    assert len(reader.texts) <= 2


async def test_a_reader_who_takes_nothing_is_closed_in_time():
    reader = Reader(drain_within=0.02)
    reader.connection.greet("0")
    reader.open.clear()
    reader.connection.push("1")
    await until(lambda: reader.ended)
    assert reader.connection.closed
    assert reader.code is None, "it took not even the closing frame"


async def test_a_slow_reader_delays_nobody():
    slow, quick = Reader(), Reader()
    for reader in (slow, quick):
        reader.connection.greet("0")
    slow.open.clear()
    for number in range(1, OUTBOX - 2):
        for reader in (slow, quick):
            reader.connection.push(str(number))
        await quick.connection.drained()
        assert quick.events()[-1] == number
    assert slow.texts == ["0"]


async def test_many_slow_readers_share_what_waits():
    """A thousand outboxes of the same events are lists of references."""
    readers = [Reader() for _ in range(200)]
    for reader in readers:
        reader.connection.greet("0")
        reader.open.clear()
    tracemalloc.start()
    for number in range(OUTBOX - 1):
        event = f'"{number:010000d}"'
        for reader in readers:
            reader.connection.push(event)
        await asyncio.sleep(0)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 20_000_000, "shared, it is 2.5 MB; copied, it were 500"
    for reader in readers:
        reader.connection.gone()
        reader.open.set()


async def test_a_last_event_precedes_the_closing_and_what_waited_is_dropped(reader):
    reader.connection.push("1")
    reader.connection.close(4401, "2")
    reader.connection.push("3")
    await reader.connection.wait_closed()
    assert reader.texts == ["0", "2"]
    assert (reader.code, reader.ended) == (4401, True)


async def test_closing_interrupts_a_reader_who_hangs():
    reader = Reader(drain_within=0.02)
    reader.connection.greet("0")
    reader.open.clear()
    reader.connection.push("1")
    await asyncio.sleep(0)
    reader.connection.close(4401)
    await reader.connection.wait_closed()
    assert reader.ended


@pytest.mark.parametrize("slow", [True, False], ids=["behind", "keeping up"])
async def test_a_peer_that_is_gone_ends_the_writing(reader, slow):
    if slow:
        reader.open.clear()
        reader.connection.push("1")
        await asyncio.sleep(0)
    reader.broken = True
    reader.open.set()
    reader.connection.push("2")
    await reader.connection.drained()
    assert reader.connection.closed
    assert reader.texts == ["0"]


# --- coroutines that start at once ---------------------------------------------------------------


async def test_what_need_not_wait_is_done_at_once():
    done = []

    async def work() -> None:
        done.append(1)

    assert start_eagerly(work()) is None
    assert done == [1]


async def test_what_must_wait_is_finished_by_awaiting():
    gate = asyncio.Event()

    async def work() -> str:
        await gate.wait()
        await asyncio.sleep(0)
        return "done"

    rest = start_eagerly(work())
    assert rest is not None
    waiting = asyncio.ensure_future(rest)
    gate.set()
    assert await waiting == "done"


async def test_cancelling_the_rest_cancels_the_beginning():
    undone = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            undone.append(1)

    rest = start_eagerly(work())
    assert rest is not None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await rest
    assert undone == [1]


async def test_errors_come_out_where_they_happen():
    async def work() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        start_eagerly(work())
