"""Links that work, links that have ended, and what their pages say."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.people import WAIT


@pytest_asyncio.fixture(loop_scope="session")
async def ada(stage):
    person = await (await stage.person("ada")).sign_up()
    await person.make_room("Choir", "Mondays")
    return person


@pytest.mark.slow
async def test_a_stranger_sees_who_invites_before_having_an_account(stage, ada):
    link = await ada.invite()
    cleo = await stage.person("cleo")
    await cleo.page.goto(link)
    await expect(cleo.page.locator("#invite-name")).to_have_text("Choir", timeout=WAIT)
    await expect(cleo.page.locator("#invite-by")).to_have_text(ada.name)
    assert "#" not in cleo.page.url, "the secret has left the address bar"


@pytest.mark.slow
async def test_signing_up_from_a_link_leads_back_to_it(stage, ada):
    await ada.say("welcome")
    await ada.sees_sent("welcome")
    link = await ada.invite()
    cleo = await stage.person("cleo")
    await cleo.page.goto(link)
    await cleo.page.get_by_role("button", name="Continue to join").click()
    await cleo.sign_up_by_page(start="")
    await cleo.page.get_by_role("button", name="Join", exact=True).click()
    await cleo.in_room("Choir")
    await cleo.sees("welcome")


@pytest.mark.slow
async def test_a_used_link_says_so(stage, ada):
    link = await ada.invite()
    ben = await (await stage.person("ben")).sign_up()
    await ben.join(link, "Choir")
    cleo = await stage.person("cleo")
    await cleo.page.goto(link)
    await expect(cleo.page.locator("#invite-ended")).to_contain_text("used up", timeout=WAIT)


@pytest.mark.slow
async def test_a_revoked_link_says_so(stage, ada):
    link = await ada.invite()
    await ada.page.get_by_role("button", name="Invite", exact=True).click()
    await ada.page.get_by_role("button", name="Revoke").click()
    await expect(ada.page.get_by_text("No open links.")).to_be_visible(timeout=WAIT)
    cleo = await stage.person("cleo")
    await cleo.page.goto(link)
    await expect(cleo.page.locator("#invite-ended")).to_contain_text("withdrawn", timeout=WAIT)


@pytest.mark.slow
async def test_a_damaged_link_says_so(stage, ada):
    link = await ada.invite()
    cleo = await stage.person("cleo")
    await cleo.page.goto(link[:-3])
    await expect(cleo.page.locator("#invite-ended")).to_contain_text("not complete", timeout=WAIT)
    await cleo.page.goto(stage.url)
    await cleo.page.goto(link[:-4] + "AAAA")
    await expect(cleo.page.locator("#invite-ended")).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_a_member_is_led_into_the_room(stage, ada):
    link = await ada.invite()
    await ada.page.goto(link)
    await ada.page.get_by_role("button", name="Open the room").click()
    await ada.in_room("Choir")
