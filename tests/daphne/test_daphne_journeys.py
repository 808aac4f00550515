"""The main journeys under daphne: the same tests as under uvicorn."""

from __future__ import annotations

# Imported here, pytest runs them with this folder's fixtures.
from tests.browser.test_journeys import (  # noqa: F401
    test_first_five_minutes_two_people_chat,
    test_leaving_rotates_the_key_and_ends_reading,
    test_logging_out_keeps_keys_and_forgetting_erases_them,
    test_messages_typing_and_presence_cross,
    test_network_off_and_on_loses_and_doubles_nothing,
    test_restore_in_another_browser_reads_everything,
    test_the_outbox_survives_a_reload,
    test_two_tabs_of_one_browser_share_one_chain,
)
