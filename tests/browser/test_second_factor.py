"""A second factor, from the settings to the next log-in."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.async_api import expect

from tests.browser.people import PASSWORD, WAIT, Stage
from tests.live import LiveServer


def shown(secret: str, steps: int) -> str:
    """What an app with `secret` shows, some steps of 30 s from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.mark.slow
async def test_an_authenticator_app_is_set_up_and_asked_for(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/settings/")
    await ada.page.get_by_role("link", name="Look at it").click()
    password = ada.page.locator("#factor-begin-password")
    await password.fill("not this one")
    await ada.page.get_by_role("button", name="Set it up").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The password is not right.")
    await password.fill(PASSWORD)
    await ada.page.get_by_role("button", name="Set it up").click()
    code = ada.page.locator("#factor-on-code")
    await expect(ada.page.locator("#factor-pairing")).to_be_focused(timeout=WAIT)
    await ada.page.locator("#factor-qr").evaluate("(picture) => picture.decode()")
    secret = await ada.page.locator("#factor-secret").inner_text()
    await code.fill("000000")
    await ada.page.get_by_role("button", name="Turn it on").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The code is not right.")
    await code.fill(shown(secret, 0))
    await ada.page.get_by_role("button", name="Turn it on").click()
    codes = ada.page.locator("#factor-codes code")
    await expect(codes).to_have_count(10, timeout=WAIT)
    recovery = await codes.first.inner_text()

    away = await stage.person()
    away.name = ada.name
    await away.log_in()
    await expect(away.page.get_by_label("Code", exact=True)).to_be_focused()
    await away.page.get_by_label("Code", exact=True).fill(recovery)
    await away.page.get_by_role("button", name="Log in").click()
    await away.page.get_by_text("Choose recovery kit").wait_for()

    await ada.goto("/settings/second-factor/")
    await expect(ada.page.get_by_text("9 recovery codes are left.")).to_be_visible()
    await ada.page.locator("#factor-change-password").fill(PASSWORD)
    await ada.page.locator("#factor-change-code").fill(shown(secret, 1))
    await ada.page.get_by_role("button", name="Turn it off").click()
    await expect(ada.page.get_by_role("button", name="Set it up")).to_be_visible()


@pytest.mark.slow
async def test_a_site_that_asks_everybody_leads_to_the_set_up_and_on(tmp_path, browser):
    with LiveServer(tmp_path / "data", SECOND_FACTOR="everybody") as server:
        async with Stage(server, browser) as stage:
            ada = await stage.person("ada")
            await ada.goto("/accounts/signup/")
            await ada.fill_account("signup")
            await ada.page.get_by_role("button", name="Continue").click()
            notice = ada.page.get_by_text("You need a second factor here.")
            await expect(notice).to_be_visible(timeout=WAIT)
            for path in ("/rooms/", "/settings/", "/keys/", "/"):
                await ada.page.goto(server.url + path)
                await expect(notice).to_be_visible(timeout=WAIT)
            await ada.page.goto(server.url + "/keys/")
            await ada.page.locator("#factor-begin-password").fill(PASSWORD)
            await ada.page.get_by_role("button", name="Set it up").click()
            await expect(ada.page.locator("#factor-pairing")).to_be_focused(timeout=WAIT)
            secret = await ada.page.locator("#factor-secret").inner_text()
            await ada.page.locator("#factor-on-code").fill(shown(secret, 0))
            await ada.page.get_by_role("button", name="Turn it on").click()
            await ada.page.get_by_role("link", name="I have kept them").click()
            await expect(ada.page).to_have_url(server.url + "/keys/")
            kit = ada.page.get_by_role("heading", name="Keep your recovery kit")
            await expect(kit).to_be_visible(timeout=WAIT)
