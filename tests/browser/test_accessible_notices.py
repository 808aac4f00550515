"""axe finds nothing in notices and dialogs that few visits meet; nothing is wider than the page."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.axe import AXE_STYLES, violations
from tests.browser.people import WAIT, Person, Stage
from tests.browser.test_accessibility import WAYS, menu, set_way
from tests.browser.test_phone import overflows, png

pytestmark = pytest.mark.slow

CALL = """
  async ([module, name, ...given]) => {
    const script = document.querySelector("script[type=module][src]").src;
    const part = await import(new URL(`../ui/${module}.js`, script).href);
    const about = { none: () => {}, fails: () => Promise.reject(new Error("gone")) };
    part[name](...given.map((one) => about[one] ?? new Set(one)));
  }
"""
LACKING = ["messages", "keys", "draft", "unsent"]
NOTICES: dict[str, list[Any]] = {
    "#update-notice": ["update-notice", "offerUpdate", "none"],
    "#full-storage": ["full-storage", "showFullStorage", LACKING],
    "dialog.part-failed": ["load-part", "loadPart", "fails"],
}


class Looker:
    """Looks at a place in every way, and collects what is wrong with it."""

    def __init__(self, person: Person) -> None:
        self.page = person.page
        self.found: dict[str, list[str]] = {}

    async def look(self, place: str) -> None:
        for way, about in WAYS.items():
            await set_way(self.page, about)
            wrong = [*await violations(self.page), *await overflows(self.page)]
            if wrong:
                self.found[f"{place}, {way}"] = wrong
        await set_way(self.page, WAYS["light"])


@pytest_asyncio.fixture(loop_scope="session")
async def ada(stage: Stage) -> Person:
    """Somebody in a room with a message, and another room."""
    ada = await (await stage.person("ada", bypass_csp=AXE_STYLES)).sign_up()
    await ada.make_room("Attic")
    await ada.make_room("Garden", "What grows, and when")
    await ada.say("water the beans")
    await ada.sees_sent("water the beans")
    return ada


async def test_notices_are_accessible_and_leave_the_field_free(ada):
    looker = Looker(ada)
    for selector, call in NOTICES.items():
        await ada.page.evaluate(CALL, call)
        notice = ada.page.locator(selector)
        await expect(notice).to_be_visible()
        await looker.look(selector)
        if "dialog" not in selector:
            for width in (320, 390, 1280):
                await ada.page.set_viewport_size({"width": width, "height": 640})
                await ada.page.get_by_label("Message", exact=True).click(timeout=5000)
                await ada.page.get_by_role("button", name="Send", exact=True).hover(timeout=5000)
        await notice.get_by_role("button", name="Later" if "up" in selector else "Close").click()
        await expect(notice).to_have_count(0)
    assert looker.found == {}


async def test_what_helps_with_writing_is_accessible(ada):
    page, looker = ada.page, Looker(ada)
    files = [
        {"name": "one.png", "mimeType": "image/png", "buffer": png(300, 200)},
        {"name": "W" * 90 + ".txt", "mimeType": "text/plain", "buffer": b"x"},
    ]
    await page.locator("input[type=file]").set_input_files(files)
    await expect(page.locator(".tray-picture canvas")).to_be_visible(timeout=WAIT)
    await looker.look("files to send")
    await page.locator("#composer-more").click()
    await page.get_by_role("menuitem", name="Formatting").click()
    await looker.look("formatting")
    await menu(page, "water the", "Answer")
    await expect(page.locator(".composer-mode")).to_be_visible()
    await looker.look("answering")
    await page.get_by_label("Message", exact=True).press_sequentially(":part")
    await looker.look("names of emoji")
    assert looker.found == {}


async def test_dialogs_that_ask_where_to_go_are_accessible(ada):
    page, looker = ada.page, Looker(ada)
    await page.locator("#timeline").focus()
    await page.keyboard.press("d")
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_be_visible(timeout=WAIT)
    await looker.look("a day")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(dialog).to_be_visible(timeout=WAIT)
    await dialog.get_by_role("searchbox").fill("beans")
    await expect(dialog.locator("a.hit").first).to_be_visible(timeout=WAIT)
    await looker.look("search of all rooms")
    await page.keyboard.press("Escape")
    await page.goto(f"{page.url}#m999999")
    await expect(page.locator(".timeline-note")).to_be_visible(timeout=WAIT)
    await looker.look("a message that is not there")
    await page.get_by_role("button", name="Join with a link").click()
    await expect(dialog).to_be_visible(timeout=WAIT)
    await dialog.get_by_role("textbox").fill("no link")
    await dialog.get_by_role("button", name="Open").click()
    await looker.look("a link to join")
    assert looker.found == {}
