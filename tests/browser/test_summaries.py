"""Summaries in the browser: what is shown before it is sent, and what comes of it."""

from __future__ import annotations

import json

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.people import WAIT
from tests.browser.summarising import (
    SAID,
    open_panel,
    previewed,
    room_with,
    uid_of,
    waits,
)
from tests.browser.worker import StandIn

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(loop_scope="session")
async def asked(stage):
    """Ada's room, a worker that waits, and the panel with the preview in it."""
    ada = await (await stage.person("ada")).sign_up()
    worker = await StandIn().serve(ada)
    await room_with(ada, "Orchard")
    return ada, worker, await open_panel(ada)


async def test_what_is_previewed_is_what_the_worker_opens(asked):
    ada, worker, panel = asked
    shown = await previewed(panel)
    assert [text for _, _, text in shown] == list(SAID)
    assert await panel.locator(".summary-key code").inner_text() == worker.wk
    await expect(panel).to_contain_text("4 messages, ")
    await panel.get_by_role("button", name="Send 4 messages and summarise").click()
    await waits(panel)
    worker.answer(await uid_of(ada), "Harvest on Monday.")
    await expect(panel.locator(".summary-text")).to_have_text("Harvest on Monday.", timeout=WAIT)
    [question] = worker.opened
    sent = [(m["seq"], m["name"], m["text"]) for m in question["messages"]]
    assert sent == shown
    assert set(question) == {"reply", "model", "lang", "messages"}
    line = f"{ada.name} asked to have 4 messages summarised by extractive. The summary is there now"
    for _ in range(2):
        await expect(ada.page.locator("#timeline")).to_contain_text(line, timeout=WAIT)
        await ada.page.reload()


async def test_names_are_replaced_in_what_is_sent_and_are_back_in_what_is_shown(asked):
    ada, worker, panel = asked
    await previewed(panel)
    await panel.get_by_label("Replace names by P1, P2, …").check()
    assert {name for _, name, _ in await previewed(panel)} == {"P1"}
    await panel.locator("#summary-send").click()
    await waits(panel)
    worker.answer(await uid_of(ada), "P1 speaks of the harvest.")
    shown = f"{ada.name} speaks of the harvest."
    await expect(panel.locator(".summary-text")).to_have_text(shown, timeout=WAIT)
    assert ada.name not in json.dumps(worker.opened)


async def test_cancelled_means_gone(asked):
    ada, worker, panel = asked
    await previewed(panel)
    await panel.locator("#summary-send").click()
    await waits(panel)
    await expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    await ada.page.keyboard.press("Enter")
    await expect(panel.locator("#summary-range")).to_be_focused(timeout=WAIT)
    assert worker.requests == {}
    assert worker.shared == []
    await expect(panel).to_contain_text("No summaries yet.")


async def test_a_reload_in_the_middle_loses_nothing(asked):
    ada, worker, panel = asked
    await previewed(panel)
    await panel.locator("#summary-send").click()
    await waits(panel)
    worker.become("working", done=1, total=3)
    await expect(panel.get_by_role("status")).to_contain_text("Part 2 of 3", timeout=WAIT)
    await ada.page.reload()
    await ada.in_room("Orchard")
    await open_panel(ada)
    await expect(panel.get_by_role("status")).to_contain_text("Part 2 of 3", timeout=WAIT)
    worker.answer(await uid_of(ada), "Kept over the reload.")
    await expect(panel.locator(".summary-text")).to_have_text("Kept over the reload.", timeout=WAIT)
    await expect(panel).to_contain_text("There are no new messages since the last summary")


async def test_what_goes_wrong_is_said_with_what_to_do(asked):
    ada, worker, panel = asked
    await previewed(panel)
    worker.refusal = (409, "spent")
    await panel.locator("#summary-send").click()
    await expect(panel.get_by_role("alert")).to_contain_text("Try again tomorrow", timeout=WAIT)
    worker.refusal = (503, "no_worker")
    await panel.locator("#summary-send").click()
    await expect(panel.get_by_role("alert")).to_contain_text("No summary worker", timeout=WAIT)
    worker.refusal = None
    await panel.locator("#summary-send").click()
    await waits(panel)
    worker.become("failed", code="engine", detail="The model did not answer. Try again later.")
    await expect(panel.get_by_role("alert")).to_contain_text("did not answer", timeout=WAIT)
    await expect(panel.locator("#summary-send")).to_be_visible(timeout=WAIT)
    worker.present = False
    await ada.page.reload()
    await ada.in_room("Orchard")
    await open_panel(ada)
    await expect(panel).to_contain_text("summary worker is not running", timeout=WAIT)


async def test_another_key_of_the_worker_is_asked_about_first(asked):
    ada, worker, panel = asked
    await previewed(panel)
    await panel.locator("#summary-send").click()
    await waits(panel)
    await panel.get_by_role("button", name="Cancel").click()
    former = worker.wk
    worker.keys = StandIn().keys
    await expect(panel.locator("#summary-range")).to_be_focused(timeout=WAIT)
    await panel.locator("#summary-send").click()  # nobody has told this browser yet
    changed = panel.locator(".summary-changed")
    await expect(changed).to_contain_text(former, timeout=WAIT)
    await expect(changed).to_contain_text(worker.wk)
    await expect(panel.locator("#summary-send")).to_be_disabled()
    assert worker.requests == {}
    await changed.get_by_role("button", name="I have asked").click()
    await panel.locator("#summary-send").click()
    await waits(panel)
    worker.answer(await uid_of(ada), "Under the new key.")
    await expect(panel.locator(".summary-text")).to_have_text("Under the new key.", timeout=WAIT)


async def test_from_a_message_on(asked):
    ada, _, panel = asked
    await previewed(panel)
    await ada.page.locator("#close-panel").click()
    line = ada.page.locator(".message", has_text=SAID[1])
    await line.hover()
    await ada.page.get_by_role("button", name="More", exact=True).click()
    await ada.page.get_by_role("menuitem", name="Summarise from here").click()
    await expect(panel.locator("#summary-range")).to_have_value("from", timeout=WAIT)
    assert [text for _, _, text in await previewed(panel)] == list(SAID[1:])
    await panel.locator("#summary-range").select_option("last")
    await expect(panel.locator(".summary-lines li[data-seq]")).to_have_count(4, timeout=WAIT)
