"""Signing in at a provider, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.accounts.sso.provider import provider
from tests.accounts.sso.visits import CLIENT, GROUP
from tests.browser.people import WAIT, Stage
from tests.live import LiveServer

pytestmark = pytest.mark.slow


async def test_a_person_of_the_group_comes_in_by_single_sign_on(tmp_path, browser):
    with provider() as at:
        at.person("u-1", preferred_username="ada", groups=[GROUP])
        variables = {
            "OIDC_ISSUER": at.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": "a secret",
            "OIDC_NAME": "Orchard ID",
            "OIDC_SIGN_UP_GROUP": GROUP,
        }
        with LiveServer(tmp_path / "data", **variables) as server:
            async with Stage(server, browser) as stage:
                page = (await stage.person()).page
                await page.goto(f"{server.url}/accounts/login/?next=/settings/")
                await page.get_by_role("button", name="Orchard ID").click()
                await page.wait_for_url(f"{at.url}/**", timeout=WAIT)
                await page.locator("input[name=sub]").first.fill("u-1")
                await page.locator("button, input[type=submit]").first.click()
                await page.get_by_role("button", name="This account is new").click()
                kit = page.get_by_role("heading", name="Keep your recovery kit")
                await expect(kit).to_be_visible(timeout=WAIT)
                await page.get_by_role("button", name="I have saved it").click()
                await expect(page).not_to_have_url(f"{server.url}/keys/**", timeout=WAIT)
                facts = await page.evaluate("fetch('/site.json').then((one) => one.json())")
                assert facts["me"]["name"] == "ada"
