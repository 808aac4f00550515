"""Finding messages: in one room and in all, by the server's blind index and in the browser alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.people import WAIT, Person


async def tell(person: Person, *texts: str) -> None:
    for text in texts:
        await person.say(text)
        await person.sees_sent(text)


async def open_search(page: Page) -> Locator:
    """The field, with the focus in it."""
    await page.get_by_role("button", name="Search in this room").click()
    field = page.get_by_role("searchbox", name="Search in this room")
    await expect(field).to_be_focused()
    return field


def hits(page: Page) -> Locator:
    return page.locator(".search:visible a.hit")


def covered(page: Page) -> Locator:
    return page.locator(".search:visible .search-status")


async def finds(page: Page, texts: Iterable[str]) -> None:
    """Exactly these, newest first, once everything was searched."""
    await expect(covered(page)).to_have_text(
        re.compile(r"Searched (\d+) of \1 message"), timeout=WAIT
    )
    await expect(hits(page).locator(".hit-text")).to_have_text(list(texts))


@pytest.fixture
async def ada(stage):
    person = await (await stage.person("ada")).sign_up()
    await person.make_room("Orchard")
    return person


async def by_browser_only(person: Person) -> None:
    """The room's rules say so from now on."""
    await person.page.locator("#room-trust").click()
    await person.page.get_by_role("button", name="Rules").click()
    await person.page.get_by_label("In the browser only").check()
    await person.page.get_by_role("button", name="Save the rules").click()
    await expect(person.page.get_by_text("The rules are saved.").first).to_be_visible(timeout=WAIT)
    await person.page.get_by_role("button", name="Close", exact=True).click()


async def test_a_device_room_is_searched_in_the_browser(ada):
    await by_browser_only(ada)
    await tell(ada, "strawberries are ripe", "pears are not", "straw for the beds")
    page = ada.page
    field = await open_search(page)
    await field.fill("straw")
    await finds(page, ["straw for the beds", "strawberries are ripe"])
    assert not re.search(rb"chatrooms/\w+/search", b"\n".join(ada.sent)), "nothing was asked"
    await page.reload()
    await ada.in_room("Orchard")
    await (await open_search(page)).fill("pear")
    await finds(page, ["pears are not"])
    kept = await page.evaluate(KEPT)
    assert kept["segments"] == 1
    assert not kept["readable"], "what is kept for searching is sealed"


KEPT = """async () => {
  const open = indexedDB.open("sotto");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = db.transaction("archive").objectStore("archive").getAll();
  const kept = await new Promise((done) => { all.onsuccess = () => done(all.result); });
  const text = kept.map(({ sealed }) => new TextDecoder().decode(sealed.ct)).join("");
  db.close();
  return { segments: kept.length, readable: /pear|straw/.test(text) };
}"""
