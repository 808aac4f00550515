"""Counts and lists go by what the room shows: badge, title and preview."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.member_panel import act as on_person
from tests.browser.member_panel import members
from tests.browser.people import WAIT
from tests.browser.test_messages import act

HEARTBEAT = 20_000  # ms, in which the server says its own counts
SOON = HEARTBEAT // 3


@pytest_asyncio.fixture(loop_scope="session")
async def apart(stage):
    """Ada looks at her list; Ben is in their room."""
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    room = await ada.make_room("Kitchen")
    await ben.join(await ada.invite(), "Kitchen")
    await ada.sees()
    await ada.goto("/rooms/")
    await expect(ada.page.locator(".room-link")).to_have_count(1, timeout=WAIT)
    return ada, ben, room


@pytest.mark.slow
async def test_a_deletion_of_what_is_unread_lowers_the_count_at_once(apart):
    ada, ben, _ = apart
    badge = ada.page.locator(".room-link .badge > span").first
    for text in ("**one** thing", "two"):
        await ben.say(text)
        await ben.sees_sent(text.replace("**", ""))
    await expect(badge).to_have_text("2", timeout=WAIT)
    await expect(ada.page).to_have_title("(2) Rooms · Sotto")
    await act(ben, "two", "Delete")
    await ben.page.locator("dialog").get_by_role("button", name="Delete").click()
    await expect(badge).to_have_text("1", timeout=SOON)
    await expect(ada.page.locator(".room-link-last")).to_have_text(f"{ben.name}: one thing")


@pytest.mark.slow
async def test_messages_of_blocked_people_neither_count_nor_show(apart):
    ada, ben, room = apart
    await ada.goto(f"/rooms/{room}/")
    await members(ada)
    await on_person(ada, ben, "Block", confirm="Block")
    await expect(ada.page.locator(".people li", has_text=ben.name)).to_contain_text("blocked")
    await ada.goto("/rooms/")
    await expect(ada.page.locator(".room-link")).to_have_count(1, timeout=WAIT)
    await ben.say("hear me")
    await ben.sees_sent("hear me")
    await expect(ada.page.locator(".room-link .badge")).to_have_count(0)
    await ada.page.reload()
    await expect(ada.page.locator(".room-link-name")).to_have_text("Kitchen", timeout=WAIT)
    await expect(ada.page.locator(".room-link .badge")).to_have_count(0, timeout=WAIT)
    await expect(ada.page.locator(".room-link-last")).to_have_text("")
    await expect(ada.page).to_have_title("Rooms · Sotto")
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Unblock").click()
    await expect(ada.page.locator("#blocked")).to_be_hidden(timeout=WAIT)
    await ada.goto("/rooms/")
    await expect(ada.page.locator(".room-link-last")).to_contain_text("hear me", timeout=WAIT)
