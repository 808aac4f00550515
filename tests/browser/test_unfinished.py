"""Who leaves before something they began is finished is asked, or it is finished all the same."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.member_panel import act, members
from tests.browser.people import WAIT, Person
from tests.browser.test_switching_faults import Gate

pytestmark = pytest.mark.slow

ROOM = re.compile(r"/api/v1/chatrooms/\w+$")

LEAVES_UNASKED = """() => {
  const event = new Event("beforeunload", { cancelable: true });
  dispatchEvent(event);
  return !event.defaultPrevented;
}"""


async def begin_hand_over(ada: Person, ben: Person) -> Gate:
    """Ada makes Ben the owner; the server is slow with what is asked before that is signed."""
    gate = Gate()
    async with ada.page.expect_response(ROOM):
        await members(ada)
    await ada.page.route(ROOM, gate.hold)
    async with ada.page.expect_request(ROOM):
        await act(ada, ben, "Hand over ownership", confirm="Hand over")
    return gate


async def owns(person: Person) -> None:
    await expect(person.page.locator("#open-invite")).to_be_visible(timeout=WAIT)


async def goes_to(person: Person, room: str) -> None:
    await person.page.locator("#room-list").get_by_role("link", name=room).click()
    await person.in_room(room)


async def test_who_reloads_at_once_is_asked_and_can_stay_until_it_is_finished(two):
    ada, ben = two
    gate = await begin_hand_over(ada, ben)
    async with ada.page.expect_event("dialog") as asking:
        await ada.page.evaluate("setTimeout(() => location.reload())")
    dialog = await asking.value
    assert dialog.type == "beforeunload"
    await dialog.dismiss()
    await gate.open()
    await owns(ben)
    await ada.page.wait_for_function(LEAVES_UNASKED)


async def test_who_goes_to_another_room_at_once_has_handed_over_all_the_same(two):
    ada, ben = two
    await ada.make_room("Barn")
    await goes_to(ada, "Choir")
    gate = await begin_hand_over(ada, ben)
    await goes_to(ada, "Barn")
    await gate.open()
    await owns(ben)
    await goes_to(ada, "Choir")
    await members(ada)
    line = ada.page.locator(".people li", has_text=ben.name)
    await expect(line.locator(".role")).to_contain_text("owner", ignore_case=True, timeout=WAIT)


async def test_who_is_in_another_room_by_then_is_told_that_it_failed(two):
    ada, ben = two
    await ada.make_room("Barn")
    await goes_to(ada, "Choir")
    gate = await begin_hand_over(ada, ben)
    await goes_to(ada, "Barn")
    await gate.open(fail=True)
    dialog = ada.page.locator("dialog[open]")
    await expect(dialog).to_contain_text("That did not work", timeout=WAIT)
    await expect(dialog).to_contain_text("could not be reached")
    await dialog.get_by_role("button", name="Close").click()
    await ada.page.unroute(ROOM)
    await goes_to(ada, "Choir")
    await owns(ada)
