"""What can be done with messages: answers, corrections, deletions, reactions, pins, polls."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.people import WAIT, Person


@pytest_asyncio.fixture(loop_scope="session")
async def pair(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await ada.make_room("Kitchen")
    await ben.join(await ada.invite(), "Kitchen")
    return ada, ben


def message(person: Person, text: str) -> Locator:
    """The message whose own words are these, whatever it quotes."""
    page = person.page
    words = page.locator(".message-text").filter(has_text=re.compile(rf"^\s*{re.escape(text)}"))
    return page.locator(".message").filter(has=words)


async def act(person: Person, text: str, action: str) -> None:
    """Through the menu of a message."""
    await message(person, text).hover()
    await person.page.get_by_role("button", name="More", exact=True).click()
    await person.page.get_by_role("menuitem", name=action, exact=True).click()


@pytest.mark.slow
async def test_an_answer_quotes_and_leads_back(pair):
    ada, ben = pair
    await ada.say("who brings bread?")
    await ben.sees("who brings bread?")
    await message(ben, "who brings").hover()
    await ben.page.get_by_role("button", name="Answer", exact=True).click()
    await expect(ben.page.locator(".composer-mode")).to_contain_text(f"Answering {ada.name}")
    await ben.say("I do")
    quote = ada.page.locator(".message", has_text="I do").locator("button.quote")
    await expect(quote).to_contain_text("who brings bread?", timeout=WAIT)
    await quote.click()
    await expect(message(ada, "who brings")).to_be_focused()
    await message(ben, "I do").hover()
    await ben.page.get_by_role("button", name="Answer", exact=True).click()
    await ben.page.keyboard.press("Escape")
    await expect(ben.page.locator(".composer-mode")).to_be_hidden()


@pytest.mark.slow
async def test_a_correction_takes_the_place_of_the_text(pair):
    ada, ben = pair
    await ada.say("at sevn")
    await ada.sees_sent("at sevn")
    await ada.page.get_by_label("Message", exact=True).press("ArrowUp")
    await expect(ada.page.get_by_label("Message", exact=True)).to_have_value("at sevn")
    await ada.say("at seven")
    for person in pair:
        await expect(message(person, "at seven")).to_contain_text("edited", timeout=WAIT)
        await expect(person.page.get_by_text("at sevn", exact=True)).to_have_count(0)
    await ben.page.reload()
    await expect(message(ben, "at seven")).to_contain_text("edited", timeout=WAIT)
    await message(ben, "at seven").hover()
    await ben.page.get_by_role("button", name="More", exact=True).click()
    await expect(ben.page.get_by_role("menuitem", name="Correct")).to_have_count(0)


@pytest.mark.slow
async def test_a_deletion_goes_everywhere_and_stays(pair):
    ada, ben = pair
    await ada.say("my secret plan")
    await ben.sees("my secret plan")
    await act(ada, "my secret plan", "Delete")
    await ada.page.locator("dialog").get_by_role("button", name="Delete").click()
    for person in pair:
        await expect(person.page.get_by_text("This message was deleted.")).to_be_visible(
            timeout=WAIT
        )
        await expect(person.page.get_by_text("my secret plan")).to_have_count(0)
    await ben.page.reload()
    await expect(ben.page.get_by_text("This message was deleted.")).to_be_visible(timeout=WAIT)
    kept = await ben.page.evaluate(
        """async () => {
          const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name);
          const open = indexedDB.open(name);
          await new Promise((done) => { open.onsuccess = done });
          const rows = open.result.transaction("rows").objectStore("rows").getAll();
          await new Promise((done) => { rows.onsuccess = done });
          return rows.result.map((row) => ["ct" in (row.row ?? row), "sha" in (row.row ?? row)]);
        }"""
    )
    assert [False, True] in kept, "the browser's copy of a deleted message is a tombstone"


@pytest.mark.slow
async def test_a_moderators_deletion_says_who(pair):
    ada, ben = pair
    await ben.say("buy cheap pills")
    await ada.sees("buy cheap pills")
    await act(ada, "buy cheap pills", "Delete")
    await ada.page.locator("dialog").get_by_role("button", name="Delete").click()
    line = f"{ada.name} deleted this message."
    await expect(ben.page.get_by_text(line)).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_reactions_are_shared_and_taken_back(pair):
    ada, ben = pair
    await ada.say("cake?")
    await ben.sees("cake?")
    await message(ben, "cake?").hover()
    await ben.page.get_by_role("button", name="React", exact=True).click()
    await ben.page.locator(".emoji-quick").get_by_role("button", name="party celebrate").click()
    pill = message(ada, "cake?").locator(".reaction")
    await expect(pill).to_contain_text("1", timeout=WAIT)
    await pill.click()
    await expect(message(ben, "cake?").locator(".reaction")).to_contain_text("2", timeout=WAIT)
    await pill.click()
    await expect(message(ben, "cake?").locator(".reaction")).to_contain_text("1", timeout=WAIT)


@pytest.mark.slow
async def test_a_poll_is_made_and_voted_on(pair):
    ada, ben = pair
    await ada.page.get_by_role("button", name="Add something").click()
    await ada.page.get_by_role("menuitem", name="Make a poll").click()
    await ada.page.get_by_role("button", name="Send the poll").click()
    await expect(ada.page.get_by_text("Enter a question.")).to_be_visible()
    await ada.page.get_by_label("Question").fill("When?")
    for n, option in enumerate(("Monday", "Tuesday"), 1):
        await ada.page.get_by_label(f"Option {n}").fill(option)
    await ada.page.get_by_role("button", name="Send the poll").click()
    await ben.page.get_by_role("radio", name="Tuesday").click()
    await expect(ada.page.get_by_role("radio", name="Tuesday")).to_contain_text(
        "1 vote", timeout=WAIT
    )
    await ben.page.get_by_role("radio", name="Monday").click()
    await expect(ada.page.get_by_role("radio", name="Monday")).to_contain_text(
        "1 vote", timeout=WAIT
    )
    await expect(ada.page.get_by_role("radio", name="Tuesday")).to_contain_text("0 votes")


@pytest.mark.slow
async def test_pinned_messages_stand_above_and_are_listed(pair):
    ada, ben = pair
    await ada.say("the key is under the pot")
    await ben.sees("the key is under the pot")
    await act(ben, "the key", "Pin")
    strip = ada.page.locator(".pin-strip")
    await expect(strip).to_contain_text("the key is under the pot", timeout=WAIT)
    await strip.click()
    await ada.page.locator("#panel").get_by_role("button", name="Go to message").click()
    await expect(message(ada, "the key")).to_be_focused()
    await act(ada, "the key", "Unpin")
    await expect(ben.page.locator(".pin-strip")).to_be_hidden(timeout=WAIT)


@pytest.mark.slow
async def test_a_mention_is_completed_and_counts(stage, pair):
    ada, ben = pair
    await ada.goto("/rooms/")
    await expect(ada.page.get_by_role("link", name="Kitchen")).to_be_visible(timeout=WAIT)
    await expect(ada.page.locator("#banner")).to_be_hidden()
    field = ben.page.get_by_label("Message", exact=True)
    await field.press_sequentially(f"soup, @{ada.name[:5]}")
    await ben.page.get_by_role("option", name=f"@{ada.name}").wait_for()
    await field.press("Enter")
    await field.press_sequentially("?")
    await field.press("Enter")
    badge = ada.page.locator(".room-link .badge")
    await expect(badge).to_contain_text("you are mentioned", timeout=WAIT)
    await ada.page.reload()
    await expect(badge).to_contain_text("you are mentioned", timeout=WAIT)
    await ada.page.get_by_role("link", name="Kitchen").click()
    await expect(ada.page.locator(".message .mention")).to_have_text(f"@{ada.name}", timeout=WAIT)
    await expect(ada.page.locator(".for-me")).to_have_count(1)


@pytest.mark.slow
async def test_changes_made_offline_go_out_later(pair):
    ada, ben = pair
    await ada.say("draft")
    await ben.sees("draft")
    await ada.context.set_offline(True)
    await ada.page.get_by_label("Message", exact=True).press("ArrowUp")
    await ada.say("final")
    await expect(message(ada, "final")).to_be_visible()
    await ada.context.set_offline(False)
    await expect(message(ben, "final")).to_contain_text("edited", timeout=WAIT)


@pytest.mark.slow
async def test_messages_are_worked_with_by_keyboard_alone(pair):
    ada, ben = pair
    await ben.say("first")
    await ben.say("second")
    await ada.sees("first", "second")
    keyboard = ada.page.keyboard
    await ada.page.locator("#timeline").focus()
    await keyboard.press("ArrowUp")
    await expect(message(ada, "second")).to_be_focused()
    await keyboard.press("ArrowUp")
    await expect(message(ada, "first")).to_be_focused()
    await keyboard.press("Enter")
    await expect(ada.page.get_by_role("menuitem", name="React")).to_be_focused()
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(ada.page.locator(".composer-mode")).to_contain_text("Answering")
    await keyboard.type("by hand")
    await keyboard.press("Enter")
    await expect(ben.page.locator("button.quote")).to_contain_text("first", timeout=WAIT)


@pytest.mark.slow
async def test_a_link_leads_to_a_message_far_up(pair):
    ada, ben = pair
    for number in range(70):
        await ben.say(f"line {number}")
    await ben.sees_sent("line 69")
    room = ada.page.url
    await ada.goto("/rooms/")
    await ada.page.goto(f"{room}#m3")
    await expect(ada.page.locator("#m3")).to_be_in_viewport(timeout=WAIT)


@pytest.mark.slow
async def test_the_log_is_told_between_the_messages(pair):
    ada, ben = pair
    await ada.say("before")
    await ben.sees("before")
    await ada.page.get_by_role("button", name="Members").click()
    await ada.page.locator(".people summary", has_text=ben.name).click()
    await ada.page.get_by_role("button", name="Make a moderator").click()
    dialog = ada.page.locator("dialog[open]")
    await dialog.get_by_role("button", name="Make a moderator").click()
    line = f"{ada.name} made {ben.name} a moderator."
    await expect(ben.page.locator(".timeline").get_by_text(line)).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_what_a_blocked_person_writes_is_folded(pair):
    ada, ben = pair
    await ben.say("you fool")
    await ada.sees("you fool")
    await ada.page.get_by_role("button", name="Members").click()
    await ada.page.locator(".people summary", has_text=ben.name).click()
    await ada.page.get_by_role("button", name="Block", exact=True).click()
    await ada.page.locator("dialog[open]").get_by_role("button", name="Block").click()
    await expect(ada.page.get_by_text("A message from somebody you blocked.")).to_be_visible(
        timeout=WAIT
    )
    await expect(ada.page.locator(".timeline").get_by_text("you fool")).to_have_count(0)
    await ada.page.get_by_role("button", name="Close", exact=True).click()
    await ada.page.get_by_role("button", name="Show", exact=True).click()
    await expect(ada.page.locator(".timeline").get_by_text("you fool")).to_be_visible()


@pytest.mark.slow
async def test_what_the_server_keeps_of_a_message_is_shown(pair):
    ada, _ = pair
    await ada.say("sotto voce")
    await ada.sees_sent("sotto voce")
    await act(ada, "sotto voce", "What the server sees")
    panel = ada.page.locator("#panel")
    await expect(panel.locator("pre.raw")).to_contain_text('"ct"', timeout=WAIT)
    await expect(panel).not_to_contain_text("sotto voce")
