"""Large conversations and rate limits, as a program meets them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from sotto.api import Api, ApiError
from sotto.protocol.encoding import WireError
from tests.client.acting import room_of_two

LARGE = 60_000  # letters


async def test_abuse_many_large_changes_are_read_in_full(sign_up):
    ada, ben, room = await room_of_two(sign_up, "changes")
    await ada.messages.send(room, "a pear")
    [message] = await ada.messages.history(room)
    for n in range(14):
        await ada.messages.edit(message, f"a pear, {n} " + "x" * LARGE)
    await ada.messages.edit(message, "a pear and a plum")
    await ben.messages.react(message, "🍐")
    texts = [line.text async for line in ben.search.messages(room, "plum")]
    assert texts == ["a pear and a plum"]
    [line] = await ben.messages.history(room)
    assert (line.text, dict(line.reactions)) == ("a pear and a plum", {"🍐": (ben.me.uid,)})


def limited(waits: list[int]) -> Api:
    """A server that refuses as often, and then answers."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not waits:
            return httpx2.Response(200, json={"ok": 1})
        error = {"code": "rate", "detail": "Too many requests.", "retry_after": waits.pop(0)}
        return httpx2.Response(429, content=json.dumps({"error": error}))

    return Api("http://server", transport=httpx2.MockTransport(answer))


@pytest.fixture
def slept(monkeypatch) -> list[float]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waited


async def test_abuse_a_read_waits_as_long_as_it_is_told(slept):
    assert await limited([2, 7]).get("chatrooms") == {"ok": 1}
    assert slept == [2, 7]


async def test_abuse_nobody_waits_for_ever(slept):
    with pytest.raises(ApiError, match="rate"):
        await limited([3600]).get("chatrooms")
    assert slept == []
    with pytest.raises(ApiError, match="rate"):
        await limited([1] * 1000).get("chatrooms")
    assert len(slept) == 30


async def test_abuse_what_changes_something_does_not_wait_by_itself(slept):
    with pytest.raises(ApiError, match="rate"):
        await limited([1]).post("chatrooms", {})
    assert slept == []


def paged(pages: dict[str, Any]) -> Api:
    """A server that has these pages, by `after`."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=pages[request.url.params.get("after", "")])

    return Api("http://server", transport=httpx2.MockTransport(answer))


async def test_abuse_a_list_that_comes_in_pages_is_read_to_its_end():
    pages = {"": {"n": [1], "more": 5}, "5": {"n": [2], "more": "x"}, "x": {"n": [], "more": None}}
    assert [page["n"] async for page in paged(pages).pages("keys")] == [[1], [2], []]
    assert [page async for page in paged({"": {"n": []}}).pages("keys")] == [{"n": []}]


@pytest.mark.parametrize("more", [5, [], {}, True, 1.5])
async def test_hostile_pages_that_go_round_in_circles_end(more):
    pages = {"": {"more": 5}, "5": {"more": more}}
    with pytest.raises(WireError):
        [page async for page in paged(pages).pages("keys")]


async def pieces() -> AsyncIterator[bytes]:
    yield b'{"ok":'
    yield b" 1}"


def busy(waits: list[int]) -> Api:
    """A server that has no time as often, and then answers."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/me"):
            return httpx2.Response(200, json={"ok": 1})
        if not waits:
            return httpx2.Response(200, content=pieces())
        error = {"code": "unavailable", "detail": "Try again shortly."}
        headers = {"Retry-After": str(waits.pop(0))}
        return httpx2.Response(503, json={"error": error}, headers=headers)

    return Api("http://server", transport=httpx2.MockTransport(answer))


async def test_a_read_waits_for_a_server_that_has_no_time(slept):
    assert await busy([2, 4]).get("chatrooms") == {"ok": 1}
    assert [2 <= slept[0] <= 3, 4 <= slept[1] <= 6, len(slept)] == [True, True, 2]
    async with busy([2]).bytes_of("files/x") as chunks:
        assert b"".join([chunk async for chunk in chunks]) == b'{"ok": 1}'
    assert len(slept) == 3


async def test_a_server_that_stays_busy_is_an_error(slept):
    with pytest.raises(ApiError, match="unavailable"):
        await busy([1] * 10).get("chatrooms")
    assert len(slept) == 3
    with pytest.raises(ApiError, match="unavailable"):
        await busy([1]).post("chatrooms", {})
    with pytest.raises(ApiError, match="unavailable"):
        await busy([61]).get("chatrooms")
    assert len(slept) == 3
