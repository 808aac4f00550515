"""Pages of a real server in a real Chromium, and the scripts beside this file that run there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from scripts.browser import chromium_path
from tests.browser.people import Stage, chromium
from tests.live import LiveServer

HERE = Path(__file__).resolve().parent


def find_chromium() -> None:
    """As `make test` does, unless SOTTO_CHROMIUM names one already."""
    if "SOTTO_CHROMIUM" not in os.environ:
        os.environ["SOTTO_CHROMIUM"] = chromium_path(dict(os.environ))


@asynccontextmanager
async def stage() -> AsyncIterator[tuple[Stage, str]]:
    """People with browsers of their own, and the browser's version."""
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as server:
        async with chromium() as browser, Stage(server, browser) as people:
            yield people, browser.version


async def fresh_page(people: Stage, *, slower: int = 1) -> tuple[Page, str]:
    """A page of a new context, and where its scripts are served from."""
    person = await people.person()
    await person.goto("/accounts/login/")
    source = await person.page.locator("link[rel=stylesheet]").first.get_attribute("href")
    assert source is not None
    devtools = await person.context.new_cdp_session(person.page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return person.page, source.partition("/css/")[0]


async def in_page(page: Page, script: str, **arguments: Any) -> Any:
    """The result of the function in `script`."""
    text = (HERE / script).read_text()
    return await page.evaluate(text[text.index("async (") :], arguments)
