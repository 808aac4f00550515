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
def watch(book, clock):
    threads = DatabaseExecutor(1, "watch")
    made = SessionMonitor(DataLoader(threads, book.ask), clock, sweep=3600)
    yield made
    made.close()
    threads.close()


def refs(many: int) -> list[SessionRef]:
    return [SessionRef(uid=f"{n:032x}", name="ada", sign_in=f"{n:032x}") for n in range(many)]


async def test_who_is_at_it_is_asked_about_together(book, watch, clock):
    people = refs(50)
    for ref in people:
        await watch.check(ref)
    book.asked.clear()
    for _ in range(5):
        clock.seconds += VALID_FOR / 2
        await watch.sweep()
        for ref in people:
            await watch.check(ref)
    assert sorted(map(len, book.asked)) == [50] * 5, "no frame asked by itself"


async def test_an_end_is_noticed_at_the_frame_after_the_look(book, watch, clock):
    one, other = refs(2)
    await watch.check(one)
    await watch.check(other)
    book.ended.add(one)
    clock.seconds += 1
    await watch.sweep()
    with pytest.raises(SignInNeeded):
        await watch.check(one)
    await watch.check(other)


async def test_who_comes_out_of_a_silence_is_asked_about(book, watch, clock):
    (ref,) = refs(1)
    await watch.check(ref)
    clock.seconds += ACTIVE_WINDOW + 1
    await watch.sweep()
    assert len(book.asked) == 1, "who is silent costs nothing"
    book.ended.add(ref)
    with pytest.raises(SignInNeeded):
        await watch.check(ref)


async def test_a_database_that_is_away_is_no_answer(book, watch, clock):
    (ref,) = refs(1)
    await watch.check(ref)
    book.away = True
    clock.seconds += 1
    await watch.sweep()
    await watch.check(ref)
    clock.seconds += VALID_FOR
    with pytest.raises(OSError, match="away"):
        await watch.check(ref)


async def test_the_looks_come_by_themselves_and_end(book, clock):
    threads = DatabaseExecutor(1, "watch")
    watch = SessionMonitor(DataLoader(threads, book.ask), clock, sweep=0.01)
    (ref,) = refs(1)
    await watch.check(ref)
    while len(book.asked) < 3:  # noqa: ASYNC110 (it looks in its own time)
        await asyncio.sleep(0.01)
    clock.seconds += ACTIVE_WINDOW + 1
    await asyncio.sleep(0.1)
    asked = len(book.asked)
    await asyncio.sleep(0.1)
    assert len(book.asked) == asked
    watch.close()
    threads.close()
