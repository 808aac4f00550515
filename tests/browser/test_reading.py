"""Unread counts, the title, long histories, narrow screens, the keyboard."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.people import WAIT


@pytest_asyncio.fixture(loop_scope="session")
async def pair(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Lounge")
    await ben.join(await ada.invite(), "Lounge")
    return ada, ben


@pytest.mark.slow
async def test_unread_counts_and_title_are_right(stage, pair):
    ada, ben = pair
    await ada.goto("/rooms/")
    await expect(ada.page.get_by_role("link", name="Lounge")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator("#banner")).to_be_hidden()
    for text in ("first", "second"):
        await ben.say(text)
        await ben.sees_sent(text)
    badge = ada.page.locator(".room-link .badge")
    await expect(badge).to_contain_text("2 unread messages", timeout=WAIT)
    await expect(ada.page).to_have_title("(2) Rooms · Sotto")
    await ada.page.get_by_role("link", name="Lounge").click()
    await ada.in_room("Lounge")
    await ada.sees("first", "second")
    await expect(ada.page.get_by_text("New messages")).to_be_visible()
    await expect(ada.page).to_have_title("Lounge · Sotto", timeout=WAIT)
    await ada.page.reload()
    await ada.in_room("Lounge")
    await expect(ada.page.locator(".room-link .badge")).to_have_count(0)


@pytest.mark.slow
async def test_long_histories_load_upwards_without_jumps(stage, pair):
    ada, ben = pair
    for number in range(120):
        await ben.say(f"line {number}")
        if number % 10 == 9:  # they go one by one: a long queue takes its time
            await ben.sees_sent(f"line {number}")
    elsewhere = await stage.person()
    elsewhere.name = ada.name
    await elsewhere.log_in()
    await elsewhere.restore(ada.kit)
    await elsewhere.page.get_by_role("link", name="Lounge").click()
    await elsewhere.in_room("Lounge")
    page = elsewhere.page
    await expect(page.get_by_text("line 119", exact=True)).to_be_in_viewport(timeout=WAIT)
    assert await page.get_by_text("line 5", exact=True).count() == 0
    anchor = page.get_by_text("line 75", exact=True)
    await page.locator("#timeline").evaluate("node => { node.scrollTop = 120 }")
    before = await anchor.bounding_box()
    await expect(page.get_by_text("line 25", exact=True)).to_have_count(1, timeout=WAIT)
    after = await anchor.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) <= 4, "what one was reading has moved"
    await page.locator("#timeline").evaluate("node => { node.scrollTop = 0 }")
    await expect(page.get_by_text("line 5", exact=True)).to_have_count(1, timeout=WAIT)
    await page.locator("#timeline").evaluate("node => { node.scrollTop = 0 }")
    await expect(page.get_by_text("This is the beginning.")).to_be_visible(timeout=WAIT)
    texts = [line.strip() for line in await page.locator(".message-text").all_inner_texts()]
    assert texts == [f"line {number}" for number in range(120)]
    await page.get_by_role("button", name="To the newest").click()
    await expect(page.get_by_text("line 119", exact=True)).to_be_in_viewport()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_cut_off_at_320_pixels(stage, scheme):
    ada = await stage.person("ada", viewport={"width": 320, "height": 640}, color_scheme=scheme)
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/i"):
        await ada.goto(path)
        await no_sideways_scrolling(ada.page)
    await ada.sign_up()
    for path in ("/rooms/", "/rooms/new/", "/settings/"):
        await ada.goto(path)
        await no_sideways_scrolling(ada.page)
    await ada.make_room("A rather long name for a room on such a narrow screen")
    await ada.say("word " * 40 + "x" * 120)
    await no_sideways_scrolling(ada.page)
    await ada.page.get_by_role("button", name="Members").click()
    await no_sideways_scrolling(ada.page)
    await ada.page.go_back()
    await expect(ada.page.locator("#panel")).to_be_hidden()
    await ada.page.get_by_role("button", name="Rooms").click()
    await expect(ada.page.locator("#sidebar")).to_be_in_viewport()


async def no_sideways_scrolling(page) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, page.url


async def test_everything_works_from_the_keyboard(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/rooms/new/")
    page = ada.page
    await expect(page.get_by_role("button", name="Make the room")).to_be_enabled(timeout=WAIT)
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await page.keyboard.type("Typed")
    await page.keyboard.press("Enter")
    await ada.in_room("Typed")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused(timeout=WAIT)
    await page.keyboard.type("no mouse")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("needed")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message-text")).to_contain_text("needed", timeout=WAIT)
    await page.get_by_role("button", name="Members").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Close", exact=True)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Members")).to_be_focused()


async def test_hostile_text_stays_text(stage, pair):
    """What looks like markup is shown, not parsed; only web addresses become links."""
    ada, ben = pair
    nasty = '<img src=x onerror="alert(1)"> [click](javascript:alert(2)) https://example.org/a'
    await ada.say(nasty)
    message = ben.page.locator(".message-text").last
    await expect(message).to_contain_text('<img src=x onerror="alert(1)">', timeout=WAIT)
    assert await message.locator("img").count() == 0
    links = message.locator("a")
    await expect(links).to_have_count(1)
    assert await links.get_attribute("href") == "https://example.org/a"
    assert "noopener" in (await links.get_attribute("rel") or "")
