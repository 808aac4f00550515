"""Who asks at once is answered by one query; who asks later, by a later one."""

from __future__ import annotations

import asyncio

import pytest

from messaging.live.dataloader import DataLoader


class Desk:
    """Answers when the test lets it: `asked` holds the keys of each query."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def run(self, function, *arguments):
        await self.open.wait()
        return function(*arguments)

    def squares(self, keys: list[int]) -> dict[int, int]:
        self.asked.append(keys)
        if self.error is not None:
            raise self.error
        return {key: key * key for key in keys if key >= 0}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def together(desk) -> DataLoader[int, int]:
    return DataLoader(desk, desk.squares)


async def test_what_comes_while_one_is_asked_goes_into_the_next(desk, together):
    first = asyncio.create_task(together.load(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(together.load(key)) for key in (2, 3, 2, 1)]
    await asyncio.sleep(0)
    desk.open.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [4, 9, 4, 1]
    assert desk.asked == [[1], [2, 3, 1]], "an answer under way is not for who asks now"


async def test_a_key_without_an_answer(desk, together):
    desk.open.set()
    assert await together.load(-1) is None


async def test_an_error_is_everybody_s_and_then_over(desk, together):
    desk.error = OSError()
    desk.open.set()
    answers = await asyncio.gather(together.load(1), together.load(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError, OSError]
    desk.error = None
    assert await together.load(3) == 9


async def test_who_stops_waiting_takes_nobody_along(desk, together):
    asked = [asyncio.create_task(together.load(5)) for _ in range(2)]
    await asyncio.sleep(0)
    asked[0].cancel()
    desk.open.set()
    assert await asked[1] == 25
