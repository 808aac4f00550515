"""Long names, many people and files on a narrow phone, and a clock that is wrong."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from sotto.client import Client
from tests.browser.member_panel import members
from tests.browser.people import PASSWORD, WAIT, Person
from tests.browser.test_switching_faults import Gate

PHONE = {
    "viewport": {"width": 320, "height": 640},
    "has_touch": True,
    "is_mobile": True,
    "reduced_motion": "reduce",
}
LATE = "Date.now = ((now) => () => now() + %d)(Date.now);"  # ms
DAY = 86_400_000
OUTSIDE = """
  () => [...document.querySelectorAll("button, a, input, textarea, select, summary")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((one) => !one.closest(".visually-hidden, .skip, [inert], .sidebar:not(.open)"))
    .filter((one) => {
      const { left, right, width } = one.getBoundingClientRect();
      return width > 0 && (left < 0 || right > innerWidth);
    })
    .map((one) => one.getAttribute("aria-label") ?? one.textContent.trim())
"""


async def nothing_is_outside(page: Page) -> None:
    """No control lies beside the page, and the page does not scroll sideways."""
    assert await page.evaluate(OUTSIDE) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def crowded_room(ada: Person, many: int) -> None:
    """Ada's room with as many others, all of whom have the longest names there can be."""
    assert ada.kit is not None
    room = await ada.make_room("W" * 60 + " and so on", "W" * 80)
    async with Client(ada.stage.url) as owner:
        await owner.account.restore(ada.name, PASSWORD, ada.kit)
        link = await owner.room_admin.invite(room, uses=many)
        for n in range(many):
            async with Client(ada.stage.url) as other:
                name = f"{ada.name[-6:]}-{n:03}-".ljust(32, "w")
                await other.account.sign_up(name, PASSWORD, ada.stage.next_keys())
                await other.rooms.join(link)
                await other.messages.send(room, "W" * 200)


@pytest.mark.slow
async def test_at_320_pixels_no_control_lies_beside_the_page(stage):
    ada = await (await stage.person("ada", **PHONE)).sign_up()
    await crowded_room(ada, 12)
    page = ada.page
    await expect(page.locator(".message-text", has_text="W" * 200)).to_have_count(12, timeout=WAIT)
    files = [
        {"name": f"{n} {'W' * 150}.txt", "mimeType": "text/plain", "buffer": b"x"}
        for n in range(10)
    ]
    await page.locator("input[type=file]").set_input_files(files)
    await expect(page.locator(".tray-list li")).to_have_count(10, timeout=WAIT)
    await nothing_is_outside(page)
    await page.get_by_label("Message", exact=True).fill("W" * 120)
    await page.get_by_role("button", name="Send", exact=True).click()
    await ada.sees_sent("W" * 120)
    await nothing_is_outside(page)
    await members(ada)
    await expect(page.locator(".people li")).to_have_count(13, timeout=WAIT)
    await page.locator(".people summary").last.click()
    await nothing_is_outside(page)
    await page.locator("#close-panel").click()
    await page.locator("#open-drawer").click()
    await nothing_is_outside(page)


@pytest.mark.slow
async def test_two_hundred_rooms_and_members_leave_no_control_beside_the_page(stage):
    """At 320 pixels: the list, its filter, the conversation, the members and their menus."""
    ada = await (await stage.person("ada", **PHONE)).sign_up()
    assert ada.kit is not None
    async with Client(stage.url) as owner:
        await owner.account.restore(ada.name, PASSWORD, ada.kit)
        for n in range(199):
            await owner.rooms.create(f"{n:03} {'W' * 56}", "")
    await crowded_room(ada, 199)
    page = ada.page
    await page.reload()
    await expect(page.locator("#member-count")).to_have_text("200", timeout=WAIT)
    await expect(page.locator(".message-text", has_text="W" * 200).last).to_be_visible(timeout=WAIT)
    await nothing_is_outside(page)
    await members(ada)
    lines = page.locator(".people li")
    await expect(lines).to_have_count(200, timeout=WAIT)
    await lines.last.locator("summary").click()
    await nothing_is_outside(page)
    await page.locator("#close-panel").click()
    await page.locator("#open-drawer").click()
    await expect(page.locator("#room-list .room-link")).to_have_count(200, timeout=WAIT)
    await nothing_is_outside(page)
    await page.locator("#room-filter").fill("007")
    await expect(page.locator("#room-list .room-link")).to_have_count(1)
    await nothing_is_outside(page)


@pytest.mark.slow
async def test_a_clock_that_is_wrong_is_said(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    late = await ada.new_tab()
    await late.add_init_script(LATE % (2 * DAY))
    await late.goto(ada.page.url)
    await expect(late.locator("#banner")).to_contain_text("clock", timeout=WAIT)
    await expect(late.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await expect(ada.page.locator("#banner")).to_be_hidden()


@pytest.mark.slow
async def test_a_slow_line_is_said_before_the_room_is_there(stage):
    """While the page's programs are loading, and while the server's answers are."""
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    await ada.say("at last")
    await ada.sees_sent("at last")
    page, gate = ada.page, Gate()
    loading = page.locator("#timeline").get_by_text("Loading messages")
    await page.route("**/*.js", gate.hold)
    await page.goto(page.url, wait_until="commit")
    await expect(loading).to_be_visible(timeout=WAIT)
    answers = Gate()
    await page.route("**/api/v1/chatrooms/**", answers.hold)
    await gate.open()  # before `unroute`, which lets go of what is held
    await page.unroute("**/*.js")
    await expect(page.locator("#banner")).to_contain_text("Connecting", timeout=WAIT)
    await expect(page.locator("#banner")).to_contain_text("The connection is slow", timeout=WAIT)
    await answers.open()
    await page.unroute("**/api/v1/chatrooms/**")
    await ada.sees("at last")
    await expect(page.locator("#banner")).to_be_hidden(timeout=WAIT)
