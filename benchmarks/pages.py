"""Pages of a real server in a real Chromium, and the scripts beside this file that run there."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from scripts.browser import chromium_path
from scripts.environment import compress_static_files
from tests.browser.people import Stage, chromium
from tests.deploy.proxy import in_front, wait_for_answer
from tests.live import LiveServer, free_port

HERE = Path(__file__).resolve().parent


def find_chromium() -> None:
    """As `make test` does, unless SOTTO_CHROMIUM names one already."""
    if "SOTTO_CHROMIUM" not in os.environ:
        os.environ["SOTTO_CHROMIUM"] = chromium_path(dict(os.environ))


@asynccontextmanager
async def stage(*, proxied: bool = False) -> AsyncIterator[tuple[Stage, str]]:
    """People with browsers of their own before a server, and the browser's version.

    Args:
        proxied: Whether Caddy stands between, with the configuration that is shipped.
    """
    if proxied and shutil.which("caddy") is None:
        sys.exit("This needs Caddy: apt-get install caddy")
    compress_static_files()
    port = free_port()
    public = {"REGISTRATION": "open"}
    if proxied:
        public |= {"PUBLIC_URL": f"https://localhost:{port}", "HOST": "0.0.0.0"}  # noqa: S104
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(_Server(folder / "data", **public))
        if proxied:
            trusted = stack.enter_context(in_front(folder, port, [server.port]))
            os.environ["SSL_CERT_FILE"] = str(trusted)  # for the Python client
            stack.callback(os.environ.pop, "SSL_CERT_FILE")
            wait_for_answer(public["PUBLIC_URL"], trusted)
        async with chromium() as browser, Stage(server, browser) as people:
            yield people, browser.version


class _Server(LiveServer):
    """A live server whose port is not the one that people see."""

    def _wait(self) -> None:
        self.url = self.environment.get("PUBLIC_URL", self.url)
        super()._wait()


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
