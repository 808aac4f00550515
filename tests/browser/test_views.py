"""The settings and an invitation as views of the one shell, and as pages of their own."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from sotto.client import Client
from tests.browser.people import PASSWORD, WAIT
from tests.browser.test_one_shell import is_marked, mark


async def with_invitation(stage):
    """Ada in a room of hers, and a link to one of ben's."""
    async with Client(stage.url) as ben:
        await ben.account.sign_up(f"ben-{secrets.token_hex(3)}", PASSWORD)
        link = await ben.room_admin.invite(await ben.rooms.create("Barn", ""))
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    return ada, link


@pytest.mark.slow
async def test_settings_and_an_invitation_are_shown_without_loading_a_page(stage):
    ada, link = await with_invitation(stage)
    page = ada.page
    title = page.locator("#room-title")
    settings = page.get_by_role("heading", name="Settings", exact=True)
    await mark(page)

    await page.locator("#sidebar a.me").click()
    await expect(settings).to_be_focused(timeout=WAIT)
    await expect(page).to_have_title("Settings · Sotto")
    await expect(page.locator("#user-name")).to_have_text(ada.name)
    await expect(page.locator("#room-list")).to_contain_text("Attic")
    assert urlsplit(page.url).path == "/settings/"
    await page.get_by_role("button", name="Forget this device").click()
    await page.go_back()  # closes the dialog
    await expect(page.locator("#forget-dialog")).to_be_hidden()
    await expect(settings).to_be_visible()
    await page.go_back()
    await expect(title).to_have_text("Attic", timeout=WAIT)
    await page.go_forward()
    await expect(settings).to_be_visible(timeout=WAIT)

    await page.get_by_role("button", name="Join with a link").click()
    await page.get_by_label("Paste the invitation link").fill(f"Come: {link}")
    await page.get_by_role("button", name="Open", exact=True).click()
    await expect(page.get_by_role("heading", name="Barn")).to_be_visible(timeout=WAIT)
    assert page.url == f"{stage.url}/i", "the secret is in no address"
    await page.get_by_role("button", name="Join", exact=True).click()
    await expect(title).to_have_text("Barn", timeout=WAIT)
    assert await is_marked(page)
    await page.go_back()  # the room has taken the invitation's place
    await expect(settings).to_be_visible(timeout=WAIT)
    assert await is_marked(page)


@pytest.mark.slow
async def test_settings_and_an_invitation_are_pages_of_their_own_too(stage):
    ada, link = await with_invitation(stage)
    page = ada.page
    await ada.goto("/settings/")
    await expect(page.locator("#user-name")).to_have_text(ada.name, timeout=WAIT)
    await mark(page)
    await page.locator("#room-list").get_by_role("link", name="Attic").click()
    await expect(page.locator("#room-title")).to_have_text("Attic", timeout=WAIT)
    assert await is_marked(page)
    await page.go_back()
    await page.reload()
    await expect(page.locator("#user-name")).to_have_text(ada.name, timeout=WAIT)
    await ada.join(link, "Barn")


@pytest.mark.slow
async def test_the_settings_of_a_browser_without_keys_stand_alone(stage):
    ada = await (await stage.person("ada")).sign_up()
    other = await stage.person()
    other.name = ada.name
    await other.log_in()
    await expect(other.page).to_have_url(re.compile("/keys/"), timeout=WAIT)
    await other.goto("/settings/")
    await expect(other.page.locator("#device-state")).to_contain_text("no keys", timeout=WAIT)
    await expect(other.page.locator("#sidebar")).to_be_hidden()
    await expect(other.page.locator("#delete-account")).to_be_disabled()
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Forget this device").click()
    await ada.page.get_by_role("button", name="Forget", exact=True).click()
    await expect(ada.page).to_have_url(f"{stage.url}/", timeout=WAIT)
    left = await ada.page.evaluate(
        "(async () => (await indexedDB.databases()).length && new Promise((done) => {"
        "const opening = indexedDB.open('sotto'); opening.onsuccess = () => {"
        "const asked = opening.result.transaction('accounts').objectStore('accounts').count();"
        "asked.onsuccess = () => done(asked.result); }; }))()"
    )
    assert left == 0
