"""One click into the demo of development."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.people import WAIT, Stage
from tests.demo.test_demo import made
from tests.live import LiveServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory):
    with LiveServer(tmp_path_factory.mktemp("demo") / "data", DEBUG="1") as running:
        made(running)
        yield running


async def test_first_five_minutes_begin_in_the_demo(demo_server, browser):
    async with Stage(demo_server, browser) as stage:
        guest = await stage.person()
        page = guest.page
        await guest.goto("/")
        await page.get_by_role("button", name="Try the demo account").click()
        await page.wait_for_url("**/rooms/", timeout=WAIT)
        rooms = page.locator(".room-link")
        await expect(rooms).to_have_count(3, timeout=WAIT)
        for name in ("Launch week", "Film night", "Allotment 12"):
            await expect(rooms.filter(has_text=name)).to_have_count(1, timeout=WAIT)
        await page.get_by_role("link", name="Film night").click()
        await guest.in_room("Film night")
        await expect(page.locator(".message-text").nth(20)).to_be_attached(timeout=WAIT)
        await expect(page.locator(".reaction").first).to_be_visible(timeout=WAIT)
        await expect(page.get_by_text("Pinned", exact=True)).to_be_visible(timeout=WAIT)
        await page.locator("#open-summary").click()
        await page.locator("#summary-send").click()
        await expect(page.locator(".summary.fresh .summary-text li").first).to_be_visible(
            timeout=WAIT
        )
        await page.locator("#close-panel").click()
        await guest.say("Hello from the demo")
        await guest.sees_sent("Hello from the demo")
        code = json.loads((demo_server.data / "demo" / "kit.json").read_text())["code"]
        assert code.encode() not in b"\n".join(guest.sent), "the kit stays in the page"
