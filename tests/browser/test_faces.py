"""One person has one face, wherever they are shown and whatever keys they have."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import WAIT


async def face(place: Locator) -> str:
    """What is drawn in an avatar."""
    picture = place.locator(".avatar svg").first
    await expect(picture).to_be_attached(timeout=WAIT)
    return await picture.evaluate("(svg) => svg.innerHTML")


@pytest.mark.slow
async def test_a_person_has_one_face_everywhere(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Choir")
    await ben.join(await ada.invite(), "Choir")
    await ben.say("here I am")
    await ada.sees("here I am")
    page = ada.page
    message = await face(page.locator(".message", has_text="here I am"))
    await page.locator("#open-members").click()
    person = page.locator(".people li", has_text=ben.name)
    assert await face(person) == message, "in the list of members"
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.get_by_label("Message", exact=True).press_sequentially(f"@{ben.name[:5]}")
    assert await face(page.get_by_role("option", name=f"@{ben.name}")) == message, "mentioned"
    await page.keyboard.press("Escape")
    await page.locator("#open-search").click()
    await page.get_by_role("searchbox", name="Search in this room").fill("here")
    assert await face(page.locator(".search:visible a.hit")) == message, "found"
    await page.get_by_role("button", name="Close", exact=True).click()
    assert await face(ben.page.locator(".me")) == message, "to himself"
    await page.locator("#open-members").click()
    await person.locator("summary").click()
    await person.get_by_role("button", name="Message directly", exact=True).click()
    await page.wait_for_url(lambda url: "/rooms/" in url)
    await expect(page.locator("#room-title")).to_have_text(ben.name, timeout=WAIT)
    assert await face(page.locator(".room-link", has_text=ben.name)) == message, "in the list"
