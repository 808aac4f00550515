"""The core journeys in Firefox: the same tests as in Chromium, and one with both."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.people import WAIT

# Imported here, pytest runs them with this folder's fixtures. Missing: the journey that switches
# the network off, for which ESR releases know no command of WebDriver BiDi.
from tests.browser.test_journeys import (  # noqa: F401
    test_deleted_storage_leads_to_restore_and_to_no_other_identity,
    test_first_five_minutes_two_people_chat,
    test_leaving_rotates_the_key_and_ends_reading,
    test_logging_out_keeps_keys_and_forgetting_erases_them,
    test_messages_typing_and_presence_cross,
    test_restore_in_another_browser_reads_everything,
    test_the_outbox_survives_a_reload,
    test_two_tabs_of_one_browser_share_one_chain,
)
from tests.browser.test_one_shell import (  # noqa: F401
    choose,
    is_marked,
    mark,
    shows,
    test_messages_reach_the_room_that_is_open_and_the_list,
    test_what_was_written_stays_with_its_room,
    with_rooms,
)
from tests.browser.test_timeline import (  # noqa: F401
    test_a_link_that_was_made_is_listed_at_once,
    test_a_second_visit_starts_at_the_first_unread_message,
)


async def test_rooms_switch_in_the_page_and_the_history_follows(stage):
    """The driver waits for a page to be loaded when it goes back: the page goes back itself."""
    ada = await with_rooms(stage)
    page = ada.page
    await mark(page)
    for name in ("Attic", "Barn"):
        await choose(ada, name)
    await page.evaluate("history.back()")
    await shows(ada, "Attic")
    await page.evaluate("history.forward()")
    await shows(ada, "Barn")
    assert await is_marked(page), "no page was loaded"
    await page.reload()
    await shows(ada, "Barn")
    await page.evaluate("history.back()")
    await shows(ada, "Attic")


async def test_the_focus_on_a_message_is_seen_and_a_scroll_bar_moves_nothing(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Garden")
    await ada.say("the first")
    await ada.sees_sent("the first")
    line = ada.page.locator(".message[data-seq='1']")
    left = (await line.bounding_box())["x"]
    await ada.page.keyboard.press("Shift+Tab")
    await line.focus()
    assert await line.evaluate("(line) => getComputedStyle(line).outlineStyle") == "solid"
    for n in range(30):
        await ada.say(f"line {n}")
    await ada.sees_sent("line 29")
    scrolls = "(list) => list.scrollHeight > list.clientHeight"
    assert await ada.page.locator("#timeline").evaluate(scrolls)
    await expect(line).to_be_attached(timeout=WAIT)
    assert (await line.bounding_box())["x"] == left


async def test_firefox_and_chromium_read_one_another(stage, chromium_stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await chromium_stage.person("ben")).sign_up()
    await ada.make_room("Border")
    await ada.say("from the fox")
    await ada.sees_sent("from the fox")
    await ben.join(await ada.invite(), "Border")
    await ben.sees("from the fox")
    await ben.say("from the other side")
    await ada.sees("from the fox", "from the other side")
