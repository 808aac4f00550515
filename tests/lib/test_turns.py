"""Turns of requests: how many at a time, in which order, and that none is lost."""

from __future__ import annotations

import asyncio
import threading
from itertools import pairwise
from math import inf

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async

from chatsite.lib import turns
from chatsite.lib.errors import Unavailable
from chatsite.lib.turns import HALF_LIFE, OLDEST, Asker, Costs, Turn, Turns, Usage

SMALL = 0.003  # CPU seconds


def asker(address: str, kind: str = "GET /", *, costly: bool = False) -> Asker:
    return Asker(address, kind, costly=costly)


def current() -> Turn:
    turn = turns.current()
    assert turn is not None
    return turn


async def settled() -> None:
    """Let every task and callback that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


class Queue:
    """Requests that wait for the one turn, which somebody else holds at first."""

    def __init__(self) -> None:
        self.turns = Turns(1)
        self.turns.costs.learn("GET /", SMALL)
        self.served: list[Asker] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def hold(self) -> None:
        await self.turns.take(asker("first"))

    async def join(self, who: Asker) -> None:
        self._tasks.append(asyncio.create_task(self._serve(who)))
        await settled()

    async def _serve(self, who: Asker) -> None:
        await self.turns.take(who)
        self.served.append(who)
        self.turns.give(who, 0.001)

    async def run(self) -> list[Asker]:
        self.turns.give(asker("first"), 0.0)
        await asyncio.gather(*self._tasks)
        return self.served


async def test_no_more_run_than_there_are_turns():
    ours = Turns(2)
    running, most = 0, 0

    async def request(number: int) -> None:
        nonlocal running, most
        who = asker(f"address {number % 3}")
        await ours.take(who)
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        ours.give(who, 0.01)

    await asyncio.gather(*(request(number) for number in range(40)))
    assert most == 2


async def test_the_address_that_used_least_goes_first_however_many_wait_of_another():
    queue = Queue()
    await queue.hold()
    for _ in range(5):
        await queue.join(asker("crowd"))
    await queue.join(asker("single"))
    served = await queue.run()
    assert served.index(asker("single")) <= 1


async def test_one_address_is_served_in_the_order_of_its_requests():
    queue = Queue()
    await queue.hold()
    served: list[int] = []

    async def request(number: int) -> None:
        await queue.turns.take(asker("one"))
        served.append(number)
        queue.turns.give(asker("one"), 0.001)

    requests = [asyncio.create_task(request(number)) for number in range(3)]
    await settled()
    await queue.run()
    await asyncio.gather(*requests)
    assert served == [0, 1, 2]


async def test_a_costly_request_gets_one_turn_in_a_few_while_others_wait():
    queue = Queue()
    await queue.hold()
    for number in range(3):
        await queue.join(asker(f"uploader {number}", "PUT /file", costly=True))
    for number in range(12):
        await queue.join(asker(f"reader {number}"))
    served = await queue.run()
    places = [at for at, who in enumerate(served) if who.costly]
    assert places[0] <= OLDEST
    assert all(later - earlier == OLDEST for earlier, later in pairwise(places))


async def test_what_has_proved_costly_waits_behind_small_requests():
    queue = Queue()
    queue.turns.costs.learn("GET /large", 20 * SMALL)
    await queue.hold()
    for number in range(4):
        await queue.join(asker(f"greedy {number}", "GET /large"))
    await queue.join(asker("small"))
    served = await queue.run()
    assert served.index(asker("small")) <= 1


@pytest.mark.parametrize("busy", [1, 10])
async def test_small_requests_go_first_on_a_slow_machine_too(busy):
    """A crowd at many addresses that have used less each than the one with small requests."""
    queue = Queue()
    queue.turns.costs.learn("GET /", SMALL * busy)
    queue.turns.costs.learn("GET /large", 3 * SMALL * busy)
    await queue.hold()
    queue.turns.give(asker("small"), 60.0)
    await queue.turns.take(asker("first"))
    for number in range(8):
        await queue.join(asker(f"greedy {number}", "GET /large"))
    await queue.join(asker("small"))
    served = await queue.run()
    assert served.index(asker("small")) <= 1


async def test_nobody_waits_for_ever_behind_smaller_requests():
    queue = Queue()
    queue.turns.costs.learn("GET /large", 20 * SMALL)
    await queue.hold()
    await queue.join(asker("large", "GET /large"))
    for number in range(20):
        await queue.join(asker(f"small {number}"))
    served = await queue.run()
    assert served.index(asker("large", "GET /large")) <= OLDEST


async def test_what_is_not_known_yet_waits_behind_what_has_proved_small():
    queue = Queue()
    await queue.hold()
    for number in range(4):
        await queue.join(asker(f"stranger {number}", "GET /new"))
    await queue.join(asker("small"))
    served = await queue.run()
    assert served.index(asker("small")) <= 1


async def test_a_request_without_a_turn_in_time_is_told_when_to_come_back():
    ours = Turns(1, patience=0.01)
    await ours.take(asker("one"))
    with pytest.raises(Unavailable) as refused:
        await ours.take(asker("two"))
    assert refused.value.retry_after
    ours.give(asker("one"), 0.0)
    await asyncio.wait_for(ours.take(asker("three")), 5)


async def test_a_client_that_goes_while_it_waits_takes_no_turn_away():
    ours = Turns(1)
    await ours.take(asker("one"))
    gone = asyncio.create_task(ours.take(asker("gone")))
    await settled()
    ours.give(asker("one"), 0.0)  # to the one that goes at this very moment
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await asyncio.wait_for(ours.take(asker("two")), 5)


async def test_a_thread_keeps_its_turn_when_its_client_has_gone():
    ours = Turns(1)
    started, finish = threading.Event(), threading.Event()

    def work() -> None:
        with current().used_by_thread():
            started.set()
            finish.wait(5)

    async def request() -> None:
        async with ThreadSensitiveContext(), Turn(ours, asker("gone")):
            await sync_to_async(work, thread_sensitive=True)()

    task = asyncio.create_task(request())
    await asyncio.to_thread(started.wait, 5)
    task.cancel()
    following = asyncio.create_task(ours.take(asker("next")))
    await settled()
    assert not following.done()
    finish.set()
    await asyncio.wait_for(following, 5)


async def test_a_turn_is_given_back_when_no_thread_begins():
    ours = Turns(1)
    with pytest.raises(ZeroDivisionError):
        async with Turn(ours, asker("one")):
            raise ZeroDivisionError
    await asyncio.wait_for(ours.take(asker("two")), 5)


async def test_a_thread_that_waits_lets_another_go():
    ours = Turns(1)
    waits, go_on = threading.Event(), threading.Event()

    def work() -> str:
        with current().used_by_thread():
            with current().paused():
                waits.set()
                go_on.wait(5)
            return "done"

    async def slow() -> str:
        async with ThreadSensitiveContext(), Turn(ours, asker("slow")):
            return await sync_to_async(work, thread_sensitive=True)()

    first = asyncio.create_task(slow())
    await asyncio.to_thread(waits.wait, 5)
    await asyncio.wait_for(ours.take(asker("other")), 5)
    go_on.set()
    await settled()
    assert not first.done()
    ours.give(asker("other"), 0.0)
    assert await asyncio.wait_for(first, 5) == "done"


def test_outside_a_request_nothing_is_paused():
    with turns.paused():
        assert turns.current() is None


def test_use_is_forgotten_by_halves():
    now = 100.0
    usage = Usage(lambda: now)
    usage.add("one", 4.0)
    usage.add("one", 2.0)
    now += 2 * HALF_LIFE
    assert usage.of("one") == pytest.approx(1.5)
    assert usage.of("another") == 0.0


def test_costs_follow_what_comes_and_remember_a_bounded_number_of_kinds(monkeypatch):
    monkeypatch.setattr(turns, "KINDS", 2)
    costs = Costs()
    costs.learn("a", 1.0)
    costs.learn("a", 2.0)
    costs.learn("b", 1.0)
    costs.learn("c", 1.0)
    assert costs.of("a") == pytest.approx(1.1)
    assert (costs.of("b"), costs.of("c")) == (1.0, inf)
    assert costs.level("b") < costs.level("c") == inf


async def test_a_request_that_ends_at_the_moment_of_its_turn_takes_none_away():
    ours = Turns(1)
    await ours.take(asker("one"))
    late = asyncio.create_task(ours.take(asker("late")))
    await settled()
    late.cancel()  # as a timeout does: what it waits for ends at once, the task a moment later
    ours.give(asker("one"), 0.0)
    await asyncio.gather(late, return_exceptions=True)
    await asyncio.wait_for(ours.take(asker("two")), 5)


async def test_a_turn_that_comes_after_its_thread_has_ended_is_given_back():
    ours = Turns(1)
    turn = Turn(ours, asker("slow"))
    await ours.take(asker("other"))
    with turn.used_by_thread():
        pass
    retaking = asyncio.create_task(turn.__aenter__())
    await settled()
    ours.give(asker("other"), 0.0)
    await retaking
    await asyncio.wait_for(ours.take(asker("two")), 5)


@pytest.mark.parametrize("limit", ["QUEUED", "QUEUED_PER_ADDRESS"])
async def test_a_request_beyond_those_that_may_wait_is_refused_at_once(monkeypatch, limit):
    monkeypatch.setattr(turns, limit, 2)
    queue = Queue()
    await queue.hold()
    await queue.join(asker("one", "GET /a"))
    await queue.join(asker("one", "GET /b"))
    with pytest.raises(Unavailable):
        await queue.turns.take(asker("one", "GET /c"))
    assert len(await queue.run()) == 2
    await queue.turns.take(asker("one", "GET /c"))
