"""Who asks at once is answered by one query; who asks later, by a later one."""

from __future__ import annotations

import asyncio

import pytest

from messaging.live.dataloader import DataLoader


class Database:
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
def database() -> Database:
    return Database()


@pytest.fixture
def loader(database) -> DataLoader[int, int]:
    return DataLoader(database, database.squares)


async def test_what_comes_while_one_is_asked_goes_into_the_next(database, loader):
    first = asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(loader.load(key)) for key in (2, 3, 2, 1)]
    await asyncio.sleep(0)
    database.open.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [4, 9, 4, 1]
    assert database.asked == [[1], [2, 3, 1]], "an answer under way is not for who asks now"


async def test_a_key_without_an_answer(database, loader):
    database.open.set()
    assert await loader.load(-1) is None


async def test_an_error_is_everybody_s_and_then_over(database, loader):
    database.error = OSError()
    database.open.set()
    answers = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError, OSError]
    database.error = None
    assert await loader.load(3) == 9


async def test_who_stops_waiting_takes_nobody_along(database, loader):
    asked = [asyncio.create_task(loader.load(5)) for _ in range(2)]
    await asyncio.sleep(0)
    asked[0].cancel()
    database.open.set()
    assert await asked[1] == 25
