"""Where one is signed in, as somebody with two browsers sees it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.people import PASSWORD, WAIT

NEW = "another horse, another battery"


@pytest.mark.slow
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
async def test_everywhere_else_is_logged_out_after_a_question(stage):
    ada = await (await stage.person("ada")).sign_up()
    away = await stage.person()
    away.name = ada.name
    await away.log_in()
    await away.restore(ada.kit)
    await away.page.get_by_role("heading", name="Your rooms").wait_for()
    await ada.goto("/settings/sessions/")
    items = ada.page.locator(".session")
    await expect(items).to_have_count(2)
    button = ada.page.get_by_role("button", name="Log out everywhere else")
    await button.click()
    question = ada.page.get_by_role("alertdialog")
    await question.get_by_role("button", name="Leave it as it is").click()
    await expect(items).to_have_count(2)
    await button.click()
    await question.get_by_role("button", name="Log out everywhere else").click()
    await expect(items).to_have_count(1)
    await expect(ada.page.get_by_text("You are logged in nowhere else.")).to_be_visible()
    await away.goto("/rooms/")
    await away.page.get_by_role("heading", name="Welcome back").wait_for()


@pytest.mark.slow
async def test_a_page_for_members_leads_to_the_log_in_and_back(stage):
    ada = await (await stage.person("ada")).sign_up()
    room = await ada.make_room("Orchard")
    await ada.say("still here")
    await ada.sees_sent("still here")
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Log out", exact=True).click()
    await ada.page.get_by_role("heading", name="Group chat that nobody else can read.").wait_for()
    await ada.goto(f"/rooms/{room}/#m1")
    await ada.page.get_by_role("heading", name="Welcome back").wait_for()
    await ada.fill_account("login")
    await ada.page.get_by_role("button", name="Log in", exact=True).click()
    await ada.in_room("Orchard")
    assert urlsplit(ada.page.url).fragment == "m1"
    await ada.sees("still here")


@pytest.mark.slow
@pytest.mark.parametrize("to", ["//evil.example/", "/\t/evil.example/", "https://evil.example/"])
async def test_hostile_next_stays_on_this_site(stage, to):
    ada = await (await stage.person("ada")).sign_up()
    for step in ("/accounts/login/", "/keys/"):
        await ada.goto(f"{step}?next={quote(to)}")
        await ada.page.get_by_role("heading", name="Your rooms").wait_for()
        assert ada.page.url == f"{stage.url}/rooms/"


async def test_a_wrong_password_is_said_and_what_was_typed_stays(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.context.clear_cookies()
    await ada.goto("/accounts/login/")
    await ada.page.get_by_label("User name", exact=True).fill(ada.name)
    await ada.page.get_by_label("Password", exact=True).fill("not this one")
    await ada.page.get_by_role("button", name="Log in", exact=True).click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("not correct")
    await expect(ada.page.get_by_label("Password", exact=True)).to_have_value("not this one")


@pytest.mark.parametrize("path", ["/accounts/login/", "/rooms/", "/settings/", "/"])
async def test_without_scripts_a_page_says_what_it_needs(stage, path):
    plain = await stage.person(java_script_enabled=False)
    await plain.goto(path)
    await expect(plain.page.locator("noscript .notice").first).to_be_visible()
