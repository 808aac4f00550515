"""Greedy sockets: how many an account has, and frames that cost more than others."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from messaging.live.arrivals import Arrivals
from messaging.live.socket_slots import WAITING, SocketSlots, TooManySockets
from tests.messaging.senders import Wire

UNKNOWN = [f"{n:032x}" for n in range(5000)]


async def test_abuse_an_account_has_so_many_sockets_and_the_newest_is_refused(
    app, hub, join, tokens, ada, ben
):
    hub.slots = SocketSlots(2, patience=0.05)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(join(ada))
        await stack.enter_async_context(join(ada))
        third = await stack.enter_async_context(Wire(app))
        third.send({"type": "auth", "token": tokens["ada"]})
        assert await third.closed() == 4429
        assert not third.all("ready")
        await stack.enter_async_context(join(ben))
        await first.pong()


async def test_abuse_the_many_sockets_of_one_sign_in_cost_no_query_each(
    app, hub, tokens, monkeypatch
):
    hub.sign_in_slots = SocketSlots(1, patience=0.05)
    async with Wire(app) as first, Wire(app) as second:
        first.send({"type": "auth", "token": tokens["ada"]})
        await first.event("ready")
        asked: list[object] = []
        monkeypatch.setattr("messaging.live.handshake.ref_of_token", asked.append)
        second.send({"type": "auth", "token": tokens["ada"]})
        assert await second.closed() == 4429
        assert asked == []


@pytest.fixture
def another_token(ada) -> str:
    """Of another sign-in of ada's."""
    return ada.token()


async def test_abuse_one_sign_in_takes_no_slot_of_another(app, hub, tokens, another_token):
    hub.sign_in_slots = SocketSlots(1, patience=10)
    async with Wire(app) as first, Wire(app) as second:
        for wire, token in ((first, tokens["ada"]), (second, another_token)):
            wire.send({"type": "auth", "token": token})
            await wire.event("ready")


async def test_a_page_that_is_loaded_again_gets_the_slot_of_its_former_socket(
    app, hub, join, tokens, ada
):
    hub.slots = SocketSlots(1, patience=10)
    async with Wire(app) as again:
        async with join(ada):
            again.send({"type": "auth", "token": tokens["ada"]})
        await again.event("ready")


async def test_abuse_few_sockets_wait_for_a_slot():
    slots = SocketSlots(1, patience=10)
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


async def test_abuse_hundreds_of_new_sockets_let_a_request_go_on_in_between():
    arrivals, done = Arrivals(), []

    async def sign_in() -> None:
        await arrivals.turn()
        done.append("socket")

    async def answer() -> None:
        for _ in range(5):
            await asyncio.sleep(0)  # a pass of the event loop
        done.append("request")

    await asyncio.gather(*(sign_in() for _ in range(300)), answer())
    assert done.index("request") <= 5
    assert done.count("socket") == 300


async def test_abuse_a_new_socket_that_gives_up_keeps_no_turn():
    arrivals = Arrivals()
    first, second = (asyncio.create_task(arrivals.turn()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait_for(second, 5)
    await asyncio.wait_for(arrivals.turn(), 5)
