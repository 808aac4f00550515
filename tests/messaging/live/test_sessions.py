"""Sign-ins are asked about together, and believed for seconds only."""

from __future__ import annotations

import asyncio

import pytest

from accounts.access import SessionRef
from chatsite.lib.errors import SignInNeeded
from messaging.live.dataloader import DataLoader
from messaging.live.executor import DatabaseExecutor
from messaging.live.sessions import ACTIVE_WINDOW, VALID_FOR, SessionMonitor
from tests.messaging.senders import Clock


class Book:
    """Sign-ins that hold, and what was asked about them."""

    def __init__(self) -> None:
        self.ended: set[SessionRef] = set()
        self.asked: list[list[SessionRef]] = []
        self.away = False

    def ask(self, refs: list[SessionRef]) -> dict[SessionRef, bool]:
        self.asked.append(refs)
        if self.away:
            raise OSError("away")
        return {ref: ref not in self.ended for ref in refs}


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def monitor(book, clock):
    threads = DatabaseExecutor(1, "monitor")
    made = SessionMonitor(DataLoader(threads, book.ask), clock, sweep=3600)
    yield made
    made.close()
    threads.close()


def refs(many: int) -> list[SessionRef]:
    return [SessionRef(uid=f"{n:032x}", name="ada", sign_in=f"{n:032x}") for n in range(many)]


async def test_active_sessions_are_revalidated_in_one_query(book, monitor, clock):
    people = refs(50)
    for ref in people:
        await monitor.check(ref)
    book.asked.clear()
    for _ in range(5):
        clock.seconds += VALID_FOR / 2
        await monitor.sweep()
        for ref in people:
            await monitor.check(ref)
    assert sorted(map(len, book.asked)) == [50] * 5, "no frame asked by itself"


async def test_an_end_is_noticed_at_the_frame_after_the_look(book, monitor, clock):
    one, other = refs(2)
    await monitor.check(one)
    await monitor.check(other)
    book.ended.add(one)
    clock.seconds += 1
    await monitor.sweep()
    with pytest.raises(SignInNeeded):
        await monitor.check(one)
    await monitor.check(other)


async def test_a_session_is_revalidated_after_a_silence(book, monitor, clock):
    (ref,) = refs(1)
    await monitor.check(ref)
    clock.seconds += ACTIVE_WINDOW + 1
    await monitor.sweep()
    assert len(book.asked) == 1, "who is silent costs nothing"
    book.ended.add(ref)
    with pytest.raises(SignInNeeded):
        await monitor.check(ref)


async def test_an_unreachable_database_ends_no_session(book, monitor, clock):
    (ref,) = refs(1)
    await monitor.check(ref)
    book.away = True
    clock.seconds += 1
    await monitor.sweep()
    await monitor.check(ref)
    clock.seconds += VALID_FOR
    with pytest.raises(OSError, match="away"):
        await monitor.check(ref)


async def test_the_looks_come_by_themselves_and_end(book, clock):
    threads = DatabaseExecutor(1, "monitor")
    monitor = SessionMonitor(DataLoader(threads, book.ask), clock, sweep=0.01)
    (ref,) = refs(1)
    await monitor.check(ref)
    while len(book.asked) < 3:  # noqa: ASYNC110 (it looks in its own time)
        await asyncio.sleep(0.01)
    clock.seconds += ACTIVE_WINDOW + 1
    await asyncio.sleep(0.1)
    asked = len(book.asked)
    await asyncio.sleep(0.1)
    assert len(book.asked) == asked
    monitor.close()
    threads.close()
