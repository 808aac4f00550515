"""A real Chromium against a real server. Contexts are people: each has storage of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.people import Stage
from tests.live import LiveServer

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LiveServer]:
    """One for a journey that stops it, or reads what it left behind."""
    with LiveServer(tmp_path / "data") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def stage(server: LiveServer, browser: Browser) -> AsyncIterator[Stage]:
    async with Stage(server, browser) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(own_server: LiveServer, browser: Browser) -> AsyncIterator[Stage]:
    async with Stage(own_server, browser) as stage:
        yield stage
