"""A second factor, from the settings to the next log-in."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.async_api import CDPSession, expect

from tests.browser.people import PASSWORD, WAIT, Person, Stage
from tests.live import LiveServer


def shown(secret: str, steps: int) -> str:
    """What an app with `secret` shows, some steps of 30 s from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.mark.slow
async def test_an_authenticator_app_is_set_up_and_asked_for(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/settings/")
    await ada.page.get_by_role("link", name="Look at it").click()
    await ada.page.get_by_role("button", name="Set up an app").click()
    password = ada.page.locator("#confirm-password")
    await password.fill("not this one")
    await ada.page.get_by_role("button", name="Go on").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The password is not right.")
    await password.fill(PASSWORD)
    await ada.page.get_by_role("button", name="Go on").click()
    code = ada.page.locator("#factor-on-code")
    await expect(ada.page.locator("#factor-pairing")).to_be_focused(timeout=WAIT)
    picture = ada.page.locator("#factor-qr")
    await picture.evaluate("(one) => one.decode()")
    await ada.page.emulate_media(color_scheme="dark")
    ground = await picture.evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert ground == "rgb(255, 255, 255)", "cameras want dark on light"
    secret = await ada.page.locator("#factor-secret").inner_text()
    await code.fill("000000")
    await ada.page.get_by_role("button", name="Add it").click()
    await expect(ada.page.get_by_role("alert")).to_contain_text("The code is not right.")
    await code.fill(shown(secret, 0))
    await ada.page.get_by_role("button", name="Add it").click()
    codes = ada.page.locator("#factor-codes code")
    await expect(codes).to_have_count(10, timeout=WAIT)
    recovery = await codes.first.inner_text()

    away = await stage.person()
    away.name = ada.name
    await away.log_in()
    await expect(away.page.get_by_label("Code", exact=True)).to_be_focused()
    await away.page.get_by_label("Code", exact=True).fill(recovery)
    await away.page.get_by_role("button", name="Log in", exact=True).click()
    await away.page.get_by_text("Choose recovery kit").wait_for()

    await ada.goto("/settings/second-factor/")
    await expect(ada.page.get_by_text("9 recovery codes are left.")).to_be_visible()
    await ada.page.get_by_role("button", name="Turn the second factor off").click()
    await ada.page.locator("#confirm-password").fill(PASSWORD)
    await ada.page.get_by_role("button", name="Turn it off").click()
    await expect(ada.page.locator("#confirm-code")).to_be_focused()
    await ada.page.locator("#confirm-code").fill(shown(secret, 1))
    await ada.page.get_by_role("button", name="Turn it off").click()
    await expect(ada.page.get_by_role("button", name="Set up an app")).to_be_visible()


async def give_authenticator(person: Person) -> tuple[CDPSession, str]:
    """Chromium's own authenticator in software, whose person is always there and verified."""
    session = await person.context.new_cdp_session(person.page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


async def log_out(person: Person) -> None:
    await person.goto("/accounts/logout/")
    await person.page.get_by_role("button", name="Log out").click()
    await person.page.wait_for_url(f"{person.stage.url}/")


@pytest.mark.slow
async def test_a_passkey_is_added_and_logs_in_beside_the_password_and_alone(stage):
    ada = await (await stage.person("ada")).sign_up()
    session, device = await give_authenticator(ada)
    page, passkey = ada.page, {"name": "Use a passkey"}
    await ada.goto("/settings/second-factor/")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_label("Name").fill("Laptop")
    await page.locator("#confirm-password").fill(PASSWORD)
    await page.get_by_role("button", name="Add it").click()
    await expect(page.locator("#factor-codes code")).to_have_count(10, timeout=WAIT)
    recovery = await page.locator("#factor-codes code").first.inner_text()
    await ada.goto("/settings/second-factor/")
    await expect(page.locator("#passkey-list")).to_contain_text("not used yet")
    await page.get_by_role("button", name="Rename Laptop").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Work laptop")
    await page.get_by_role("button", name="Rename it").click()
    await expect(page.locator("#passkey-list")).to_contain_text("Work laptop")

    await log_out(ada)
    await ada.log_in()  # no code is asked for: the passkey answers
    await page.wait_for_url("**/rooms/")

    await log_out(ada)
    await ada.goto("/accounts/login/")
    await page.get_by_role("button", name="Log in with a passkey").click()
    await page.wait_for_url("**/rooms/")
    await ada.goto("/settings/")
    await expect(page.locator("#device-state")).to_contain_text("has your keys")

    await log_out(ada)
    verified = {"authenticatorId": device, "isUserVerified": False}
    await session.send("WebAuthn.setUserVerified", verified)
    await ada.goto("/accounts/login/")
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("No passkey was used.", timeout=WAIT)
    await ada.log_in()
    await expect(page.get_by_role("alert")).to_contain_text("No passkey was used.", timeout=WAIT)
    await expect(page.get_by_role("button", **passkey)).to_be_visible()
    await session.send("WebAuthn.setUserVerified", {**verified, "isUserVerified": True})
    await page.get_by_role("button", **passkey).click()
    await page.wait_for_url("**/rooms/")

    await ada.goto("/settings/second-factor/")
    await page.get_by_role("button", name="Remove Work laptop").click()
    await page.locator("#confirm-password").fill(PASSWORD)
    await session.send("WebAuthn.setUserVerified", verified)
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.get_by_role("alert")).to_contain_text("No passkey was used.", timeout=WAIT)
    await page.locator("#confirm-code").fill(recovery)
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.locator("#passkey-list li")).to_have_count(0, timeout=WAIT)
    await expect(page.locator("#recovery")).to_be_hidden()


@pytest.mark.slow
async def test_a_browser_without_passkeys_offers_none(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.context.add_init_script("delete globalThis.PublicKeyCredential;")
    await ada.goto("/settings/second-factor/")
    await expect(ada.page.locator("#passkey-none")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator("#passkey-add")).to_be_hidden()
    away = await stage.person()
    await away.context.add_init_script("delete globalThis.PublicKeyCredential;")
    await away.goto("/accounts/login/")
    await expect(away.page.get_by_role("button", name="Log in", exact=True)).to_be_enabled()
    await expect(away.page.locator("#passkey-offer")).to_be_hidden()


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
            await ada.page.get_by_role("button", name="Set up an app").click()
            await ada.page.locator("#confirm-password").fill(PASSWORD)
            await ada.page.get_by_role("button", name="Go on").click()
            await expect(ada.page.locator("#factor-pairing")).to_be_focused(timeout=WAIT)
            secret = await ada.page.locator("#factor-secret").inner_text()
            await ada.page.locator("#factor-on-code").fill(shown(secret, 0))
            await ada.page.get_by_role("button", name="Add it").click()
            await ada.page.get_by_role("link", name="I have kept them").click()
            await expect(ada.page).to_have_url(server.url + "/keys/")
            kit = ada.page.get_by_role("heading", name="Keep your recovery kit")
            await expect(kit).to_be_visible(timeout=WAIT)
