"""People whose browser is a Firefox that nobody has patched, driven by WebDriver BiDi."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from scripts.firefox import firefox_version
from tests.browser.people import WAIT, Browsers, Person, Stage
from tests.live import LiveServer

HERE = Path(__file__).parent
RUNS_DRIVER_IN_OWN_REALM = 153  # the oldest seen to


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def firefox() -> str:
    path = os.environ.get("SOTTO_FIREFOX")
    assert path, "SOTTO_FIREFOX names the browser; `make slow` finds one and sets it"
    return path


def settings_for(firefox: str) -> dict[str, str]:
    if firefox_version(firefox) >= RUNS_DRIVER_IN_OWN_REALM:
        return {}
    return {"DJANGO_SETTINGS_MODULE": "tests.firefox.settings"}


@pytest.fixture(scope="session")
def server(firefox: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("firefox") / "data"
    with LiveServer(data, **settings_for(firefox)) as running:
        yield running


@pytest.fixture
def own_server(firefox: str, tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "data", **settings_for(firefox)) as running:
        yield running


class FirefoxPerson(Person):
    """Playwright hears of no download of this browser: the kit is found in its folder."""

    async def _start_keys_and_keep_kit(self) -> None:
        await self.page.get_by_role("button", name="Continue").click()
        await expect(self.page.locator("#keys")).to_have_attribute(
            "data-state", "kit", timeout=3 * WAIT
        )
        name = await self.page.locator("#kit-name").inner_text()
        assert isinstance(self.stage, FirefoxStage)
        self.kit = await asyncio.to_thread(written, self.stage.downloads / name)


def written(file: Path) -> str:
    """The text of a file that the browser is about to write."""
    deadline = time.monotonic() + WAIT / 1000
    while not (file.exists() and file.stat().st_size):
        assert time.monotonic() < deadline, f"{file} was not written"
        time.sleep(0.05)
    return file.read_text()


class FirefoxStage(Stage):
    """Where people with Firefox meet."""

    person_type = FirefoxPerson

    def __init__(self, server: LiveServer, browser: Browser, downloads: Path) -> None:
        super().__init__(server, browser)
        self.downloads = downloads

    async def person(self, name: str = "", **options: Any) -> Person:
        return await super().person(name, color_scheme="null", **options)  # it cannot be told one


@asynccontextmanager
async def running_firefox(folder: Path) -> AsyncIterator[Browser]:
    launcher = folder / "firefox"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "bidi.py"} "$@"\n')
    launcher.chmod(0o700)
    preferences: dict[str, str | float | bool] = {
        "browser.download.folderList": 2,
        "browser.download.dir": str(folder),
    }
    async with async_playwright() as playwright:
        running = await playwright.firefox.launch(
            channel="moz-firefox",
            executable_path=launcher,
            downloads_path=folder,  # newer releases are told a folder
            firefox_user_prefs=preferences,  # older ones know it from here
        )
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(firefox: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_firefox(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    server: LiveServer, browser: Browser, tmp_path: Path
) -> AsyncIterator[FirefoxStage]:
    running = FirefoxStage(server, browser, tmp_path)
    async with running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(
    own_server: LiveServer, browser: Browser, tmp_path: Path
) -> AsyncIterator[FirefoxStage]:
    running = FirefoxStage(own_server, browser, tmp_path)
    async with running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def chromium_stage(server: LiveServer, browsers: Browsers) -> AsyncIterator[Stage]:
    """People with Chromium on the same server."""
    async with Stage(server, await browsers.get()) as stage:
        yield stage
