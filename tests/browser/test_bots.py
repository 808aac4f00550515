"""Bots as their owner sees them in the settings, and others in a room."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from sotto.client import Client
from tests.browser.test_reports import shot
from tests.vectors.making import cast


@pytest.mark.slow
async def test_a_bot_is_made_marked_in_its_room_and_revoked(stage):
    ada = await (await stage.person("ada")).sign_up()
    name = f"bot.of.{ada.name}"[:32]
    await ada.goto("/settings/")
    await ada.page.get_by_role("link", name="Look at them").click()
    await ada.page.get_by_label("User name").fill(name)
    await ada.page.get_by_role("button", name="Make the bot and a token").click()
    shown = ada.page.locator("#bot-token-text")
    await expect(shown).to_contain_text("sotto-bot.")
    token = await shown.inner_text()
    await shot(ada.page, "bot-token")
    await expect(ada.page.locator(".bot")).to_contain_text("joins and changes rooms")

    await ada.goto("/rooms/")
    await ada.make_room("Orchard")
    link = await ada.invite()
    async with Client(stage.url) as bot:
        await bot.account.log_in_bot(token, cast()["ben"].keys)
        room = await bot.rooms.join(link)
        await bot.messages.send(room, "the build is green")
        await ada.sees("the build is green")
        await ada.page.reload()
        await ada.sees("the build is green")
        await expect(ada.page.locator(".message .bot-tag")).to_have_text("bot")
        await shot(ada.page, "bot-room")
        await ada.page.locator("#open-members").click()
        await expect(ada.page.locator(".mark.bot")).to_have_text("bot")
        await shot(ada.page, "bot-members")

        await ada.goto("/settings/bots/")
        assert token not in await ada.page.content()
        await shot(ada.page, "bot-settings")
        await ada.page.get_by_role("button", name="Revoke").click()
        await ada.page.get_by_role("button", name="Revoke it").click()
        await expect(ada.page.locator(".bot")).to_contain_text("It has no token")
