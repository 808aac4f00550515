"""Ends as a person sees them: who did it, what is kept, what to do; each again after a reload."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.browser.direct import ask_to_talk
from tests.browser.member_panel import act, members, room_is_there
from tests.browser.people import WAIT, Person
from tests.browser.summarising import set_rule
from tests.browser.test_switching_faults import UPLOAD, Gate, attach
from tests.browser.worker import StandIn


async def ended(person: Person, kind: str, text: str) -> None:
    """The bar stands where one would write, and says this."""
    bar = person.page.locator(f"#room-answer[data-end={kind}]")
    await expect(bar).to_contain_text(text, timeout=WAIT)
    await expect(person.page.locator("#composer")).to_be_hidden()
    await expect(person.page.locator("#room-notice .frozen")).to_have_count(0)


async def ended_again(person: Person, kind: str, text: str) -> None:
    """After a reload, and at another visit through the list."""
    await person.page.reload()
    await ended(person, kind, text)
    await person.goto("/rooms/")
    await person.page.locator("#room-list").get_by_role("link", name="Choir").click()
    await ended(person, kind, text)
    await person.in_room("Choir")


async def exports_and_removes(person: Person, *texts: str) -> None:
    """The messages that are kept are in the file; then the room is gone from this browser."""
    page = person.page
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Export what is kept").click()
    file = json.loads((await (await downloading.value).path()).read_text())
    assert [one["text"] for one in file["messages"]] == list(texts)
    await page.get_by_role("button", name="Remove it from this browser").click()
    await page.locator("dialog[open]").get_by_role("button", name="Remove it").click()
    await page.wait_for_url("**/rooms/")
    await expect(page.locator("#room-list")).to_contain_text("No rooms yet", timeout=WAIT)


@pytest.mark.slow
@pytest.mark.parametrize("ban", [False, True], ids=["removed", "banned"])
async def test_removal_leaves_what_was_read_and_written(two_talking, ban):
    ada, ben = two_talking
    await members(ada)
    name = "Remove and ban" if ban else "Remove"
    await act(ada, ben, name, confirm=name)
    kind, says = ("banned", "removed and banned you") if ban else ("removed", "removed you")
    await ended(ben, kind, f"{ada.name} {says}")
    await ended(ben, kind, "only if you")
    await ended_again(ben, kind, f"{ada.name} {says}")
    await ben.sees("shall we sing?", "badly")
    line = ben.page.locator("#room-list .room-link", has_text="Choir")
    by = f"{ada.name} banned you" if ban else f"{ada.name} removed you"
    await expect(line).to_contain_text(by, timeout=WAIT)

    await exports_and_removes(ben, "shall we sing?", "badly")


@pytest.mark.slow
async def test_an_end_that_comes_while_one_is_away(two_talking):
    """Removed while offline, in two tabs, with a message that was not sent."""
    ada, ben = two_talking
    other = await ben.new_tab()
    await other.goto(ben.page.url)
    await expect(other.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ben.context.set_offline(True)
    await ben.say("from the tunnel")
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ben.context.set_offline(False)
    await ended(ben, "removed", f"{ada.name} removed you")
    await ended(ben, "removed", "1 message was not sent")
    await expect(other.locator("#room-answer[data-end=removed]")).to_be_visible(timeout=WAIT)
    await ben.page.reload()
    await ended(ben, "removed", "1 message was not sent")
    await ben.sees("shall we sing?", "badly", "from the tunnel")


@pytest.mark.slow
async def test_an_end_that_comes_during_an_upload_gives_the_words_back(two_talking):
    ada, ben = two_talking
    gate = Gate()
    await ben.page.route(UPLOAD, gate.hold)
    await attach(ben, "score.txt")
    async with ben.page.expect_request(UPLOAD):
        await ben.page.locator("#composer-text").press("Enter")
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await ended(ben, "removed", "only if you")
    await gate.open()
    await expect(ben.page.locator(".tray")).to_contain_text("The files were not sent", timeout=WAIT)
    await ended_again(ben, "removed", "only if you")
    await ada.sees("shall we sing?", "badly")
    assert await ada.page.get_by_text("only if you").count() == 0


@pytest.mark.slow
async def test_an_end_that_comes_during_a_summary_says_that_none_comes(two_talking):
    ada, ben = two_talking
    await set_rule(ada, "When a member asks for one")
    await ada.say("on monday")
    await ben.sees("on monday")
    await StandIn().serve(ben)
    await ben.page.locator("#open-summary").click()
    panel = ben.page.locator("#panel")
    await panel.get_by_role("button", name="Send 3 messages and summarise").click(timeout=WAIT)
    await expect(panel).to_contain_text("Waiting for the worker", timeout=WAIT)
    await members(ada)
    await act(ada, ben, "Remove", confirm="Remove")
    await ended(ben, "removed", f"{ada.name} removed you")
    for _ in range(2):
        await expect(panel).to_contain_text("A summary that you had asked for does not come")
        await expect(panel).not_to_contain_text("Waiting for the worker")
        await ben.page.reload()
        await ended(ben, "removed", f"{ada.name} removed you")
        await ben.page.locator("#open-summary").click()


@pytest.mark.slow
async def test_a_banned_person_is_added_again_by_name(two_talking):
    ada, ben = two_talking
    await members(ada)
    await act(ada, ben, "Remove and ban", confirm="Remove and ban")
    await ended(ben, "banned", "banned you")
    await ada.page.get_by_label("Add somebody by user name").fill(ben.name)
    await ada.page.get_by_role("button", name="Add", exact=True).click()
    await expect(ada.page.locator("#member-count")).to_have_text("2", timeout=WAIT)
    answer = ben.page.locator("#room-answer").get_by_role("button", name="Accept")
    await ben.page.reload()
    await answer.click(timeout=WAIT)
    await expect(ben.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ben.say("thank you")
    await ada.sees("shall we sing?", "badly", "thank you")


@pytest.mark.slow
async def test_the_owner_leaves_and_chooses_who_takes_over(two_talking):
    ada, ben = two_talking
    await members(ada)
    await ada.page.get_by_role("button", name="Leave this room").click()
    dialog = ada.page.locator("dialog[open]")
    await expect(dialog).to_contain_text("Who takes over?")
    await dialog.get_by_label("New owner").select_option(ben.name)
    await dialog.get_by_role("button", name="Hand over and leave").click()
    await ada.page.wait_for_url("**/rooms/")
    await expect(ben.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await expect(ben.page.locator("#open-invite")).to_be_visible(timeout=WAIT)
    await ben.page.locator("#composer-text").press("Enter")
    await ben.sees_sent("only if you")


@pytest.mark.slow
async def test_a_room_left_in_another_browser_stays_readable_here(stage, two_talking):
    _, ben = two_talking
    away = await stage.person()
    away.name = ben.name
    await away.log_in()
    await away.restore(ben.kit)
    await away.page.get_by_role("link", name="Choir").click()
    await room_is_there(away)
    await members(away)
    await away.page.get_by_role("button", name="Leave this room").click()
    await away.page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await away.page.wait_for_url("**/rooms/")
    await ended(ben, "left", "You left this room")
    await ended_again(ben, "left", "You left this room")
    await ben.sees("shall we sing?", "badly")


@pytest.mark.slow
async def test_a_room_that_was_left_here_keeps_what_was_read(two_talking):
    """Like any room one was in: it is in the list, opens, is exported and removed."""
    _, ben = two_talking
    await members(ben)
    await ben.page.get_by_role("button", name="Leave this room").click()
    dialog = ben.page.locator("dialog[open]")
    await expect(dialog).to_contain_text("keeps what you could read")
    await dialog.get_by_role("button", name="Leave").click()
    await ben.page.wait_for_url("**/rooms/")
    line = ben.page.locator("#room-list .room-link", has_text="Choir")
    await expect(line).to_contain_text("you left", timeout=WAIT)
    await line.click()
    await ended(ben, "left", "You left this room")
    await ended_again(ben, "left", "You left this room")
    await ben.sees("shall we sing?", "badly")
    await exports_and_removes(ben, "shall we sing?", "badly")


@pytest.mark.slow
async def test_a_closed_room_says_who_closed_it(two_talking):
    ada, ben = two_talking
    await members(ada)
    await ada.page.get_by_role("button", name="Close this room").click()
    dialog = ada.page.locator("dialog[open]")
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Close").click()
    await ended(ben, "closed", f"{ada.name} closed this room for good")
    await ended_again(ben, "closed", f"{ada.name} closed this room for good")


@pytest.mark.slow
async def test_a_blocked_person_disappears_until_they_are_unblocked(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ask_to_talk(ada, ben, "do you sing?")
    await ben.goto("/rooms/")
    await ben.page.get_by_text(f"{ada.name} wants to talk to you").first.click()
    await ben.page.locator("#room-answer").get_by_role("button", name="Accept").click()
    await expect(ben.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await members(ben)
    await act(ben, ada, "Block", confirm="Block")
    for _ in range(2):
        await ended(ben, "blocked", f"You have blocked {ada.name}")
        await ben.page.reload()
    await ben.goto("/rooms/")
    await ada.say("are you there?")
    await ada.sees_sent("are you there?")
    line = ben.page.locator("#room-list .room-link", has_text=ada.name)
    await expect(line).to_contain_text("blocked", timeout=WAIT)
    await expect(line.locator(".badge")).to_have_count(0)
    assert not (await ben.page.title()).startswith("(")
    assert await ben.page.get_by_text("are you there?").count() == 0
    await line.click()
    await ben.page.get_by_role("button", name=f"Unblock {ada.name}").click()
    await expect(ben.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ben.sees("do you sing?", "are you there?")


@pytest.mark.slow
async def test_a_direct_room_that_the_other_declined_says_so(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ask_to_talk(ada, ben, "do you sing?")
    await ben.goto("/rooms/")
    await ben.page.get_by_text(f"{ada.name} wants to talk to you").first.click()
    await ben.page.locator("#room-answer").get_by_role("button", name="Decline").click()
    await ben.page.wait_for_url("**/rooms/")
    for _ in range(2):
        await ended(ada, "alone", f"{ben.name} declined to talk, or left")
        await ada.page.reload()
    await ada.sees("do you sing?")


@pytest.mark.slow
async def test_signed_out_says_so_at_once_and_leads_back_here(two_talking):
    _, ben = two_talking
    await ben.page.locator("#composer-text").fill("half a sentence")
    await ben.context.clear_cookies()
    await ben.page.evaluate("dispatchEvent(new Event('offline'))")  # the connection is made anew
    await ben.page.evaluate("dispatchEvent(new Event('online'))")
    await ended(ben, "signed-out", "You are signed out")
    await expect(ben.page.locator("#banner")).to_contain_text("You are signed out")
    await expect(ben.page.locator("#room-answer")).to_contain_text("half a sentence")
    here = ben.page.url
    await ben.page.locator("#room-answer").get_by_role("link", name="Log in").click()
    await ben.fill_account("login")
    await ben.page.get_by_role("button", name="Log in", exact=True).click()
    await ben.page.wait_for_url(here)
    await expect(ben.page.locator("#composer-text")).to_have_value("half a sentence", timeout=WAIT)


@pytest.mark.slow
async def test_a_server_that_is_away_is_not_called_offline(own_stage):
    ada = await (await own_stage.person("ada")).sign_up()
    await ada.make_room("Attic")
    own_stage.server.stop()
    banner = ada.page.locator("#banner")
    await expect(banner).to_contain_text("server", timeout=WAIT)
    await expect(banner).not_to_contain_text("offline")
    await ada.say("kept")
    await expect(banner).to_contain_text("1 message is waiting", timeout=WAIT)
    own_stage.server.start()
    await ada.sees_sent("kept")


@pytest.mark.slow
async def test_a_room_that_one_was_banned_from_opens_and_is_exported_without_a_network(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben", service_workers="allow")).sign_up()
    await ada.make_room("Choir")
    await ada.say("shall we sing?")
    await ben.join(await ada.invite(), "Choir")
    await ben.sees("shall we sing?")
    await ben.page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    await ben.page.reload()
    await ben.sees("shall we sing?")
    await members(ada)
    await act(ada, ben, "Remove and ban", confirm="Remove and ban")
    await ended(ben, "banned", f"{ada.name} removed and banned you")
    await ben.context.set_offline(True)
    for _ in range(2):
        await ben.page.reload()
        await ended(ben, "banned", f"{ada.name} removed and banned you")
        await ben.sees("shall we sing?")
    async with ben.page.expect_download() as downloading:
        await ben.page.get_by_role("button", name="Export what is kept").click()
    file = json.loads((await (await downloading.value).path()).read_text())
    assert [one["text"] for one in file["messages"]] == ["shall we sing?"]
