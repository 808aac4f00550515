"""Where one is signed in, as somebody with two browsers sees it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.people import PASSWORD, WAIT

NEW = "another horse, another battery"


async def test_logging_out_elsewhere_and_another_password(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Orchard")
    away = await stage.person()
    away.name = ada.name
    await away.log_in()
    await away.restore(ada.kit)
    await away.page.get_by_role("link", name="Orchard").click()
    await away.in_room("Orchard")
    await away.say("from another desk")
    await away.sees_sent("from another desk")

    await ada.goto("/settings/")
    await ada.page.get_by_role("link", name="Show them").click()
    items = ada.page.locator(".session")
    await expect(items).to_have_count(2)
    await expect(items.nth(0)).to_contain_text("This browser")
    await items.nth(1).get_by_role("button", name="Log out").click()
    await expect(items).to_have_count(1)
    await expect(away.page.locator("#banner")).to_contain_text("You are signed out", timeout=WAIT)

    await away.log_in()
    await away.page.get_by_role("link", name="Orchard").wait_for()
    await ada.goto("/settings/")
    await ada.page.get_by_role("link", name="Change the password").click()
    await ada.page.get_by_label("Your password", exact=True).fill("not this one")
    await ada.page.get_by_label("New password", exact=True).fill(NEW)
    await ada.page.get_by_role("button", name="Change it").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The password is not right.")
    await ada.page.get_by_label("Your password", exact=True).fill(PASSWORD)
    await ada.page.get_by_label("New password", exact=True).fill(NEW)
    await ada.page.get_by_role("button", name="Change it").click()
    await ada.page.get_by_role("heading", name="Your password is changed").wait_for()
    await away.goto("/rooms/")
    await away.page.get_by_role("heading", name="Welcome back").wait_for()

    await ada.page.get_by_role("link", name="To your rooms").click()
    await ada.page.get_by_role("link", name="Orchard").click()
    await ada.in_room("Orchard")
    await ada.sees("from another desk")


@pytest.mark.slow
async def test_all_of_it_works_without_scripts(stage):
    ada = await (await stage.person("ada")).sign_up()
    plain = await stage.person(java_script_enabled=False)
    plain.name = ada.name
    await plain.log_in()
    await plain.goto("/settings/sessions/")
    await expect(plain.page.locator(".session")).to_have_count(2)
    await plain.page.get_by_role("link", name="Log out everywhere else").click()
    await plain.page.get_by_role("button", name="Log out everywhere else").click()
    await expect(plain.page.locator(".session")).to_have_count(1)
    await ada.goto("/rooms/")
    await ada.page.get_by_role("heading", name="Welcome back").wait_for()
    await plain.goto("/settings/password/")
    await plain.page.get_by_label("Your password", exact=True).fill(PASSWORD)
    await plain.page.get_by_label("New password", exact=True).fill(NEW)
    await plain.page.get_by_role("button", name="Change it").click()
    await plain.page.get_by_role("heading", name="Your password is changed").wait_for()
