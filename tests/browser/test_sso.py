"""Signing in at a provider, in a real browser."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.accounts.sso.provider import Provider, provider
from tests.accounts.sso.visits import CLIENT, GROUP
from tests.browser.people import WAIT, Person, Stage
from tests.live import LiveServer

pytestmark = pytest.mark.slow

TWO_CHECKS = 150_000  # ms: the provider is asked once a minute about whom a minute has passed


@pytest_asyncio.fixture(loop_scope="session")
async def meeting(tmp_path, browser) -> AsyncIterator[tuple[Stage, Provider]]:
    """A site that lets people in by single sign-on, and the provider that it asks."""
    with provider() as at:
        variables = {
            "OIDC_ISSUER": at.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": "a secret",
            "OIDC_NAME": "Orchard ID",
            "OIDC_SIGN_UP_GROUP": GROUP,
            "OIDC_RECHECK": "1",
        }
        with LiveServer(tmp_path / "data", **variables) as server:
            async with Stage(server, browser) as stage:
                yield stage, at


async def sign_in(stage: Stage, at: Provider, subject: str, name: str) -> Person:
    """Somebody whom the provider knows, with an account that is new and keys that are kept."""
    at.person(subject, preferred_username=name, groups=[GROUP])
    person = await stage.person()
    page = person.page
    await person.goto("/accounts/login/?next=/settings/")
    await page.get_by_role("button", name="Orchard ID").click()
    await page.wait_for_url(f"{at.url}/**", timeout=WAIT)
    await page.locator("input[name=sub]").first.fill(subject)
    await page.locator("button, input[type=submit]").first.click()
    await page.get_by_role("button", name="This account is new").click()
    kit = page.get_by_role("heading", name="Keep your recovery kit")
    await expect(kit).to_be_visible(timeout=WAIT)
    await page.get_by_role("button", name="I have saved it").click()
    await page.wait_for_url(lambda url: "/keys/" not in url, timeout=WAIT)
    person.name = name
    return person


async def test_a_person_of_the_group_comes_in_by_single_sign_on(meeting):
    stage, at = meeting
    ada = await sign_in(stage, at, "u-1", "ada")
    facts = await ada.page.evaluate("fetch('/site.json').then((one) => one.json())")
    assert facts["me"]["name"] == "ada"


async def test_who_is_removed_at_the_provider_is_signed_out_in_the_room(meeting):
    stage, at = meeting
    ada = await sign_in(stage, at, "u-2", "ada")
    await ada.make_room("Orchard")
    await ada.say("the apples are in")
    await ada.sees_sent("the apples are in")
    httpx2.post(f"{at.url}/users/u-2/revoke-tokens").raise_for_status()
    banner = ada.page.locator("#banner")
    await expect(banner).to_contain_text("You are signed out", timeout=TWO_CHECKS)
    await ada.sees("the apples are in")
    await ada.page.reload()
    await ada.page.get_by_role("heading", name="Welcome back").wait_for()
    await expect(ada.page.get_by_role("button", name="Orchard ID")).to_be_visible()


async def test_settings_without_a_password_offer_what_applies_and_confirm_at_the_provider(meeting):
    stage, at = meeting
    ada = await sign_in(stage, at, "u-3", "ada")
    page = ada.page
    await ada.goto("/settings/")
    none = page.get_by_text("Your account has none: single sign-on lets you in.")
    await expect(none).to_be_visible(timeout=WAIT)
    await expect(page.get_by_role("link", name="Change the password")).to_be_hidden()
    await page.get_by_role("button", name="Delete this account").click()
    dialog = page.get_by_role("dialog", name="Delete this account?")
    await expect(dialog.get_by_label("Your password")).to_be_hidden()
    delete = dialog.get_by_role("button", name="Delete", exact=True)
    await expect(delete).to_be_hidden()
    asked = {"auth_time": int(time.time()), "preferred_username": "ada", "groups": [GROUP]}
    at.person("u-3", **asked)  # the provider says when it asked, as this site wants to know
    await dialog.get_by_role("button", name="Confirm that it is you").click()
    await page.wait_for_url(f"{at.url}/**", timeout=WAIT)
    await page.locator("input[name=sub]").first.fill("u-3")
    await page.locator("button, input[type=submit]").first.click()
    await page.wait_for_url("**/settings/", timeout=WAIT)
    await page.get_by_role("button", name="Delete this account").click()
    await expect(delete).to_be_visible(timeout=WAIT)
    await delete.click()
    await page.wait_for_url("**/#deleted", timeout=WAIT)
