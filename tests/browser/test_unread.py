"""Unread messages that a visit must not pass over, and storage that is full."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.people import WAIT, Person

HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FULL = """() => {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("raw words of the browser", "QuotaExceededError");
  };
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def pair(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    room = await ada.make_room("Attic")
    await ben.join(await ada.invite(), "Attic")
    return ada, ben, room


async def say_many(person: Person, word: str, many: int) -> None:
    for n in range(1, many + 1):
        await person.say(f"{word} {n}")
        if n % 10 == 0 or n == many:  # they go one by one: a long queue takes its time
            await person.sees_sent(f"{word} {n}")


async def starts_at(page: Page, first: str, last: str) -> None:
    """The unread line is in view, above the first unread message; the end is not in view."""
    mark = page.locator(".timeline-unread")
    await expect(mark).to_be_in_viewport(timeout=WAIT)
    await expect(mark.locator("+ .message .message-text")).to_have_text(first, timeout=WAIT)
    await expect(page.get_by_text(last, exact=True)).not_to_be_in_viewport(timeout=WAIT)


@pytest.mark.slow
async def test_no_visit_passes_over_what_is_unread(pair):
    ada, ben, room = pair
    page = ben.page
    await ben.goto("/settings/")
    await say_many(ada, "early", 60)
    await ben.goto(f"/rooms/{room}/")
    await starts_at(page, "early 1", "early 60")
    await page.locator("#to-newest").click()
    await expect(page.get_by_text("early 60", exact=True)).to_be_in_viewport(timeout=WAIT)
    await page.evaluate(HIDE, "hidden")
    await say_many(ada, "hidden", 30)
    await ben.sees("hidden 30")
    await page.evaluate(HIDE, "visible")
    await starts_at(page, "hidden 1", "hidden 30")
    await page.locator("#to-newest").click()
    await expect(page.get_by_text("hidden 30", exact=True)).to_be_in_viewport(timeout=WAIT)


@pytest.mark.slow
async def test_nothing_is_marked_as_read_while_the_first_unread_cannot_be_had(pair):
    ada, ben, room = pair
    page = ben.page
    await ada.say("seen")
    await ben.sees("seen")
    await ben.goto("/settings/")
    await say_many(ada, "busy", 70)
    away = "**/messages?*around=*"
    await page.route(away, lambda route: route.fulfill(status=503, json={"error": "busy"}))
    await ben.goto(f"/rooms/{room}/")
    await expect(page.get_by_text("Nothing was marked as read")).to_be_visible(timeout=WAIT)
    await page.unroute(away)
    await page.reload()
    await starts_at(page, "busy 1", "busy 70")


@pytest.mark.slow
async def test_a_damaged_link_says_that_it_leads_to_no_message(pair):
    _, ben, room = pair
    for end in ("#mabc", "#m12x", "#m99999999999999999999"):
        await ben.goto("/settings/")
        await ben.goto(f"/rooms/{room}/{end}")
        note = ben.page.locator(".timeline-note")
        await expect(note).to_contain_text("This link leads to no message", timeout=WAIT)


@pytest.mark.slow
async def test_full_storage_shows_messages_and_says_what_is_not_kept(pair):
    ada, ben, _ = pair
    await ben.page.evaluate(FULL)
    await ada.say("hello ben")
    await ben.sees("hello ben")
    notice = ben.page.locator("#full-storage")
    await expect(notice).to_contain_text("storage is full", timeout=WAIT)
    await expect(notice).to_contain_text("Nothing was lost on the server")
    field = ben.page.locator("#composer-text")
    await field.fill("kept in the field")
    await expect(notice).to_contain_text("What you are writing", timeout=WAIT)
    await field.press("Enter")
    await expect(notice).to_contain_text("What you send", timeout=WAIT)
    await expect(field).to_have_value("kept in the field", timeout=WAIT)
    await expect(ben.page.get_by_text("raw words of the browser")).to_have_count(0)
