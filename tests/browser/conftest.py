"""A real Chromium against a real server. Contexts are people: each has storage of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.people import WAIT, Person, Stage

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest_asyncio.fixture(loop_scope="session")
async def two(stage: Stage) -> tuple[Person, Person]:
    """Ada's room with Ben in it."""
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Choir", "Mondays")
    ben = await (await stage.person("ben")).sign_up()
    await ben.join(await ada.invite(people="5"), "Choir")
    await expect(ada.page.locator("#member-count")).to_have_text("2", timeout=WAIT)
    return ada, ben


@pytest_asyncio.fixture(loop_scope="session")
async def two_talking(two: tuple[Person, Person]) -> tuple[Person, Person]:
    """The same two: Ben has written, and is writing."""
    ada, ben = two
    await ada.say("shall we sing?")
    await ben.sees("shall we sing?")
    await ben.say("badly")
    await ben.sees_sent("badly")
    await ben.page.locator("#composer-text").fill("only if you")
    return ada, ben
