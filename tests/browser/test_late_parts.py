"""Parts of a room that are loaded on first use: what a person does before they came is not lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.member_panel import act, members
from tests.browser.people import WAIT, Person

SENDING = ("panels/message-actions", "conversation/messages/seal-entry")
TOOLBAR = ("ui/timeline/actions",)
DRAG = """(type) => {
  const data = new DataTransfer();
  data.items.add(new File(["for the shed"], "plan.txt", { type: "text/plain" }));
  const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
  (document.querySelector("#sidebar") ?? document.body).dispatchEvent(event);
  return event.defaultPrevented;
}"""
"""Drags a file over the page, or drops it, beside the conversation; the browser opens it unless
that is prevented."""
EARLY = """new MutationObserver(() => {
  const shown = document.querySelector("#timeline")?.textContent ?? "";
  globalThis.early ||= shown.includes("the first");
}).observe(document, { childList: true, subtree: true, characterData: true })"""
"""Notes in `early` whether the conversation ever showed the first message, however short."""


async def in_room(stage) -> tuple[Person, str]:
    """Ada in a room of hers with one message, and the room's path."""
    ada = await (await stage.person("ada")).sign_up()
    room = await ada.make_room("Garden")
    await ada.say("the first")
    await ada.sees_sent("the first")
    return ada, f"/rooms/{room}/"


@asynccontextmanager
async def without(ada: Person, path: str, *parts: str) -> AsyncIterator[Page]:
    """The room in a new tab in which these parts come only at the end."""
    released = asyncio.Event()

    async def hold(route: Route) -> None:
        await released.wait()
        await route.continue_()

    page = await ada.new_tab()
    for part in parts:
        await page.route(f"**/{part}" if "." in part else f"**/js/{part}.js", hold)
    try:
        await page.goto(f"{ada.stage.url}{path}")
        await ada.sees("the first", page=page)
        yield page
    finally:
        released.set()


@pytest.mark.slow
async def test_a_text_that_is_sent_at_once_waits_for_what_sends_it(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, *SENDING) as page:
        field = page.locator("#composer-text")
        await field.fill("sent at once")
        await field.press("Enter")
        await expect(field).to_have_value("")
        await field.fill("half of the next")
    await ada.sees("sent at once", page=page)
    await expect(page.locator("#composer-text")).to_have_value("half of the next")


@pytest.mark.slow
async def test_texts_that_wait_for_what_sends_them_keep_their_order(stage):
    ada, path = await in_room(stage)
    texts = [f"text {number}" for number in range(12)]
    async with without(ada, path, *SENDING) as page:
        field = page.locator("#composer-text")
        for text in texts:
            await field.fill(text)
            await field.press("Enter")
    await ada.sees("the first", *texts, page=page)


@pytest.mark.slow
async def test_a_text_returns_to_the_field_where_what_sends_it_does_not_come(stage):
    ada, path = await in_room(stage)
    page = await ada.new_tab()
    await page.route("**/js/panels/message-actions.js", lambda route: route.abort())
    await page.goto(f"{ada.stage.url}{path}")
    await ada.sees("the first", page=page)
    field = page.locator("#composer-text")
    await field.fill("not lost")
    await field.press("Enter")
    await expect(page.locator(".composer-problem")).to_be_visible(timeout=WAIT)
    await expect(field).to_have_value("not lost")


@pytest.mark.slow
async def test_a_file_that_is_dropped_waits_for_what_takes_it(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, "ui/composer/attachment-tray") as page:
        for type_ in ("dragover", "drop"):
            assert await page.evaluate(DRAG, type_), "the page stays"
        await page.locator("#composer-text").fill("the plan")
        await page.locator("#composer-text").press("Enter")
        await expect(page.locator(".message")).to_have_count(1)
    await expect(page.locator(".message .file-name")).to_have_text("plan.txt", timeout=WAIT)
    await ada.sees("the first", "the plan", page=page)


@pytest.mark.slow
async def test_a_file_that_is_dropped_while_a_room_opens_is_in_its_tray(stage):
    ada, path = await in_room(stage)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    page = await ada.new_tab()
    await page.route("**/js/panels/room-composer.js", hold)
    async with page.expect_request(re.compile("/api/v1/chatrooms/[0-9a-f]{32}$")):
        await page.goto(f"{ada.stage.url}{path}", wait_until="commit")
    assert await page.evaluate(DRAG, "drop"), "the page stays"
    held.set()
    await expect(page.locator(".tray .file-name")).to_have_text("plan.txt", timeout=WAIT)
    await page.locator("#composer-text").press("Enter")
    await expect(page.locator(".message .file-name")).to_have_text("plan.txt", timeout=WAIT)


@pytest.mark.slow
async def test_a_key_on_a_message_waits_for_its_actions(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, *TOOLBAR) as page:
        message = page.locator(".message", has_text="the first")
        await message.focus()
        await message.press("r")
        await expect(page.locator(".composer-mode")).to_be_hidden()
    await expect(page.locator(".composer-mode")).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_a_message_shows_only_once_its_correction_can_be_applied(stage):
    ada, path = await in_room(stage)
    field = ada.page.locator("#composer-text")
    await field.press("ArrowUp")
    await field.fill("corrected")
    await field.press("Enter")
    corrected = re.compile(r"^\s*corrected\s*edited\s*$")
    await expect(ada.page.locator(".message-text")).to_have_text(corrected, timeout=WAIT)
    page = await ada.new_tab()
    await page.add_init_script(EARLY)
    held: asyncio.Future[Route] = asyncio.get_running_loop().create_future()

    async def hold(route: Route) -> None:
        held.set_result(route)

    await page.route("**/js/conversation/messages/apply-changes.js", hold)
    await page.goto(f"{ada.stage.url}{path}")
    route = await asyncio.wait_for(held, WAIT / 1000)
    await expect(page.locator("#room-title")).to_have_text("Garden", timeout=WAIT)
    assert await page.locator("#timeline .message").count() == 0
    await route.continue_()
    await expect(page.locator(".message-text")).to_have_text(corrected, timeout=WAIT)
    assert not await page.evaluate("globalThis.early")


@pytest.mark.slow
async def test_the_toolbar_comes_to_the_message_that_is_pointed_at(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, *TOOLBAR) as page:
        await page.locator(".message", has_text="the first").hover()
    await expect(page.locator(".message-actions")).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_a_link_that_is_pressed_before_what_follows_links_came_loads_no_page(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, "pages/router") as page:
        await page.evaluate("globalThis.samePage = true")
        await page.locator(".me").click()
        await expect(page.locator("#room-title")).to_be_visible()
    await expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    assert await page.evaluate("globalThis.samePage")
    await page.go_back()
    await ada.sees("the first", page=page)


@pytest.mark.slow
async def test_marks_are_shown_as_written_where_what_draws_them_does_not_come(stage):
    ada, path = await in_room(stage)
    await ada.say("now **bold**")
    await ada.sees_sent("now bold")
    page = await ada.new_tab()
    await page.route("**/js/ui/text/markdown.js", lambda route: route.abort())
    await page.goto(f"{ada.stage.url}{path}")
    await ada.sees("the first", page=page)
    await expect(page.locator(".message-text").last).to_have_text("now **bold**")
    await page.unroute("**/js/ui/text/markdown.js")
    await page.reload()
    await expect(page.locator(".message-text strong")).to_have_text("bold")


@pytest.mark.slow
async def test_the_search_of_all_rooms_waits_for_the_list_beside_the_room(stage):
    ada, path = await in_room(stage)
    async with without(ada, path, "panels/sidebar") as page:
        await page.locator("#search-all").click()
        await expect(page.locator("dialog.search-all")).to_have_count(0)
    await expect(page.locator("dialog.search-all")).to_be_visible()
    await expect(page.locator("#room-list .room-link")).to_have_count(1)


@pytest.mark.slow
async def test_an_end_says_what_to_do_where_its_words_do_not_come(two):
    ada, ben = two
    page = await ben.new_tab()
    await page.route("**/js/panels/end-details.js", lambda route: route.abort())
    await page.goto(ben.page.url)
    await page.locator("#composer-text").fill("only if you")
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await page.locator("dialog.part-failed").get_by_role("button", name="Close").click()
    bar = page.locator("#room-answer[data-end=removed]")
    await expect(bar).to_contain_text("what you were writing is kept", timeout=WAIT)
    await page.unroute("**/js/panels/end-details.js")
    await bar.get_by_role("button", name="Reload the page").click()
    await expect(bar).to_contain_text(f"{ada.name} removed you", timeout=WAIT)
    await expect(bar).to_contain_text("only if you")
