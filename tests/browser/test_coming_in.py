"""How people come into a room: asking at a link, history for newcomers, direct rooms."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.direct import ask_to_talk
from tests.browser.member_panel import can_write, members
from tests.browser.people import WAIT, Person
from tests.browser.test_ends_of_invitations import board


@pytest.mark.slow
async def test_who_must_be_let_in_asks_and_then_reads_everything(stage):
    ada, link = await board(stage)
    ben = await (await stage.person("ben")).sign_up()
    await ben.page.goto(link)
    await ben.page.get_by_role("button", name="Ask to join").click()
    await expect(ben.page.get_by_text("You have asked to join")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator("#knock-count")).to_have_text("1", timeout=WAIT)
    eve = await asks_and_leaves(stage, link)
    await members(ada)
    await ada.page.get_by_role("button", name=f"Accept {ben.name}").click()
    await ben.in_room("Board")
    questions = [line for line in ben.sent if line.endswith(b"/knock")]
    assert len(questions) <= 5, questions  # the request itself, and one for each news: no polling
    await ben.sees("minutes of the last meeting")
    await expect(ben.page.locator(".asked-room")).to_have_count(0)
    await ada.page.get_by_role("button", name=f"Refuse {eve.name}").click()
    await expect(ada.page.locator("#knock-count")).to_be_hidden(timeout=WAIT)
    asked = eve.page.locator(".asked-room")
    for _ in range(2):
        await expect(asked).to_contain_text("BoardNobody there let you in", timeout=WAIT)
        await eve.page.reload()
    await asked.get_by_role("button", name="Remove Board from this list").click()
    await expect(asked).to_have_count(0)
    await eve.page.reload()
    await expect(eve.page.get_by_role("heading", name="Your rooms")).to_be_visible(timeout=WAIT)
    await expect(asked).to_have_count(0)


async def asks_and_leaves(stage, link: str) -> Person:
    """The list shows a request to join after its page was closed."""
    eve = await (await stage.person("eve")).sign_up()
    await eve.page.goto(link)
    await eve.page.get_by_role("button", name="Ask to join").click()
    await eve.page.get_by_role("link", name="To your rooms").click(timeout=WAIT)
    await expect(eve.page.locator(".asked-room")).to_contain_text("BoardYou asked to join")
    return eve


@pytest.mark.slow
async def test_a_newcomer_may_be_shown_only_what_comes_after(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/rooms/new/")
    await ada.page.get_by_label("Name", exact=True).fill("Now")
    await ada.page.get_by_text("Only what is written after they came").click()
    await ada.page.get_by_role("button", name="Make the room").click()
    await ada.in_room("Now")
    await ada.say("an old secret")
    await ada.sees_sent("an old secret")
    ben = await (await stage.person("ben")).sign_up()
    await ben.page.goto(await ada.invite())
    await ben.page.get_by_role("button", name="Join", exact=True).click()
    await can_write(ben)
    await ben.say("hello from the newcomer")
    await ada.sees("an old secret", "hello from the newcomer")
    await ada.say("and a new one")
    await ben.sees("hello from the newcomer", "and a new one")
    assert await ben.page.get_by_text("an old secret").count() == 0


@pytest.mark.slow
async def test_a_direct_room_is_a_request_that_the_other_accepts(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ben.goto("/rooms/")
    await ask_to_talk(ada, ben, "do you sing?")
    await ben.page.get_by_text(f"{ada.name} wants to talk to you").first.click()
    await ben.in_room(ada.name)
    await ben.page.locator("#room-answer").get_by_role("button", name="Accept").click()
    await can_write(ben)
    await ben.say("badly")
    await ada.sees("do you sing?", "badly")


@pytest.mark.slow
async def test_abuse_a_request_tells_its_sender_nothing_before_it_is_accepted(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ben.goto("/rooms/")
    await ask_to_talk(ada, ben, "are you there?")
    await ben.page.get_by_text(f"{ada.name} wants to talk to you").first.click()
    await ben.in_room(ada.name)
    await ben.sees("are you there?")
    given_away = b"\n".join(ben.sent)
    for word in (b"/key_request", b"/wraps", b"/boxes", b'"read"', b"typing_start"):
        assert word not in given_away, word
    await expect(ada.page.locator("#member-count")).to_have_text("2", timeout=WAIT)
    await expect(ada.page.locator(".people .here")).to_have_count(0)
    await ben.page.locator("#room-answer").get_by_role("button", name="Accept").click()
    await can_write(ben)
    await ada.say("good")
    await ben.sees("are you there?", "good")


@pytest.mark.slow
async def test_nobody_by_that_name_is_said(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.goto("/rooms/new/")
    await ada.page.get_by_label("Their user name").fill("nobody-at-all")
    await ada.page.get_by_role("button", name="Start").click()
    await expect(ada.page.locator("#new-direct-error")).to_be_visible(timeout=WAIT)
