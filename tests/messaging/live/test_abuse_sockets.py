"""Greedy sockets: how many an account has, and frames that cost more than others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from messaging.live.arrivals import Arrivals
from messaging.live.socket_slots import WAITING, AccountSlots, TooManySockets
from tests.messaging.senders import Wire

UNKNOWN = [f"{n:032x}" for n in range(5000)]


async def test_abuse_an_account_has_so_many_sockets_and_the_newest_is_refused(
    app, hub, join, tokens, ada, ben
):
    hub.slots = AccountSlots(2, patience=0.05)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(join(ada))
        await stack.enter_async_context(join(ada))
        third = await stack.enter_async_context(Wire(app))
        third.send({"type": "auth", "token": tokens["ada"]})
        assert await third.closed() == 4429
        assert not third.all("ready")
        await stack.enter_async_context(join(ben))
        await first.pong()


async def test_a_page_that_is_loaded_again_gets_the_slot_of_its_former_socket(
    app, hub, join, tokens, ada
):
    hub.slots = AccountSlots(1, patience=10)
    async with Wire(app) as again:
        async with join(ada):
            again.send({"type": "auth", "token": tokens["ada"]})
        await again.event("ready")


async def test_abuse_few_sockets_wait_for_a_slot():
    slots = AccountSlots(1, patience=10)
    refused: list[int] = []

    async def come(n: int) -> None:
        try:
            async with slots.taken("a"):
                pass
        except TooManySockets:
            refused.append(n)

    async with slots.taken("a"):
        coming = [asyncio.create_task(come(n)) for n in range(WAITING + 3)]
        await asyncio.sleep(0)
        assert len(refused) == 3
    await asyncio.gather(*coming)
    assert len(refused) == 3
    async with slots.taken("a"):
        pass


def from_address(app, address: str) -> Wire:
    wire = Wire(app)
    wire.scope["client"] = (address, 1)
    return wire


async def test_abuse_sockets_that_connect_at_once_wait_and_slow_down_nobody(
    app, hub, join, tokens, ada, ben
):
    hub.arrivals = Arrivals(1)
    async with join(ada) as there, AsyncExitStack() as stack:
        async with hub.arrivals.turn({"client": ("192.0.2.9", 1)}):
            crowd = [
                await stack.enter_async_context(from_address(app, f"192.0.2.{n}")) for n in range(5)
            ]
            for wire in crowd:
                wire.send({"type": "auth", "token": tokens["ben"]})
            await there.pong()
            assert not any(wire.accepted for wire in crowd)
        for wire in crowd:
            await wire.event("ready")


async def test_abuse_the_address_that_connected_least_goes_first(app, hub, tokens, ben):
    hub.arrivals = Arrivals(1)
    greedy, other = "192.0.2.1", "192.0.2.2"
    order: list[str] = []

    async def wait_for(address: str) -> None:
        async with hub.arrivals.turn({"client": (address, 1)}):
            order.append(address)

    async with hub.arrivals.turn({"client": (greedy, 1)}):
        tasks = [asyncio.create_task(wait_for(one)) for one in (greedy, greedy, other)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == [other, greedy, greedy]


async def test_abuse_as_many_sockets_wait_as_an_address_may_have(app, hub, settings):
    settings.SOCKETS_PER_ADDRESS = 2
    hub.arrivals = Arrivals(1)
    address = "192.0.2.1"
    async with AsyncExitStack() as stack, hub.arrivals.turn({"client": (address, 1)}):
        for _ in range(2):
            await stack.enter_async_context(from_address(app, address))
        third = await stack.enter_async_context(from_address(app, address))
        assert await third.closed() == 1013
        assert not third.accepted


async def test_a_socket_that_waits_for_a_slot_keeps_no_turn(app, hub, join, tokens, ada, ben):
    hub.slots, hub.arrivals = AccountSlots(1, patience=10), Arrivals(1)
    async with Wire(app) as waiting:
        async with join(ada):
            waiting.send({"type": "auth", "token": tokens["ada"]})
            async with join(ben) as his:
                await his.pong()
            assert not waiting.all("ready")
        await waiting.event("ready")


async def test_abuse_unknown_rooms_of_a_resume_are_not_all_answered(join, room, ada):
    async with join(ada) as hers:
        hers.send({"type": "resume", "rooms": dict.fromkeys([*UNKNOWN[:4999], room.id], 0)})
        await hers.pong()
        assert len(hers.all("error", code="not_found")) == 100


@pytest.mark.parametrize(
    ("frame", "most", "many"),
    [
        pytest.param({"type": "resume", "rooms": dict.fromkeys(UNKNOWN, 0)}, 250, 3, id="resume"),
        pytest.param({"type": "ping"}, 12, 5, id="ping"),
    ],
)
async def test_abuse_costly_frames_are_weighed(join, room, ada, settings, frame, most, many):
    """Far fewer of them are taken than the limit of frames says."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "frames": (most, 60)}
    async with join(ada) as hers:
        for _ in range(many):
            hers.send(frame)
        assert (await hers.event("error", code="rate"))["retry_after"] > 0
