"""People with browsers: what the journeys are told in."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    WebSocket,
    async_playwright,
    expect,
)

from scripts.browser import launch_flags
from sotto.protocol.identity import Keys, make_identity, open_identity
from sotto.protocol.recovery_kit import make_kit
from tests.vectors.making import cast

PASSWORD = "correct horse battery staple"
WAIT = 60_000  # ms, on a busy machine: keys alone may take 20 s there
expect.set_options(timeout=WAIT)
SIGN_UP = """
  async (fields) => {
    const script = document.querySelector("script[type=module][src]").src;
    const { fetchSite, postForm } = await import(new URL("../pages/site.js", script).href);
    await postForm("accounts/signup/", fields);
    return (await fetchSite()).me.uid;
  }
"""
INSTALL_KIT = """
  async (file) => {
    const script = document.querySelector("script[type=module][src]").src;
    const load = (path) => import(new URL(path, script).href);
    const { fetchSite, makeApi } = await load("../pages/site.js");
    const { Store } = await load("../store/store.js");
    const { restoreAccountKeys } = await load("../conversation/account/setup.js");
    const { me: person } = await fetchSite();
    const store = await Store.open(person.uid);
    await restoreAccountKeys({ file, person, store, api: makeApi() });
    store.close();
  }
"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = os.environ.get("SOTTO_CHROMIUM")
    assert path, "SOTTO_CHROMIUM names the browser; `make test` finds one and sets it"
    async with async_playwright() as playwright:
        try:
            running = await playwright.chromium.launch(executable_path=path, args=launch_flags())
        except Error:  # now and then it crashes while it starts, before any test has begun
            running = await playwright.chromium.launch(executable_path=path, args=launch_flags())
        yield running
        await running.close()


class Browsers:
    """Keeps one Chromium for many tests, and starts another one when it has crashed."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._running: Browser | None = None

    async def get(self) -> Browser:
        if self._running is None or not self._running.is_connected():
            self._running = await self._stack.enter_async_context(chromium())
        return self._running

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()


class Served(Protocol):
    """A server that pages are opened from."""

    url: str


class Person:
    """Somebody with a browser of their own. `sent` is everything their browser gave away."""

    def __init__(self, stage: Stage, name: str, context: BrowserContext) -> None:
        self.stage = stage
        self.name = name
        self.context = context
        self.kit: str | None = None
        self.sent: list[bytes] = []
        self.problems: list[str] = []
        context.on("request", self._note_request)
        self.page: Page

    async def open(self) -> Person:
        self.page = await self.new_tab()
        return self

    async def new_tab(self) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(WAIT)
        page.on("websocket", self._note_socket)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        return page

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    def _note_request(self, request: Any) -> None:
        self.sent.append(request.url.encode())
        self.sent.append(request.post_data_buffer or b"")
        self.sent.append(str(request.headers).encode())

    def _note_socket(self, socket: WebSocket) -> None:
        def note(frame: str | bytes) -> None:
            self.sent.append(frame.encode() if isinstance(frame, str) else frame)

        socket.on("framesent", note)

    async def goto(self, path: str) -> None:
        await self.page.goto(self.stage.url + path)

    # --- account ---------------------------------------------------------------------------

    async def fill_account(self, action: str) -> None:
        fields = {"signup": ("User name", "Password"), "login": ("User name", "Password")}[action]
        await self.page.get_by_label(fields[0], exact=True).fill(self.name)
        await self.page.get_by_label(fields[1], exact=True).fill(PASSWORD)

    async def sign_up(self) -> Person:
        """Account and keys, ready to chat, and still on the page of the sign-up: by the modules of
        the pages, without their forms, and with keys that are made already.
        """
        await self.goto("/accounts/signup/")
        uid = await self.page.evaluate(SIGN_UP, {"username": self.name, "password1": PASSWORD})
        keys = self.stage.next_keys()
        self.kit = make_kit(uid, open_identity(make_identity(keys, uid, self.name)).kid, keys)
        await self.page.evaluate(INSTALL_KIT, self.kit)
        return self

    async def sign_up_by_page(self, *, start: str = "/accounts/signup/") -> Person:
        """As people do, from the form to the saved recovery kit, with keys that the page makes."""
        if start:
            await self.goto(start)
        await self.fill_account("signup")
        await self._start_keys_and_keep_kit()
        await self.confirm_kit()
        return self

    async def confirm_kit(self) -> None:
        """And be where the page of keys leads: it goes there by itself."""
        await self.page.get_by_role("button", name="I have saved it").click()
        await self.page.wait_for_url(lambda url: not urlsplit(url).path.startswith("/keys/"))

    async def _start_keys_and_keep_kit(self) -> None:
        async with self.page.expect_download() as downloading:
            await self.page.get_by_role("button", name="Continue").click()
        path = await (await downloading.value).path()
        self.kit = path.read_text()

    async def log_in(self, *, path: str = "/accounts/login/") -> None:
        await self.goto(path)
        await self.fill_account("login")
        await self.page.get_by_role("button", name="Log in", exact=True).click()

    async def restore(self, kit: str) -> None:
        await self.page.get_by_text("Choose recovery kit").wait_for()
        await self.page.locator("#restore-file").set_input_files(
            {"name": "kit.json", "mimeType": "application/json", "buffer": kit.encode()}
        )

    # --- rooms -----------------------------------------------------------------------------

    async def make_room(self, name: str, topic: str = "") -> str:
        """Returns the room's id."""
        await self.goto("/rooms/new/")
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.page.locator("#room-topic").fill(topic)
        await self.page.get_by_role("button", name="Make the room").click()
        await self.in_room(name)
        return (await self.address()).split("/")[2]

    async def address(self) -> str:
        """The path of the page. Drivers of Firefox hear nothing of a page that changes its own."""
        return str(await self.page.evaluate("location.pathname"))

    async def in_room(self, name: str) -> None:
        await expect(self.page.locator("#room-title")).to_have_text(name, timeout=WAIT)

    async def invite(self, *, people: str = "1") -> str:
        await self.page.get_by_role("button", name="Invite", exact=True).click()
        await self.page.get_by_label("Can be used by").select_option(people)
        await self.page.get_by_role("button", name="Make a link").click()
        link = await self.page.locator("#invite-link").input_value()
        await self.page.get_by_role("button", name="Close", exact=True).click()
        return link

    async def join(self, link: str, room: str) -> None:
        """Open a link and join, with an account and keys already here."""
        await self.page.goto(link)
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await self.in_room(room)

    # --- messages --------------------------------------------------------------------------

    async def say(self, text: str) -> None:
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, *texts: str, page: Page | None = None) -> None:
        """The messages stand there, each once, in this order, whatever stands between."""
        shown = (page or self.page).locator(".message-text")
        for text in texts:
            await expect(shown.filter(has_text=exactly(text))).to_have_count(1, timeout=WAIT)
        await expect(shown).to_contain_text(list(texts), timeout=WAIT)

    async def sees_sent(self, text: str) -> None:
        """Their own message is stored: it has its tick."""
        message = self.page.locator(".message", has=self.page.get_by_text(text, exact=True))
        await expect(message).to_have_attribute("data-state", "sent", timeout=WAIT)

    async def close(self) -> None:
        await self.context.close()


def exactly(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


class Stage:
    """A server and a browser to meet people on. No page may have failed when it ends."""

    person_type: type[Person] = Person

    def __init__(self, server: Served, browser: Browser) -> None:
        self.server = server
        self.browser = browser
        self.people: list[Person] = []
        self._rsa = itertools.cycle([person.keys.rsa for person in cast().values()])

    @property
    def url(self) -> str:
        return self.server.url

    def next_keys(self) -> Keys:
        """A signing key that nobody else has, with one of the cast's RSA keys, which take long."""
        return Keys(Ed25519PrivateKey.generate(), next(self._rsa))

    async def person(self, name: str = "", **options: Any) -> Person:
        """Somebody new with an empty browser; names are made unique.

        Service workers are off unless asked for: each browser would fetch the whole site.
        """
        options.setdefault("service_workers", "block")
        unique = f"{name or 'someone'}-{secrets.token_hex(3)}"
        context = await self.browser.new_context(accept_downloads=True, **options)
        person = await self.person_type(self, unique, context).open()
        self.people.append(person)
        return person

    async def __aenter__(self) -> Stage:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        problems = [line for person in self.people for line in person.problems]
        for person in self.people:
            await person.close()
        if error is None:
            policy = [line for line in problems if "Content Security" in line or "Trusted" in line]
            broken = [line for line in problems if "Error" in line and "net::" not in line]
            assert not policy, policy
            assert not broken, broken
