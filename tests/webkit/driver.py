"""WebKitGTK's browser, driven by W3C WebDriver. Playwright speaks to a patched WebKit alone."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from scripts.webkit import DISPLAY
from tests.live import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name of an element's id, as the standard writes it."""
WAIT = 60.0  # seconds
STEP = 0.1  # seconds between two looks
SIZE = {"width": 1280, "height": 900}


class WebDriver:
    """One browser. Tabs are named by the handles that the driver gives them."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._session = ""

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        """Send a command; returns its value. Raises AssertionError with what the driver says."""
        address = f"/session/{self._session}{path}" if self._session else "/session"
        sent = body if method == "POST" else None
        answer = await self._http.request(method, address, json=sent)
        value = answer.json()["value"]
        assert answer.is_success, value
        return value

    async def begin(self) -> None:
        """Open a window of a browser that knows nothing yet."""
        browser = {"webkitgtk:browserOptions": {"args": ["--automation"]}}
        begun = await self.ask("POST", "", capabilities={"alwaysMatch": browser})
        self._session = begun["sessionId"]
        await self.ask("POST", "/timeouts", script=int(WAIT * 1000))
        await self.ask("POST", "/window/rect", **SIZE)

    async def end(self) -> None:
        """Close every window."""
        if self._session:
            await self.ask("DELETE", "")
            self._session = ""

    async def goto(self, url: str) -> None:
        await self.ask("POST", "/url", url=url)

    async def run(self, script: str, *given: Any) -> Any:
        """Call a JavaScript function in the page; returns what it returns."""
        call = f"return ({script})(...arguments)"
        return await self.ask("POST", "/execute/sync", script=call, args=list(given))

    async def until(self, script: str, *given: Any) -> Any:
        """Call a function until it returns something true; returns that."""
        deadline = time.monotonic() + WAIT
        while not (found := await self.run(script, *given)):
            if time.monotonic() > deadline:
                text = await self.run("() => location.pathname + ' ' + document.body.innerText")
                raise AssertionError(f"{script} {given}, on {text[:1500]}")
            await asyncio.sleep(STEP)
        return found

    async def find(self, selector: str) -> str:
        """The id of the element, once it is shown."""
        await self.until(SHOWN, selector)
        found = await self.ask("POST", "/element", using="css selector", value=selector)
        return str(found[ELEMENT])

    async def click(self, selector: str) -> None:
        """By the page itself: on a display without a screen the driver finds that nothing can be
        clicked.
        """
        await self.until("(selector) => !document.querySelector(selector)?.disabled", selector)
        await self.find(selector)
        await self.run("(selector) => document.querySelector(selector).click()", selector)

    async def press(self, name: str) -> None:
        """The shown button that is called so."""
        await self.until(PRESSED, name)

    async def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        await self.ask("POST", f"/element/{await self.find(selector)}/value", text=text)

    async def choose_file(self, selector: str, file: Path) -> None:
        """Of a field that need not be shown."""
        found = await self.ask("POST", "/element", using="css selector", value=selector)
        await self.ask("POST", f"/element/{found[ELEMENT]}/value", text=str(file))

    async def tab(self) -> str:
        """The tab that is driven."""
        return str(await self.ask("GET", "/window"))

    async def new_tab(self) -> str:
        """Open another one of the same browser, and drive it."""
        made = await self.ask("POST", "/window/new", type="tab")
        await self.turn_to(made["handle"])
        return str(made["handle"])

    async def turn_to(self, tab: str) -> None:
        await self.ask("POST", "/window", handle=tab)


PRESSED = """(name) => {
  const found = [...document.querySelectorAll("button:enabled")].find(
    (button) => button.textContent.trim() === name && button.getClientRects().length > 0);
  found?.click();
  return Boolean(found);
}"""
SHOWN = """(selector) => {
  const found = document.querySelector(selector);
  return Boolean(found && found.getClientRects().length > 0);
}"""


@asynccontextmanager
async def display(folder: Path) -> AsyncIterator[dict[str, str]]:
    """GTK's display server; what programs need to be told of it."""
    number = free_port() % 1000 + 100
    told = {
        "GDK_BACKEND": "broadway",
        "BROADWAY_DISPLAY": f":{number}",
        "XDG_RUNTIME_DIR": str(folder),
    }
    async with _program(DISPLAY, "-p", str(free_port()), f":{number}", folder=folder, told=told):
        await asyncio.to_thread(_await_display, folder / f"{DISPLAY}.log")
        yield told


def _await_display(log: Path) -> None:
    """Its socket is no file: it says that it listens."""
    deadline = time.monotonic() + WAIT
    while b"Listening" not in log.read_bytes():
        assert time.monotonic() < deadline, "the display did not start"
        time.sleep(STEP)


@asynccontextmanager
async def webkit(path: str, folder: Path, told: dict[str, str]) -> AsyncIterator[WebDriver]:
    """A browser with a folder of its own. A driver has one at a time, so each has a driver."""
    port = free_port()
    told = {**told, "HOME": str(folder)}
    address = f"http://127.0.0.1:{port}"
    async with (
        _program(path, f"--port={port}", folder=folder, told=told),
        httpx2.AsyncClient(base_url=address, timeout=2 * WAIT) as http,
    ):
        await _listening(http)
        driver = WebDriver(http)
        await driver.begin()
        try:
            yield driver
        finally:
            await driver.end()


async def _listening(http: httpx2.AsyncClient) -> None:
    deadline = time.monotonic() + WAIT
    while True:
        try:
            await http.get("/status")
            return
        except httpx2.TransportError:
            assert time.monotonic() < deadline, "the driver did not start"
            await asyncio.sleep(STEP)


@asynccontextmanager
async def _program(*command: str, folder: Path, told: dict[str, str]) -> AsyncIterator[None]:
    """A program that runs as long as the block, with its output in `folder`."""
    with (folder / f"{Path(command[0]).name}.log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            *command, env=os.environ | told, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            if running.returncode is None:
                running.terminate()
            await running.wait()
