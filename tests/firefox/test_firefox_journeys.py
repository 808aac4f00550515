"""The core journeys in Firefox: the same tests as in Chromium, and one with both."""

from __future__ import annotations

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
