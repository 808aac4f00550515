"""Back and forward around panels, dialogs and links to messages: no step is lost, and each leads to
where the reader stood.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.test_one_shell import choose, is_marked, mark, shows, with_rooms

MANY = 60


def line(ada: Any, seq: int) -> Locator:
    return ada.page.locator(f'[data-seq="{seq}"]')


async def stands_at(ada: Any, seq: int, before: Any) -> None:
    await expect(line(ada, seq)).to_be_in_viewport()
    after = await line(ada, seq).bounding_box()
    assert after is not None
    assert abs(after["y"] - before["y"]) < 3, (before, after)


async def with_many_lines(stage: Any) -> Any:
    """A room in which one scrolls, with two links to its messages at the end."""
    ada = await with_rooms(stage)
    await choose(ada, "Attic")
    for n in range(MANY):
        await ada.say(f"line {n}")
    await ada.sees_sent(f"line {MANY - 1}")
    for seq in (5, 25):
        await ada.say(f"{stage.url}/rooms/{ada.rooms['Attic']}/#m{seq}")
    await expect(ada.page.locator(".message-text a")).to_have_count(2)
    await expect(ada.page.locator(".message").last).to_have_attribute("data-state", "sent")
    return ada


def link(ada: Any, seq: int) -> Locator:
    return ada.page.locator(f'.message-text a[href$="#m{seq}"]')


@pytest.mark.slow
async def test_after_a_reload_with_an_open_panel_back_leads_to_the_room_before(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await choose(ada, "Attic")
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("#panel")).to_be_visible()
    await page.reload()
    await shows(ada, "Attic")
    await expect(page.locator("#panel")).to_be_hidden()
    await page.wait_for_function("() => !history.state?.over")
    await page.go_back()
    await shows(ada, "Cellar")
    await page.go_forward()
    await shows(ada, "Attic")


@pytest.mark.slow
async def test_back_closes_the_dialog_of_a_panel_then_the_panel_then_leaves(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await choose(ada, "Attic")
    await mark(page)
    await page.locator("#open-members").click()
    await page.get_by_role("button", name="Close this room").click()
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_be_visible()
    await page.evaluate("history.back()")
    await expect(dialog).to_have_count(0)
    await page.wait_for_function("() => history.state?.panel")
    await expect(page.locator("#panel")).to_be_visible()
    await page.evaluate("history.back()")
    await expect(page.locator("#panel")).to_be_hidden()
    await shows(ada, "Attic")
    await page.evaluate("history.back()")
    await shows(ada, "Cellar")
    assert await is_marked(page)


@pytest.mark.slow
async def test_back_and_forward_between_links_to_messages_lead_to_where_the_reader_stood(stage):
    ada = await with_many_lines(stage)
    page = ada.page
    await mark(page)
    await link(ada, 5).click()
    await expect(line(ada, 5)).to_be_focused()
    await line(ada, 12).scroll_into_view_if_needed()
    stood = await line(ada, 12).bounding_box()
    await page.go_back()
    await expect(page.locator(".message-text").last).to_be_in_viewport()
    await page.go_forward()
    await stands_at(ada, 12, stood)
    await page.go_back()
    await expect(link(ada, 5)).to_be_in_viewport()
    await link(ada, 25).click()
    await expect(line(ada, 25)).to_be_focused()
    assert await is_marked(page)


@pytest.mark.slow
async def test_a_link_to_a_message_leads_there_again_and_with_an_open_panel(stage):
    ada = await with_many_lines(stage)
    page = ada.page
    for _ in range(2):
        await link(ada, 5).click()
        await expect(line(ada, 5)).to_be_focused()
        await expect(line(ada, 5)).to_be_in_viewport()
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("#panel")).to_be_visible()
    await link(ada, 25).click()
    await expect(line(ada, 25)).to_be_in_viewport()
    await expect(page.locator("#panel")).to_be_hidden()
    await page.go_back()
    await expect(page).to_have_url(f"{stage.url}/rooms/{ada.rooms['Attic']}/#m5")
    await page.go_back()
    await expect(page).to_have_url(f"{stage.url}/rooms/{ada.rooms['Attic']}/")
    await page.go_back()
    await shows(ada, "Cellar")


@pytest.mark.slow
async def test_back_to_a_deep_link_leads_to_where_the_reader_stood_and_not_to_its_message(stage):
    ada = await with_many_lines(stage)
    page = ada.page
    await page.goto(f"{stage.url}/rooms/{ada.rooms['Barn']}/")
    await page.goto(f"{stage.url}/rooms/{ada.rooms['Attic']}/#m5")
    await expect(line(ada, 5)).to_be_focused()
    await line(ada, 30).scroll_into_view_if_needed()
    stood = await line(ada, 30).bounding_box()
    await page.locator("#room-list").get_by_role("link", name="Cellar").click()
    await shows(ada, "Cellar")
    await page.go_back()
    await stands_at(ada, 30, stood)
    await page.wait_for_load_state("networkidle")
    await stands_at(ada, 30, stood)
    await page.reload()
    await expect(line(ada, 5)).to_be_focused()
