"""Summaries in the browser by the server's own worker, which is extractive."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from playwright.async_api import expect

from tests.browser.people import WAIT
from tests.browser.summarising import (
    SAID,
    come_in,
    open_panel,
    previewed,
    room_with,
    set_rule,
    uid_of,
)
from tests.browser.worker import fingerprint, open_ask


@pytest.mark.slow
async def test_first_five_minutes_summarise_works_or_says_why_not(stage):
    """4:00: not allowed, then too few messages, then a summary; what was sent is what was shown."""
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Orchard")
    await expect(ada.page.locator("#open-summary")).to_be_hidden(timeout=WAIT)
    await set_rule(ada, "When a member asks for one")
    await ada.say(SAID[0])
    await ada.sees_sent(SAID[0])
    panel = await open_panel(ada)
    await expect(panel).to_contain_text("There are too few messages", timeout=WAIT)
    await ada.page.locator("#close-panel").click()
    for text in SAID[1:]:
        await ada.say(text)
    await ada.sees_sent(SAID[-1])
    await open_panel(ada)
    shown = await previewed(panel)
    key = load_pem_private_key((stage.server.data / "secrets" / "summary.pem").read_bytes(), None)
    assert await panel.locator(".summary-key code").inner_text() == fingerprint(key)
    async with ada.page.expect_request(
        lambda request: request.method == "POST" and request.url.endswith("/summary")
    ) as asking:
        await panel.locator("#summary-send").click()
    asked = (await asking.value).post_data_json
    room = urlsplit(ada.page.url).path.split("/")[2]
    question = open_ask(key, asked["rid"], room, await uid_of(ada), asked)
    assert [(m["seq"], m["name"], m["text"]) for m in question["messages"]] == shown
    summary = panel.locator(".summary.fresh")
    await expect(summary).to_contain_text("Picked sentences, not an AI", timeout=WAIT)
    picked = await summary.locator(".summary-pick").all_inner_texts()
    assert picked
    assert all(any(f"{ada.name} {text}" in line for text in SAID) for line in picked), picked
    sent = b"".join(ada.sent)
    assert not any(text.encode() in sent for text in SAID)


@pytest.mark.slow
async def test_another_browser_of_the_room_sees_it_come_and_goes_on_from_it(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await room_with(ada, "Garden")
    await ben.join(await ada.invite(), "Garden")
    his = await open_panel(ben)
    await expect(his).to_contain_text("No summaries yet.", timeout=WAIT)
    hers = await open_panel(ada)
    await previewed(hers)
    await hers.locator("#summary-send").click()
    await expect(his).to_contain_text(f"Asked for by {ada.name}", timeout=WAIT)
    picked = await hers.locator(".summary-text li").all_inner_texts()
    await expect(his.locator(".summary-text li")).to_have_text(picked)
    await ben.page.locator("#close-panel").click()
    for n in range(3):
        await ben.say(f"and then number {n}")
    await ben.sees_sent("and then number 2")
    await open_panel(ben)
    assert [line for _, _, line in await previewed(his)] == [
        f"and then number {n}" for n in range(3)
    ]
    earlier = (await his.locator(".summary-earlier p").inner_text()).splitlines()
    assert [line.partition(": ")[2] for line in earlier[1:]] == [
        next(text for text in SAID if text in line) for line in picked
    ]
    await his.locator("#summary-send").click()
    await expect(his.locator(".summary.fresh h4")).to_contain_text("Today", timeout=WAIT)
    await expect(his.locator(".summary.fresh")).to_contain_text("Since then")


@pytest.mark.slow
async def test_rules_say_no_and_who_can_change_that(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    await room_with(ada, "Choir", rule="")
    await ben.join(await ada.invite(), "Choir")
    for person in (ada, ben):
        await expect(person.page.locator("#open-summary")).to_be_hidden(timeout=WAIT)
    await set_rule(ada, "When a member asks for one")
    his = await open_panel(ben)
    await expect(his.locator("#summary-send")).to_be_visible(timeout=WAIT)
    await set_rule(ada, "Never")
    await expect(his).to_contain_text(f"{ada.name} can change that", timeout=WAIT)
    await expect(ben.page.locator("#open-summary")).to_be_hidden()


@pytest.mark.slow
async def test_on_this_device_nothing_is_sent_and_lines_lead_to_their_messages(stage):
    ada = await (await stage.person("ada")).sign_up()
    await room_with(ada, "Orchard", rule="On the device only")
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.method + request.url))
    panel = await open_panel(ada)
    picks = panel.locator(".summary-here .summary-pick")
    await expect(picks.first).to_be_visible(timeout=WAIT)
    lines = await picks.all_inner_texts()
    assert all(any(f"{ada.name} {text}" in line for text in SAID) for line in lines), lines
    await expect(panel).to_contain_text("Nothing left it")
    await expect(panel.locator("#summary-send, #summary-where")).to_have_count(0)
    await picks.first.get_by_role("button").click()
    first = next(text for text in SAID if text in lines[0])
    await expect(ada.page.locator(".message:focus")).to_contain_text(first, timeout=WAIT)
    assert not any(one.startswith("POST") and "/summary" in one for one in asked)


MODEL = """
globalThis.Summarizer = {
  availability: async () => "downloadable",
  create: async ({ monitor, signal }) => {
    const loading = new EventTarget();
    monitor(loading);
    loading.dispatchEvent(Object.assign(new Event("downloadprogress"), { loaded: 0.42 }));
    await new Promise((resolve) => { globalThis.loaded = resolve; });
    signal.throwIfAborted();
    return {
      inputQuota: 4000,
      measureInputUsage: async (text) => text.length,
      summarize: async (text) => `- ${text.split("\\n").length} lines <b>of</b> talk`,
      destroy() {},
    };
  },
};
"""
"""A browser's own model (the Summarizer API), which headless Chromium has none of."""


@pytest.mark.slow
async def test_the_browsers_own_model_writes_where_there_is_one(stage):
    ada = await stage.person("ada")
    await ada.page.add_init_script(MODEL)
    await ada.sign_up()
    await room_with(ada, "Orchard", rule="On the device only")
    panel = await open_panel(ada)
    written = panel.locator(".summary-browser")
    await written.get_by_role("button", name="Write a summary on this device").click()
    await expect(written).to_contain_text("42 %", timeout=WAIT)
    await written.get_by_role("button", name="Cancel").click()
    await expect(written).not_to_contain_text("42 %")
    await written.get_by_role("button", name="Write a summary on this device").click()
    await expect(written).to_contain_text("42 %", timeout=WAIT)
    await ada.page.evaluate("globalThis.loaded()")
    await expect(written).to_contain_text(f"{len(SAID)} lines <b>of</b> talk", timeout=WAIT)
    await expect(written).to_contain_text("It may be wrong")
    sent = b"".join(ada.sent)
    assert not any(text.encode() in sent for text in SAID)


@pytest.mark.slow
async def test_members_read_what_one_has_asked_for_unless_it_is_from_before_their_time(stage):
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    eve = await (await stage.person("eve")).sign_up()
    await ada.goto("/rooms/new/")
    await ada.page.get_by_label("Name", exact=True).fill("Cellar")
    await ada.page.get_by_label("Only what is written after they came").check()
    await ada.page.get_by_role("button", name="Make the room").click()
    await ada.in_room("Cellar")
    await set_rule(ada, "When a member asks for one")
    await come_in(ben, await ada.invite())
    await expect(ada.page.locator("#member-count")).to_have_text("2", timeout=WAIT)
    for text in SAID:
        await ada.say(text)
    await ben.sees(*SAID)
    panel = await open_panel(ada)
    await previewed(panel)
    await panel.locator("#summary-send").click()
    await expect(panel.locator(".summary-text")).to_contain_text("twelve baskets", timeout=WAIT)
    await ada.page.locator("#close-panel").click()

    his = await open_panel(ben)
    await expect(his.locator(".summary-text")).to_contain_text("twelve baskets", timeout=WAIT)
    await expect(his).to_contain_text(f"Asked for by {ada.name}")
    await expect(his).to_contain_text("Picked sentences, not an AI")
    await come_in(eve, await ada.invite())
    hers = await open_panel(eve)
    await expect(hers).to_contain_text("You cannot read this summary", timeout=WAIT)
    await expect(hers).not_to_contain_text("twelve baskets")


@pytest.mark.slow
async def test_offered_by_itself_and_made_by_itself_where_that_was_allowed(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("Market")
    page = ada.page
    await page.locator("#room-trust").click()
    await page.get_by_role("button", name="Rules of this room").click()
    await page.get_by_label("Offered by itself", exact=True).check()
    await page.get_by_label("Offer after").select_option("20")
    await page.get_by_role("button", name="Save the rules").click()
    await page.locator("#close-panel").click()
    for n in range(20):
        await ada.say(f"stall {n}")
    offer = page.locator("#summary-offer")
    await expect(offer).to_contain_text("20 or more messages", timeout=WAIT)
    newest = page.locator(".message", has_text="stall 19")
    await expect(newest).to_be_in_viewport(ratio=1)
    await offer.get_by_role("button", name="Look and summarise").click()
    panel = page.locator("#panel")
    assert len(await previewed(panel)) == 20
    await expect(newest).to_be_in_viewport(ratio=1)  # the panel made the conversation narrower
    await expect(page.locator("#to-newest")).to_be_hidden()
    await panel.get_by_label("Summarise here without asking me each time").check()
    await expect(panel.locator(".summary h4")).to_contain_text("Today", timeout=WAIT)
    await panel.get_by_label("Summarise here without asking me each time").uncheck()
    await expect(page.locator("#announcer span").last).to_have_text("You will be asked again.")
    await page.reload()
    await ada.in_room("Market")
    for n in range(20):
        await ada.say(f"table {n}")
    await expect(offer).to_contain_text("20 or more messages", timeout=WAIT)
    await offer.get_by_role("button", name="Not now").click()
    await expect(offer).to_be_hidden()
    await open_panel(ada)
    await expect(panel.locator(".summary")).to_have_count(1)


@pytest.mark.slow
async def test_by_keyboard_on_a_narrow_screen(stage):
    ada = await (await stage.person("ada", viewport={"width": 320, "height": 640})).sign_up()
    await room_with(ada, "Pocket")
    page = ada.page
    await page.get_by_role("button", name="Add something").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem").first).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem", name="Summarise")).to_be_focused()
    await page.keyboard.press("Enter")
    panel = page.locator("#panel")
    await previewed(panel)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "summary-send":
            break
    await page.keyboard.press("Enter")
    await expect(panel.locator(".summary.fresh")).to_be_focused(timeout=WAIT)
    await expect(page.locator("#announcer span").last).to_have_text("The summary is ready.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # the range, in the conversation
    await expect(panel).to_be_hidden()
    await expect(page.locator("#m1")).to_be_in_viewport()
