"""Who is in a room and what becomes of them: roles, removal, trust, new keys."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import expect

from tests.browser.member_panel import act, can_write, members
from tests.browser.people import PASSWORD, WAIT, Person

# --- roles and removal -------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_moderator_is_made_and_may_invite(two):
    ada, ben = two
    await members(ada)
    await act(ada, ben, "Make a moderator", confirm="Make a moderator")
    await expect(ada.page.locator(".people li", has_text=ben.name)).to_contain_text("moderator")
    await expect(ben.page.locator("#open-invite")).to_be_visible(timeout=WAIT)
    link = await ben.invite()
    assert "/i#1." in link


@pytest.mark.slow
async def test_who_is_removed_reads_nothing_more_and_old_links_are_dead(stage, two):
    ada, ben = two
    await ada.page.reload()
    link = await ada.invite(people="25")
    await ada.say("before")
    await ben.sees("before")
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ada.page.get_by_role("button", name="Close", exact=True).click()
    await ada.say("after")
    await ada.sees_sent("after")
    await expect(ben.page.locator("#room-answer")).to_contain_text("removed you", timeout=WAIT)
    assert await ben.page.get_by_text("after", exact=True).count() == 0
    cleo = await stage.person("cleo")
    await cleo.page.goto(link)
    await expect(cleo.page.locator("#invite-ended")).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_the_maker_of_a_voided_link_is_offered_a_new_one(two):
    ada, ben = two
    await ada.page.reload()
    await ada.invite(people="25")
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ada.page.get_by_role("button", name="Close", exact=True).click()
    await ada.page.get_by_role("button", name="Invite", exact=True).click()
    await expect(ada.page.locator("#panel")).to_contain_text("Your link ended when", timeout=WAIT)
    await ada.page.get_by_role("button", name="Make a new one").click()
    await ada.page.locator("#invite-link").wait_for()


@pytest.mark.slow
async def test_the_room_is_handed_over_and_left(two):
    ada, ben = two
    await members(ada)
    await act(ada, ben, "Hand over ownership", confirm="Hand over")
    await expect(ben.page.locator("#open-invite")).to_be_visible(timeout=WAIT)
    await ada.page.get_by_role("button", name="Leave this room").click()
    await ada.page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await ada.page.wait_for_url("**/rooms/")
    await expect(ben.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ben.say("alone now")
    await ben.sees_sent("alone now")


@pytest.mark.slow
async def test_a_room_is_closed_for_good(two):
    ada, ben = two
    await ada.say("soon gone")
    await ben.sees("soon gone")
    await members(ada)
    await ada.page.get_by_role("button", name="Close this room").click()
    dialog = ada.page.locator("dialog[open]")
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Close").click()
    bar = ben.page.locator("#room-answer")
    await expect(bar).to_contain_text("closed this room for good", timeout=WAIT)
    await bar.get_by_role("button", name="Remove it from this browser").click()
    await ben.page.locator("dialog[open]").get_by_role("button", name="Remove it").click()
    await ben.page.wait_for_url("**/rooms/")
    await expect(ben.page.locator("#room-list")).to_contain_text("No rooms yet", timeout=WAIT)


# --- trust -------------------------------------------------------------------------------------


async def number_of(person: Person, other: Person) -> str:
    await members(person)
    await act(person, other, "Compare numbers")
    return await person.page.locator(".digits").inner_text()


@pytest.mark.slow
async def test_two_people_compare_the_same_number(two):
    ada, ben = two
    mine, theirs = await number_of(ada, ben), await number_of(ben, ada)
    assert mine.split() == theirs.split()
    assert sum(character.isdigit() for character in mine) == 60
    await ada.page.get_by_role("button", name="The numbers are the same").click()
    await ada.page.get_by_role("button", name="Back to Members").click()
    await expect(ada.page.locator(".people li", has_text=ben.name)).to_contain_text("verified")


@pytest.mark.slow
async def test_lost_keys_are_replaced_and_everybody_decides(stage, two):
    ada, ben = two
    await ada.say("before the loss")
    await ben.sees("before the loss")
    again = await stage.person("ben-again")
    again.name = ben.name
    await again.log_in()
    await again.page.get_by_role("button", name="I do not have it any more").click()
    await again.page.get_by_label("Your password").fill(PASSWORD)
    async with again.page.expect_download():
        await again.page.get_by_role("button", name="Make new keys").click()
    await again.confirm_kit()
    await again.page.get_by_role("link", name=ada.name).click()
    await expect(again.page.locator("#room-answer")).to_contain_text("new keys", timeout=WAIT)
    await expect(ada.page.locator("#knock-count")).to_have_text("1", timeout=WAIT)
    notice = ada.page.locator("#new-keys")
    line = ada.page.locator("#timeline").get_by_text(f"{ben.name} has new keys and asks")
    for _ in range(2):  # what is put off comes back at the next visit
        await expect(notice).to_contain_text(f"{ben.name} has new keys", timeout=WAIT)
        await expect(line).to_be_visible(timeout=WAIT)
        await notice.get_by_role("button", name="Later").click()
        await expect(notice).to_be_hidden()
        await expect(line).to_be_visible()
        await ada.page.reload()
    await notice.get_by_role("button", name="Compare numbers").click(timeout=WAIT)
    dialog = ada.page.locator("dialog[open]")
    await expect(dialog.locator("p", has_text=re.compile(r"(\d{5} ){11}\d{5}"))).to_be_visible()
    await dialog.get_by_role("button", name="Cancel").click()
    await notice.get_by_role("button", name="Let in").click()
    await ada.page.locator("dialog[open]").get_by_role("button", name="I have asked").click()
    await can_write(again)
    await expect(notice).to_be_hidden(timeout=WAIT)
    await expect(line).to_have_count(0)
    await expect(ada.page.locator("#room-list .badge.quiet")).to_have_count(0, timeout=WAIT)
    await again.sees("before the loss")
    await again.say("here again")
    await ada.sees("before the loss", "here again")


@pytest.mark.slow
async def test_a_kit_that_the_server_keeps_opens_with_its_code(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/settings/")
    await ada.page.locator("#sealed-kit-file").set_input_files(
        {"name": "kit.json", "mimeType": "application/json", "buffer": (ada.kit or "").encode()}
    )
    kept = "A sealed copy is kept here."
    await expect(ada.page.locator("#sealed-kit-state")).to_have_text(kept, timeout=WAIT)
    code = json.loads(ada.kit or "")["code"]
    assert not any(code.encode() in sent for sent in ada.sent), "the code stays here"
    again = await stage.person("ada-again")
    again.name = ada.name
    await again.log_in()
    await again.page.get_by_label("Or type its code").fill("0000-" * 7 + "0000")
    await again.page.get_by_role("button", name="Use the code").click()
    await expect(again.page.locator("#restore-error")).to_contain_text(
        "does not open", timeout=WAIT
    )
    await again.page.get_by_label("Or type its code").fill(code.lower().replace("-", " "))
    await again.page.get_by_role("button", name="Use the code").click()
    await again.page.wait_for_url("**/rooms/")


@pytest.mark.slow
async def test_somebody_is_blocked_and_unblocked(two):
    ada, ben = two
    await members(ada)
    await act(ada, ben, "Block", confirm="Block")
    await expect(ada.page.locator(".people li", has_text=ben.name)).to_contain_text("blocked")
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Unblock").click()
    await expect(ada.page.locator("#blocked")).to_be_hidden(timeout=WAIT)


@pytest.mark.slow
async def test_an_account_is_deleted_after_it_left_every_room(stage, two):
    ada, ben = two
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Delete this account").click()
    await ada.page.get_by_label("Your password").fill("not the password")
    await ada.page.locator("#delete-go").click()
    await expect(ada.page.locator("#delete-error")).to_be_visible(timeout=WAIT)
    await ada.page.get_by_label("Your password").fill(PASSWORD)
    await ada.page.locator("#delete-go").click()
    owned = ada.page.locator("#delete-owned")
    await expect(owned).to_contain_text("Nothing was changed", timeout=WAIT)
    await owned.get_by_role("link").click()
    await members(ada)
    await act(ada, ben, "Hand over ownership", confirm="Hand over")
    line = ada.page.locator(".people li", has_text=ben.name)
    await expect(line.locator(".role")).to_contain_text("owner", ignore_case=True, timeout=WAIT)
    await ada.goto("/settings/")
    await ada.page.get_by_role("button", name="Delete this account").click()
    await ada.page.get_by_label("Your password").fill(PASSWORD)
    await ada.page.locator("#delete-go").click()
    await ada.page.wait_for_url(f"{stage.url}/#deleted")
    await expect(ada.page.locator("#account-ended")).to_be_visible()
    await expect(ben.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await expect(ben.page.locator("#open-invite")).to_be_visible(timeout=WAIT)


# --- what one can see of a room ----------------------------------------------------------------


@pytest.mark.slow
async def test_the_room_tells_the_truth_about_itself(two):
    ada, ben = two
    await ada.say("one")
    await ben.sees("one")
    await ada.page.locator("#room-trust").click()
    panel = ada.page.locator("#panel")
    await panel.get_by_role("button", name="Who can read what").click()
    await expect(panel).to_contain_text(ben.name, timeout=WAIT)
    await ada.page.get_by_role("button", name="Back to This room").click()
    await panel.get_by_role("button", name="What happened here").click()
    await expect(panel).to_contain_text(f"{ben.name} joined by a link.", timeout=WAIT)
    await ada.page.get_by_role("button", name="Back to This room").click()
    await panel.get_by_role("button", name="Name and topic").click()
    await panel.get_by_label("Name", exact=True).fill("Small choir")
    await panel.get_by_role("button", name="Save").click()
    await ben.in_room("Small choir")
