"""A room's leaders in the browser: ranks taken away, former members banned, and who follows."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.member_panel import act, members, reload_room
from tests.browser.people import WAIT


@pytest.mark.slow
async def test_a_moderator_becomes_an_ordinary_member_and_both_go_on(two):
    ada, ben = two
    await ada.say("before")  # log events stand between messages
    await members(ada)
    await act(ada, ben, "Make a moderator", confirm="Make a moderator")
    await expect(ben.page.locator("#open-invite")).to_be_visible(timeout=WAIT)
    await act(ada, ben, "Make an ordinary member", confirm="Make an ordinary member")
    await expect(ben.page.locator("#open-invite")).to_be_hidden(timeout=WAIT)
    await expect(ada.page.locator("#conversation")).to_contain_text(
        f"made {ben.name} a member. The key was renewed.", timeout=WAIT
    )
    await ben.say("still here")
    await ada.sees("still here")


@pytest.mark.slow
async def test_who_has_left_is_banned_in_the_panel(two):
    ada, ben = two
    await members(ben)
    await ben.page.get_by_role("button", name="Leave this room").click()
    await ben.page.locator("dialog[open]").get_by_role("button", name="Leave this room").click()
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await members(ada)
    await ada.page.get_by_text("1 former member").click()
    await ada.page.get_by_role("button", name=f"Ban {ben.name}").click()
    await ada.page.locator("dialog[open]").get_by_role("button", name="Ban", exact=True).click()
    lift = ada.page.get_by_role("button", name=f"Lift the ban of {ben.name}")
    await expect(lift).to_be_visible(timeout=WAIT)
    await lift.click()
    await expect(ada.page.get_by_role("button", name=f"Ban {ben.name}")).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_the_successor_takes_the_room_over(server, two):
    ada, ben = two
    await ada.say("before")
    await members(ada)
    await act(ada, ben, "Name as successor", confirm="Name as successor")
    await expect(ada.page.locator(".people li", has_text=ben.name)).to_contain_text("successor")
    server.manage("people", "disable", ada.name)
    await reload_room(ben)
    notice = ben.page.locator("#room-notice")
    await expect(notice).to_contain_text(f"The account of {ada.name}", timeout=WAIT)
    await notice.get_by_role("button", name="Take over this room").click()
    await expect(notice).to_be_hidden(timeout=WAIT)
    await expect(ben.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ben.say("mine now")
    await ben.sees_sent("mine now")


@pytest.mark.slow
async def test_without_a_successor_a_new_room_is_offered(server, two):
    ada, ben = two
    server.manage("people", "disable", ada.name)
    await reload_room(ben)
    notice = ben.page.locator("#room-notice")
    await expect(notice).to_contain_text("there is no successor", timeout=WAIT)
    await ben.say("goes on")
    await ben.sees_sent("goes on")
    await notice.get_by_role("button", name="Make a new room").click()
    said = ben.page.locator(".message-text", has_text="I made a new room for us")
    await expect(said).to_contain_text("/i#1.", timeout=WAIT)
