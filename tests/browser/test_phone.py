"""On a phone: nothing scrolls sideways, presses are by real touches, the list is a drawer."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, FloatRect, Locator, Page, expect

from tests.browser.attaching import attach
from tests.browser.people import WAIT, Person, Stage

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
HELD = 900  # ms: a long press is 500
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2
NAME = "a" * 25  # with what makes it unique a user name's greatest length
TEXTS = [
    LONG_WORD,
    "https://example.org/" + "path/" * 40,
    "```\n" + "let code = 'on one long line'; " * 12 + "\n```",
    "inline `" + "x" * 200 + "` code",
    "> > > a quote in a quote in a quote of " + LONG_WORD,
    "1. " + "W" * 120,
]


def png(width: int, height: int) -> bytes:
    """A picture of stripes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (bytes([0]) + bytes([60 + 120 * (y // 20 % 2), 110, 140]) * width for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class Touch:
    """One finger on a page, by the browser's own touch events."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def on(cls, page: Page) -> Touch:
        return cls(await page.context.new_cdp_session(page))

    async def _send(self, kind: str, *points: tuple[float, float]) -> None:
        about = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        await self._session.send("Input.dispatchTouchEvent", about)

    async def down(self, x: float, y: float) -> None:
        await self._send("touchStart", (x, y))

    async def move(self, x: float, y: float) -> None:
        await self._send("touchMove", (x, y))

    async def up(self) -> None:
        await self._send("touchEnd")


async def box(locator: Locator) -> FloatRect:
    """Where it is, once it is in view and nothing around it moves."""
    return await locator.evaluate(
        """async (element) => {
          const moving = document.getAnimations().filter(({ effect }) =>
            Number.isFinite(effect.getComputedTiming().endTime) && effect.target.contains(element));
          await Promise.allSettled(moving.map(({ finished }) => finished));
          element.scrollIntoView({ block: "nearest" });
          const { x, y, width, height } = element.getBoundingClientRect();
          return { x, y, width, height };
        }"""
    )


async def middle(locator: Locator) -> tuple[float, float]:
    at = await box(locator)
    return at["x"] + at["width"] / 2, at["y"] + at["height"] / 2


async def overflows(page: Page) -> list[str]:
    """What is wider than the page, or than the box that scrolls up and down."""
    return await page.evaluate(
        """() => {
          const scrollers = [document.documentElement, document.body,
            ...document.querySelectorAll(
              ".shell, .room, .timeline-scroll, .panel-body, .sidebar-list, dialog[open], .card")];
          const shown = scrollers.filter((box) => box.checkVisibility?.() ?? true);
          const wide = shown.filter((box) => box.scrollWidth > box.clientWidth + 1);
          const about = (box) => [box.className || box.tagName, box.scrollWidth, box.clientWidth];
          return wide.map((box) => about(box).join(" "));
        }"""
    )


async def room_of_everything(stage: Stage, **options: Any) -> tuple[Person, Person]:
    """A room with all that is wide: names, words, code, links, pictures, files, a poll."""
    ada = await (await stage.person(NAME, **options)).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("W" * 60, LONG_WORD)
    await ben.join(await ada.invite(), "W" * 60)
    for text in TEXTS:
        await ben.say(text)
    await attach(ben, "n" * 120 + ".png", "image/png", png(1200, 300))
    await attach(ben, "tall.png", "image/png", png(30, 600))
    await attach(ben, "f" * 150 + ".txt", "text/plain", b"x")
    await ben.say(f"@{ada.name} look")
    await ben.page.get_by_role("button", name="Add something").click()
    await ben.page.get_by_role("menuitem", name="Make a poll").click()
    await ben.page.get_by_label("Question").fill(LONG_WORD)
    for at in (1, 2):
        await ben.page.get_by_label(f"Option {at}").fill(f"{at}" + "O" * 100)
    await ben.page.get_by_role("button", name="Send the poll").click()
    await expect(ada.page.locator(".poll")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator(".picture img")).to_have_count(2, timeout=WAIT)
    return ada, ben


@pytest_asyncio.fixture(loop_scope="session")
async def phone(stage):
    """Ada on a phone, Ben at a desk, and a message of Ben's."""
    ada = await (await stage.person("ada", **PHONE)).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Garden")
    await ben.join(await ada.invite(), "Garden")
    await ben.say("water the beans")
    await ada.sees("water the beans")
    return ada, ben


@pytest.mark.slow
async def test_nothing_scrolls_sideways(stage):
    ada, _ = await room_of_everything(stage, **PHONE)
    page = ada.page
    for width in (390, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        assert await overflows(page) == [], f"the room at {width}"
        for opener in ("#open-members", "#open-search", "#room-trust"):
            await page.locator(opener).click()
            await expect(page.locator("#panel")).to_be_visible()
            assert await overflows(page) == [], f"{opener} at {width}"
            await page.locator("#close-panel").click()
        await page.locator("#open-drawer").click()
        assert await overflows(page) == [], f"the drawer at {width}"
        await page.keyboard.press("Escape")


@pytest.mark.slow
async def test_a_long_press_opens_the_menu_and_it_stays(phone):
    ada, _ = phone
    page = ada.page
    touch = await Touch.on(page)
    menu = page.get_by_role("menu", name="Actions for this message")
    text = page.locator(".message", has_text="water the beans")
    x, y = await middle(text)
    await touch.down(x, y)
    await expect(menu).to_be_visible()
    await touch.up()
    await page.wait_for_timeout(100)
    await expect(menu).to_be_visible()
    await page.touchscreen.tap(x, 20)  # beside it: over the room's head
    await expect(menu).to_have_count(0)
    await expect(page.locator("#panel")).to_be_hidden()
    await touch.down(x, y)
    await expect(menu).to_be_visible()
    await touch.up()
    await page.get_by_role("menuitem", name="Answer").tap()
    await expect(page.locator(".composer-mode")).to_contain_text("Answering")


@pytest.mark.slow
async def test_a_finger_that_moves_or_leaves_early_presses_nothing(phone):
    ada, _ = phone
    page = ada.page
    touch = await Touch.on(page)
    menu = page.get_by_role("menu", name="Actions for this message")
    x, y = await middle(page.locator(".message", has_text="water the beans"))
    await touch.down(x, y)
    await touch.move(x, y + 30)
    await page.wait_for_timeout(HELD)
    await expect(menu).to_have_count(0)
    await touch.up()
    await page.touchscreen.tap(x, y)
    await page.wait_for_timeout(HELD)
    await expect(menu).to_have_count(0)


@pytest.mark.slow
async def test_a_long_press_on_a_picture_opens_the_menu_and_not_the_picture(phone):
    ada, ben = phone
    page = ada.page
    await attach(ben, "stripes.png", "image/png", png(300, 200))
    await ben.page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator(".picture img")).to_be_visible(timeout=WAIT)
    touch = await Touch.on(page)
    await touch.down(*await middle(page.locator(".picture")))
    menu = page.get_by_role("menu", name="Actions for this message")
    await expect(menu).to_be_visible()
    await touch.up()
    await page.wait_for_timeout(100)
    await expect(menu).to_be_visible()
    await expect(page.locator("dialog.lightbox")).to_have_count(0)


@pytest.mark.slow
async def test_a_tap_beside_the_drawer_closes_it_and_presses_nothing(phone):
    ada, _ = phone
    page = ada.page
    drawer = page.locator("#sidebar")
    beside = await middle(page.locator("#open-invite"))
    await page.locator("#open-drawer").tap()
    await expect(drawer).to_be_visible()
    await expect(page.locator("#main")).to_have_attribute("inert", "")
    assert beside[0] > (await box(drawer))["width"]
    await page.touchscreen.tap(*beside)
    await expect(drawer).to_be_hidden()
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(page.locator("#panel")).to_be_hidden()
    await expect(page.locator("#main")).not_to_have_attribute("inert", "")
    await page.locator("#open-drawer").tap()
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(page.locator("#open-drawer")).to_be_focused()
    await page.locator("#open-drawer").tap()
    await page.set_viewport_size({"width": 1000, "height": 700})
    await expect(page.locator("#main")).not_to_have_attribute("inert", "")


@pytest.mark.slow
async def test_nothing_lies_under_a_notch_or_the_home_bar(phone):
    ada, _ = phone
    page = ada.page
    session = await page.context.new_cdp_session(page)
    insets = {"top": 40, "bottom": 30, "left": 20, "right": 20}
    await session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    width, height = 390, 780
    for opener, inside in (
        ("", ("#room-title", "#composer", "#open-drawer", "#open-members")),
        ("#open-members", ("#close-panel", "#panel-title", ".people")),
        ("#open-drawer", (".sidebar .wordmark", ".sidebar .me")),
    ):
        if opener:
            await page.locator(opener).click()
        for selector in inside:
            at = await box(page.locator(selector))
            assert at["x"] >= 20, selector
            assert at["y"] >= 40, selector
            assert at["x"] + at["width"] <= width - 20, selector
            assert at["y"] + at["height"] <= height - 30, selector
        if opener == "#open-members":
            await page.locator("#close-panel").click()
