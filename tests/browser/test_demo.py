"""One click into the demo of `make dev`."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.people import WAIT, Stage


@pytest.mark.slow
async def test_the_page_waits_for_the_demo_and_opens_it(dev_site, browser):
    kit = dev_site.data / "demo" / "kit.json"
    away = kit.with_name("kit.away")
    kit.rename(away)
    try:
        async with Stage(dev_site, browser) as stage:
            guest = await stage.person()
            page = guest.page
            await guest.goto("/")
            await page.get_by_role("button", name="Try the demo account").click()
            heading = page.get_by_role("heading", name="Preparing the demo")
            await expect(heading).to_be_visible(timeout=WAIT)
            away.rename(kit)
            await page.wait_for_url("**/rooms/", timeout=WAIT)
    finally:
        if away.exists():
            away.rename(kit)


@pytest.mark.slow
async def test_first_five_minutes_begin_in_the_demo(dev_site, browser):
    async with Stage(dev_site, browser) as stage:
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
        code = json.loads((dev_site.data / "demo" / "kit.json").read_text())["code"]
        assert code.encode() not in b"\n".join(guest.sent), "the kit stays in the page"
