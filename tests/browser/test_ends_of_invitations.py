"""Invitations and requests that end while their page stands open: each again after a reload."""

from __future__ import annotations

import sqlite3
import time

import pytest
from playwright.async_api import expect

from tests.browser.member_panel import members
from tests.browser.people import WAIT, Person

pytestmark = pytest.mark.slow


async def board(stage) -> tuple[Person, str]:
    """ada's room, into which she lets people, and a link to it."""
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/rooms/new/")
    await ada.page.get_by_label("Name", exact=True).fill("Board")
    await ada.page.get_by_text("Only whom you or a moderator let in").click()
    await ada.page.get_by_role("button", name="Make the room").click()
    await ada.in_room("Board")
    await ada.say("minutes of the last meeting")
    await ada.sees_sent("minutes of the last meeting")
    return ada, await ada.invite()


async def asks(stage, link: str) -> Person:
    ben = await (await stage.person("ben")).sign_up()
    await ben.page.goto(link)
    await ben.page.get_by_role("button", name="Ask to join").click()
    await expect(ben.page.get_by_text("You have asked to join")).to_be_visible(timeout=WAIT)
    return ben


async def revoke(ada: Person) -> None:
    await ada.page.get_by_role("button", name="Invite", exact=True).click()
    await ada.page.get_by_role("button", name="Revoke").click()
    await expect(ada.page.get_by_text("No open links.")).to_be_visible(timeout=WAIT)
    await ada.page.get_by_role("button", name="Close", exact=True).click()


@pytest.mark.parametrize("end", ["withdrawn", "used up", "expired"])
async def test_a_link_that_ends_while_its_page_stands_open(server, stage, end):
    ada = await (await stage.person("ada")).sign_up()
    room = await ada.make_room("Choir")
    link = await ada.invite()
    ben = await (await stage.person("ben")).sign_up()
    await ben.page.goto(link)
    join = ben.page.get_by_role("button", name="Join", exact=True)
    await expect(join).to_be_visible(timeout=WAIT)
    if end == "withdrawn":
        await revoke(ada)
    elif end == "used up":
        cleo = await (await stage.person("cleo")).sign_up()
        await cleo.join(link, "Choir")
    else:
        past = int(time.time() * 1000) - 1000
        with sqlite3.connect(server.data / "sotto.sqlite3", timeout=30) as database:
            database.execute(
                "UPDATE invitations SET expires_ms = ? WHERE room_id = ?", (past, room)
            )
        database.close()
    await join.click()
    for _ in range(3):
        await expect(ben.page.locator("#invite-ended")).to_contain_text(end, timeout=WAIT)
        await expect(ben.page.locator("#invite-again")).to_be_hidden()
        await ben.page.reload()


async def test_who_is_refused_while_the_page_stands_open_may_ask_again(stage):
    ada, link = await board(stage)
    ben = await asks(stage, link)
    await members(ada)
    for name, sees in (("Refuse", None), ("Accept", "minutes of the last meeting")):
        await ada.page.get_by_role("button", name=f"{name} {ben.name}").click()
        if sees:
            await ben.in_room("Board")
            await ben.sees(sees)
            return
        for _ in range(2):
            await expect(ben.page.locator("#invite-ended")).to_contain_text(
                "Nobody there let you in"
            )
            await ben.page.reload()
        await ben.page.get_by_role("button", name="Ask again").click()
        await ben.page.get_by_role("button", name="Ask to join").click()
        await expect(ben.page.get_by_text("You have asked to join")).to_be_visible(timeout=WAIT)


async def test_a_request_goes_on_though_its_link_was_withdrawn(stage):
    ada, link = await board(stage)
    ben = await asks(stage, link)
    await revoke(ada)
    await ben.page.reload()
    await expect(ben.page.get_by_text("You have asked to join")).to_be_visible(timeout=WAIT)
    await members(ada)
    await ada.page.get_by_role("button", name=f"Accept {ben.name}").click()
    await ben.in_room("Board")
    await ben.sees("minutes of the last meeting")
    await ben.page.reload()
    await ben.sees("minutes of the last meeting")
