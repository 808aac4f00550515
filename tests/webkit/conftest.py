"""People whose browser is WebKitGTK's, as Debian ships it."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.people import PASSWORD, Browsers, Stage
from tests.live import LiveServer
from tests.webkit.driver import WebDriver, display, webkit

HERE = Path(__file__).parent
KEEP_KIT = """() => {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    blob.text().then((text) => { window.keptKit = text; });
    return make.call(URL, blob);
  };
}"""
"""The driver tells nothing of downloads: the page's own file is kept on its way."""
HAS = """(text) => [...document.querySelectorAll(".message-text")]
  .filter((line) => line.textContent.trim() === text).length === 1"""
SENT = """(text) => [...document.querySelectorAll(".message[data-state=sent] .message-text")]
  .some((line) => line.textContent.trim() === text)"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


class WebKitPerson:
    """Somebody with a browser of their own."""

    def __init__(self, url: str, driver: WebDriver, folder: Path, name: str) -> None:
        self.url = url
        self.driver = driver
        self.name = name
        self.kit = ""
        self._folder = folder

    async def goto(self, path: str) -> None:
        await self.driver.goto(self.url + path)

    async def sign_up(self) -> WebKitPerson:
        """By the page, from the form to the saved recovery kit, with keys that the page makes."""
        await self.goto("/accounts/signup/")
        await self.driver.type("#sign-up-name", self.name)
        await self.driver.type("#sign-up-password", PASSWORD)
        await self.driver.click("#sign-up-submit")
        await self.driver.until("() => document.querySelector('#keys')?.dataset.state === 'kit'")
        await self.driver.run(KEEP_KIT)
        await self.driver.click("#kit-again")
        self.kit = await self.driver.until("() => window.keptKit")
        await self.driver.click("#kit-saved")
        await self.driver.until("() => !location.pathname.startsWith('/keys/')")
        return self

    async def log_in(self) -> None:
        await self.goto("/accounts/login/")
        await self.driver.type("#log-in-name", self.name)
        await self.driver.type("#log-in-password", PASSWORD)
        await self.driver.click("#log-in-submit")

    async def restore(self, kit: str) -> None:
        """With the kit's file, on the page that a browser without keys comes to."""
        await self.driver.until(
            "() => document.querySelector('#keys')?.dataset.state === 'restore'"
        )
        file = self._folder / "kit.json"
        file.write_text(kit)
        await self.driver.choose_file("#restore-file", file)
        await self.driver.until("() => !location.pathname.startsWith('/keys/')")

    async def join(self, link: str, room: str) -> None:
        await self.driver.goto(link)
        await self.driver.press("Join")
        await self.in_room(room)

    async def in_room(self, name: str) -> None:
        title = "(name) => document.querySelector('#room-title')?.textContent.trim() === name"
        await self.driver.until(title, name)

    async def say(self, text: str) -> None:
        """With the button: on a display without a mouse Enter begins a new line, as on a phone."""
        await self.driver.type("#composer-text", text)
        await self.driver.click("#composer button[type=submit]")
        await self.driver.until(SENT, text)

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await self.driver.until(HAS, text)


@pytest.fixture(scope="session")
def webkit_driver() -> str:
    path = os.environ.get("SOTTO_WEBKIT")
    assert path, "SOTTO_WEBKIT names the browser's driver; `make slow` finds one and sets it"
    return path


@pytest_asyncio.fixture(loop_scope="session")
async def person(
    webkit_driver: str, server: LiveServer, tmp_path: Path
) -> AsyncIterator[Callable[[str], Awaitable[WebKitPerson]]]:
    """Makes people, each with a browser that knows nothing yet."""
    async with AsyncExitStack() as stack:
        told = await stack.enter_async_context(display(tmp_path))

        async def make(name: str) -> WebKitPerson:
            folder = tmp_path / secrets.token_hex(3)
            folder.mkdir()
            driver = await stack.enter_async_context(webkit(webkit_driver, folder, told))
            return WebKitPerson(server.url, driver, folder, f"{name}-{secrets.token_hex(3)}")

        yield make


@pytest_asyncio.fixture(loop_scope="session")
async def chromium_stage(server: LiveServer, browsers: Browsers) -> AsyncIterator[Stage]:
    """People with Chromium on the same server."""
    async with Stage(server, await browsers.get()) as stage:
        yield stage
