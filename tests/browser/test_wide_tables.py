"""A table that is wider than its message: it shows that it goes on, and the keyboard moves it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import AXE_STYLES, violations
from tests.browser.people import WAIT
from tests.browser.test_accessibility import WAYS, set_way

pytestmark = pytest.mark.slow

FITS = "| a | b |\n|---|---|\n| 1 | 2 |"
WIDE = "| name | what it does |\n|---|--:|\n| a | " + "wide " * 60 + "|"
RIGHT_TO_LEFT = "| نام | کار |\n|---|---|\n| یک | " + "پهن " * 60 + "|"
NAME = "Table: name, what it does. Scrolls sideways."
EDGES = """(box) => Object.fromEntries(["before", "after"].map((side) => {
  const { opacity, borderInlineStartWidth, borderInlineEndWidth, width } =
    getComputedStyle(box, `::${side}`);
  const edge = side === "before" ? borderInlineStartWidth : borderInlineEndWidth;
  return [side, { shows: opacity === "1" && width !== "0px", edge: parseFloat(edge) }];
}))"""


async def shown(box: Locator) -> tuple[bool, bool]:
    """Whether its first and its last side show that it goes on there, once nothing moves."""
    await box.evaluate(
        """(box) => Promise.allSettled(
          box.getAnimations({ subtree: true }).map(({ finished }) => finished))"""
    )
    edges = await box.evaluate(EDGES)
    assert all(edge["edge"] > 0 for edge in edges.values())
    return edges["before"]["shows"], edges["after"]["shows"]


async def keep_picture(page: Page, way: str) -> None:
    if folder := os.environ.get("SOTTO_PICTURES"):
        await page.screenshot(path=Path(folder) / f"table-{way.replace(' ', '-')}.png")


async def stops_of_tab(page: Page) -> int:
    return await page.locator("#timeline .scroll-view[tabindex='0']").count()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "reduced motion"])
async def test_a_wide_table_shows_that_it_goes_on_and_scrolls_by_the_keyboard(stage, way):
    about: dict[str, Any] = WAYS[way]
    ada = await (await stage.person("ada", bypass_csp=AXE_STYLES)).sign_up()
    await ada.make_room("Kitchen")
    page = ada.page
    await set_way(page, about)
    for text in (FITS, WIDE):
        await ada.say(text)
    sent = page.locator(".message[data-state=sent] .scroll-box")
    await expect(sent).to_have_count(2, timeout=WAIT)  # they are drawn anew once they are stored
    boxes = page.locator("#timeline .scroll-box")
    await expect(boxes).to_have_count(2, timeout=WAIT)
    box = boxes.last
    await expect(box).to_have_attribute("data-more", "end")
    assert await shown(box) == (False, True)
    assert await shown(boxes.first) == (False, False)
    assert await stops_of_tab(page) == 1
    region = page.get_by_role("region", name=NAME)
    await expect(region).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []
    await keep_picture(page, way)
    await region.focus()
    await page.keyboard.press("ArrowRight")
    await expect(box).to_have_attribute("data-more", "both")
    assert await shown(box) == (True, True)
    for _ in range(200):
        if await box.get_attribute("data-more") == "start":
            break
        await page.keyboard.press("ArrowRight")
    await expect(box).to_have_attribute("data-more", "start")
    assert await shown(box) == (True, False)


async def test_a_table_from_right_to_left_begins_at_its_first_column(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Kitchen")
    await ada.say(RIGHT_TO_LEFT)
    box = ada.page.locator("#timeline .scroll-box")
    await expect(box).to_have_attribute("data-more", "end", timeout=WAIT)
    apart = """(box) =>
      box.getBoundingClientRect().right - box.querySelector("th").getBoundingClientRect().right"""
    assert abs(await box.evaluate(apart)) < 3


async def test_a_table_that_comes_to_fit_is_no_stop_of_the_tab_key(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Kitchen")
    page = ada.page
    await page.set_viewport_size({"width": 320, "height": 640})
    await ada.say("| a | b |\n|---|---|\n| 1 | " + "wide " * 12 + "|")
    box = page.locator("#timeline .scroll-box")
    await expect(box).to_have_attribute("data-more", "end", timeout=WAIT)
    assert await stops_of_tab(page) == 1
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(page.locator("#timeline .scroll-box:not([data-more])")).to_have_count(1)
    assert await stops_of_tab(page) == 0
