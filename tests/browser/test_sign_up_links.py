"""An administrator's first day: a link from a command, people by links, and a lost password."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.people import PASSWORD
from tests.live import LiveServer

NEW = "another horse, another battery"
TERMS = "https://club.example/terms"


def link_by(server: LiveServer, *arguments: str) -> str:
    answer = json.loads(server.manage("people", *arguments, "--json"))
    return Path(answer["file"]).read_text().strip()


def here(link: str) -> str:
    """A link's path and fragment."""
    return link[link.index("/", len("https://")) :]


@pytest.mark.slow
async def test_from_the_first_administrator_to_people_with_links(own_stage):
    stage, server = own_stage, own_stage.server
    start = here(link_by(server, "invite", "--administrator"))
    root = await stage.person("root")
    await root.goto(start)
    await expect(root.page.get_by_text("makes you an administrator")).to_be_visible()
    assert "#" not in root.page.url, "the secret leaves the address bar"
    await root.sign_up_by_page(start="")
    await root.goto("/admin/")
    await expect(root.page.get_by_text("There is one administrator")).to_be_visible()

    late = await stage.person("late")
    await late.goto(start)
    await expect(late.page.get_by_role("alert")).to_contain_text("used already")

    await root.goto("/admin/accounts/accountlink/make/")
    await root.page.get_by_label("Note").fill("class 3b")
    await root.page.get_by_role("button", name="Make the link").click()
    offered = await root.page.get_by_label("The link").input_value()
    await late.page.goto("about:blank")
    await late.goto(f"{here(offered)}.")  # copied with the end of its sentence
    await expect(late.page.get_by_text("lets you make an account")).to_be_visible()
    await late.sign_up_by_page(start="")
    await late.goto("/rooms/")

    await root.goto(f"/admin/accounts/user/?q={late.name}")
    await root.page.get_by_role("link", name=late.name).click()
    await root.page.get_by_role("link", name="Link to a new password").click()
    await root.page.get_by_role("button", name="Make the link").click()
    reset = await root.page.get_by_label("The link").input_value()
    await late.goto(f"{here(reset)})")
    await late.page.get_by_label("New password", exact=True).fill(NEW)
    await late.page.get_by_role("button", name="Set it").click()
    await expect(late.page.get_by_role("heading", name="Your new password is set")).to_be_visible()


@pytest.mark.slow
async def test_accounts_in_bulk_are_downloaded_as_links(own_stage):
    root = await own_stage.person("root")
    await root.sign_up_by_page(start=here(link_by(own_stage.server, "invite", "--administrator")))
    await root.goto("/admin/accounts/user/create/")
    await root.page.get_by_label("Names").fill("zoe\nyan")
    async with root.page.expect_download() as downloading:
        await root.page.get_by_role("button", name="Make the accounts").click()
    text = (await (await downloading.value).path()).read_text()
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["name"] for row in rows] == ["zoe", "yan"]
    zoe = await own_stage.person()
    zoe.name = "zoe"
    await zoe.goto(here(rows[0]["link"]))
    await zoe.page.get_by_label("New password", exact=True).fill(PASSWORD)
    await zoe.page.get_by_role("button", name="Set it").click()
    await zoe.page.get_by_role("link", name="Log in").click()
    await zoe.fill_account("login")
    await zoe.page.get_by_role("button", name="Log in", exact=True).click()
    await zoe.page.wait_for_url("**/keys/**")


async def with_terms(route: Route) -> None:
    """The site's facts, as they are where the operator has set terms and a provider."""
    answer = await route.fetch()
    await route.fulfill(
        response=answer, json={**await answer.json(), "terms": TERMS, "sso": "Club"}
    )


@pytest.mark.slow
async def test_whoever_gets_an_account_is_shown_the_terms(own_stage):
    """By the form, by single sign-on, or by a link that an administrator made."""
    someone = await own_stage.person("zoe")
    page = someone.page
    await someone.context.route("**/site.json", with_terms)
    terms = page.get_by_role("link", name="terms of this server")
    for path in ("/accounts/signup/", "/accounts/login/"):
        await someone.goto(path)
        await expect(terms).to_have_attribute("href", TERMS)

    someone.name = "yan"
    [row] = csv.DictReader(StringIO(link_by(own_stage.server, "create", someone.name)))
    await someone.goto(here(row["link"]))
    await expect(terms).to_have_attribute("href", TERMS)
    await page.get_by_label("New password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Set it").click()
    await expect(page.get_by_role("heading", name="Your new password is set")).to_be_visible()
    await someone.log_in()
    await expect(page.get_by_role("button", name="This account is new")).to_be_visible()
    await expect(terms).to_have_attribute("href", TERMS)
