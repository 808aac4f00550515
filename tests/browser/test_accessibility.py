"""axe finds nothing, in whatever way a page is looked at; one tab stop; news is heard once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.attaching import attach
from tests.browser.axe import AXE_STYLES, violations
from tests.browser.people import WAIT, Person, Stage
from tests.browser.test_phone import box, png

pytestmark = pytest.mark.slow  # `make test` has axe look at a room in test_journeys

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 640}
WAYS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WIDE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "light, 320 px": {"viewport": NARROW},
    "dark, 320 px": {"viewport": NARROW, "color_scheme": "dark"},
    "200% zoom": {"viewport": {"width": 640, "height": 400}},  # of 1280 by 800
    "forced colours": {"viewport": WIDE, "forced_colors": "active"},
    "reduced motion": {"viewport": WIDE, "reduced_motion": "reduce"},
}


async def furnish(ada: Person, ben: Person) -> None:
    """A room with all that a room can have."""
    await ada.make_room("Garden", "What grows, and when")
    await ben.join(await ada.invite(), "Garden")
    for text in ("water the *beans*", "- one\n- two\n\n> said\n\n`code` https://example.org"):
        await ben.say(text)
    await ben.say("```\nlet beans = 3;\n```")
    await ben.say(f"@{ada.name} look")
    await attach(ben, "one.png", "image/png", png(300, 200))
    await attach(ben, "two.png", "image/png", png(200, 300))
    await attach(ben, "map.txt", "text/plain", b"a map")
    await ben.say("three files")
    await ben.page.get_by_role("button", name="Add something").click()
    await ben.page.get_by_role("menuitem", name="Make a poll").click()
    await ben.page.get_by_label("Question").fill("Beans?")
    for at, option in ((1, "Yes"), (2, "No")):
        await ben.page.get_by_label(f"Option {at}").fill(option)
    await ben.page.get_by_role("button", name="Send the poll").click()
    await expect(ada.page.locator(".poll")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator(".picture img")).to_have_count(2, timeout=WAIT)
    await menu(ada.page, "water the", "Answer")
    await ada.say("I did")
    await ada.sees_sent("I did")
    await menu(ada.page, "water the", "Pin")
    await expect(ada.page.locator(".pin-strip")).to_be_visible(timeout=WAIT)
    await menu(ada.page, "three files", "React")
    await ada.page.locator(".emoji").first.click()
    await expect(ada.page.locator(".reaction")).to_be_visible(timeout=WAIT)


def message(page: Page, text: str) -> Any:
    return page.locator(".message").filter(has=page.locator(".message-text", has_text=text))


async def menu(page: Page, text: str, action: str = "") -> None:
    """The menu of a message, by the keyboard; and something from it."""
    await message(page, text).first.focus()
    await page.keyboard.press("Enter")
    if action:
        await page.get_by_role("menuitem", name=action, exact=True).click()


async def places(page: Page) -> AsyncIterator[str]:
    """Every panel, menu and dialog of a room, one after another."""
    await expect(page.locator(".poll")).to_be_visible(timeout=WAIT)
    picture = page.get_by_role("button", name="Show one.png")
    await box(picture)  # it is loaded when it comes into view
    await expect(picture.locator("img")).to_be_visible(timeout=WAIT)
    yield "room"
    for opener in ("#open-members", "#open-search", "#open-summary", "#open-invite", "#room-trust"):
        if not await page.locator(opener).is_visible():
            continue
        await page.locator(opener).click()
        await expect(page.locator("#panel")).to_be_visible()
        if opener == "#open-members":
            await page.locator(".people summary").first.click()
        if opener == "#open-search":
            await page.get_by_role("searchbox", name="Search in this room").fill("beans")
            await expect(page.locator(".search:visible a.hit").first).to_be_visible(timeout=WAIT)
        yield opener
        if opener == "#open-members":
            await page.get_by_role("button", name="Compare numbers", exact=True).click()
            await expect(page.locator(".panel-back")).to_be_visible()
            yield "numbers to compare"
        await page.locator("#close-panel").click()
        await expect(page.locator("#panel")).to_be_hidden()
    await page.locator(".pin-strip").click()
    yield "pins"
    await page.locator("#close-panel").click()
    await menu(page, "I did")
    yield "menu of a message"
    await page.get_by_role("menuitem", name="Delete", exact=True).click()
    yield "question"
    await page.get_by_role("button", name="Cancel", exact=True).click()
    await page.locator("#composer-more").click()
    yield "menu of the composer"
    await page.get_by_role("menuitem", name="Make a poll").click()
    yield "poll form"
    await page.get_by_role("button", name="Cancel", exact=True).click()
    await page.locator("#composer-emoji").click()
    yield "emoji"
    await page.keyboard.press("Escape")
    await page.get_by_label("Message", exact=True).press_sequentially("@b")
    await expect(page.locator(".mention-list")).to_be_visible()
    yield "names to mention"
    await page.get_by_label("Message", exact=True).fill("")
    await page.get_by_role("button", name="Show one.png").click()
    await expect(page.locator(".lightbox img")).to_be_visible()
    yield "lightbox"
    await page.keyboard.press("Escape")
    if await page.locator("#open-drawer").is_visible():
        await page.locator("#open-drawer").click()
        yield "drawer"
        await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("dialog").first).to_be_visible()
    yield "search of all rooms"
    await page.keyboard.press("Escape")


async def look_at(person: Person, found: dict[str, list[str]], way: str) -> None:
    async for place in places(person.page):
        wrong = await violations(person.page)
        if wrong:
            found[f"{way}: {place}"] = wrong


async def set_way(page: Page, about: dict[str, Any]) -> None:
    """What a page can be told after it was opened."""
    await page.set_viewport_size(about["viewport"])
    await page.emulate_media(
        color_scheme=about.get("color_scheme", "light"),
        forced_colors=about.get("forced_colors", "none"),
        reduced_motion=about.get("reduced_motion", "no-preference"),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def pair(stage: Stage) -> tuple[Person, Person]:
    ada = await (await stage.person("ada", viewport=WIDE, bypass_csp=AXE_STYLES)).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await furnish(ada, ben)
    return ada, ben


@pytest.mark.parametrize("way", WAYS)
async def test_axe_finds_nothing_in_the_room_and_its_panels(pair, way):
    ada, _ = pair
    found: dict[str, list[str]] = {}
    await set_way(ada.page, WAYS[way])
    await look_at(ada, found, way)
    assert found == {}


async def test_axe_finds_nothing_on_the_other_pages(stage):
    ada = await (await stage.person("ada", bypass_csp=AXE_STYLES)).sign_up()
    await ada.make_room("Garden")
    link = await ada.invite()
    ben = await stage.person("ben", bypass_csp=AXE_STYLES)
    found: dict[str, list[str]] = {}
    for way, about in WAYS.items():
        for person, paths in (
            (ben, ("/", "/accounts/login/", "/accounts/signup/", "/nowhere/", link)),
            (
                ada,
                (
                    "/rooms/",
                    "/rooms/new/",
                    "/settings/",
                    "/settings/sessions/",
                    "/settings/bots/",
                    link,
                ),
            ),
        ):
            await set_way(person.page, about)
            for path in paths:
                await person.page.goto(path if path == link else stage.url + path)
                if path == link:
                    await expect(person.page.locator("#invite-join")).to_be_visible(timeout=WAIT)
                wrong = await violations(person.page)
                if wrong:
                    found[f"{way}: {path.split('#')[0]}"] = wrong
    assert found == {}


async def test_the_conversation_is_one_tab_stop_with_arrows_inside(pair):
    ada, _ = pair
    page = ada.page
    await page.locator("#timeline").focus()
    await page.keyboard.press("ArrowUp")
    focused = page.locator(":focus")
    await expect(focused).to_contain_text("I did")
    outline = await focused.evaluate("(e) => getComputedStyle(e).outlineStyle")
    assert outline == "solid", "one sees where the focus is"
    while "three files" not in await focused.inner_text():
        await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowRight")
    await expect(focused).to_have_attribute("aria-label", "Show one.png")
    await page.keyboard.press("ArrowRight")
    await expect(focused).to_have_attribute("aria-label", "Show two.png")
    await page.keyboard.press("Escape")
    await expect(focused).to_contain_text("three files")
    await page.keyboard.press("Tab")
    assert await page.evaluate("() => !document.activeElement.closest('#timeline')")
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator("#timeline")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    assert await page.evaluate("() => !document.activeElement.closest('.conversation')")


async def test_a_new_message_is_heard_once(pair):
    ada, ben = pair
    await ada.page.evaluate(
        """() => {
          globalThis.heard = [];
          const note = (changes) => heard.push(...changes
            .flatMap(({ addedNodes }) => [...addedNodes]).map((node) => node.textContent.trim()));
          for (const place of document.querySelectorAll("[aria-live=polite], [role=status]"))
            new MutationObserver(note).observe(place, { childList: true, subtree: true });
        }"""
    )
    for text in ("ripe", "ripe", "red"):
        await ben.say(text)
    await ada.sees("red")
    heard = await ada.page.evaluate("() => heard")
    said = [line for line in heard if line.startswith(f"{ben.name}: ")]
    assert said == [f"{ben.name}: {text}" for text in ("ripe", "ripe", "red")]
    assert await ada.page.locator("#timeline").get_attribute("aria-live") == "off"
