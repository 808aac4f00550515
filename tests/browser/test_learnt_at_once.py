"""What happens elsewhere is learnt without a reload: rules that end messages, new keys."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.people import PASSWORD, WAIT, Person

pytestmark = pytest.mark.slow

DAYS_LATER = """(days) => {
  const now = Date.now;
  Date.now = () => now() + days * 86_400_000;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
KEPT = """async () => {
  const answer = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const database = await answer(indexedDB.open("sotto"));
  const rows = await answer(database.transaction("rows").objectStore("rows").getAll());
  database.close();
  return rows.length;
}"""
NO_CLIPBOARD = """() => {
  navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
}"""
DRAFT_IS_KEPT = KEPT.replace('"rows"', '"drafts"').replace("rows.length", "rows.length > 0")


async def makes_room(stage, name: str) -> Person:
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room(name)
    return ada


async def ends_after_a_day(person: Person) -> None:
    page = person.page
    await page.locator("#room-trust").click()
    await page.get_by_role("button", name="Rules of this room").click()
    await page.get_by_label("Messages disappear").select_option("1")
    await page.get_by_role("button", name="Save the rules").click()
    await page.locator("dialog[open]").get_by_role("button", name="Save and delete").click()
    await expect(page.locator("#panel")).to_contain_text("The rules are saved.", timeout=WAIT)
    await page.locator("#close-panel").click()


async def test_a_tab_that_stays_open_lets_go_of_what_the_rules_have_ended(stage):
    ada = await makes_room(stage, "Sandcastle")
    await ada.say("written in sand")
    await ada.sees_sent("written in sand")
    await ends_after_a_day(ada)
    await ada.page.evaluate(DAYS_LATER, 0.5)
    await ada.sees("written in sand")
    await ada.page.evaluate(DAYS_LATER, 1)
    start = ada.page.locator(".timeline-start[data-start=expired]")
    await expect(start).to_contain_text("deleted after 1 day", timeout=WAIT)
    assert await ada.page.get_by_text("written in sand").count() == 0
    await ada.page.wait_for_function(f"async () => (await ({KEPT})()) === 0")


@pytest.mark.parametrize("what", ["Answer", "Correct"])
async def test_what_answers_or_corrects_an_ended_message_keeps_its_words_alone(stage, what):
    ada = await makes_room(stage, "Sandcastle")
    await ada.say("written in sand")
    await ada.sees_sent("written in sand")
    await ends_after_a_day(ada)
    await ada.page.locator(".message", has_text="written in sand").hover()
    if what == "Answer":
        await ada.page.get_by_role("button", name="Answer", exact=True).click()
    else:
        await ada.page.locator("#composer-text").press("ArrowUp")
    field = ada.page.locator("#composer-text")
    await field.fill("written in stone")
    mode = ada.page.locator(".composer-mode")
    await expect(mode).to_contain_text("written in sand", timeout=WAIT)
    await ada.page.wait_for_function(DRAFT_IS_KEPT)
    await ada.page.evaluate(DAYS_LATER, 1)
    await expect(ada.page.locator(".composer-problem")).to_contain_text("is gone", timeout=WAIT)
    await expect(field).to_have_value("written in stone")
    await expect(mode).to_be_hidden()
    assert await ada.page.get_by_text("written in sand").count() == 0
    await field.press("Enter")
    await ada.sees("written in stone")


async def test_keys_that_were_replaced_while_offline_are_learnt_when_the_network_is_back(stage):
    ada = await makes_room(stage, "Attic")
    second = await ada.new_tab()
    await second.goto(ada.page.url)
    await expect(second.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ada.context.set_offline(True)
    await expect(ada.page.locator("#banner")).to_contain_text("offline", timeout=WAIT)
    await ada.say("from the tunnel")
    await ada.sees("from the tunnel")
    await ada.page.locator("#composer-text").fill("a long letter")
    await ada.page.wait_for_function(DRAFT_IS_KEPT)
    elsewhere = await stage.person()
    elsewhere.name = ada.name
    await elsewhere.log_in()
    await elsewhere.page.get_by_role("button", name="I do not have it any more").click()
    await elsewhere.page.get_by_label("Your password").fill(PASSWORD)
    await elsewhere.page.get_by_role("button", name="Make new keys").click()
    await expect(elsewhere.page.locator("#kit-name")).to_be_visible(timeout=WAIT)
    await ada.context.set_offline(False)
    for page in (ada.page, second):
        await page.wait_for_url("**/keys/**", timeout=WAIT)
        await expect(page.locator("#keys-replaced")).to_contain_text("Change your password")
        drafts = page.locator("#kept-drafts")
        for text in ("a long letter", "from the tunnel", "Attic"):
            await expect(drafts).to_contain_text(text, timeout=WAIT)
    await ada.page.reload()
    await ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    line = ada.page.locator("#kept-drafts li")
    for text in ("from the tunnel", "a long letter"):
        line = ada.page.locator("#kept-drafts li", has_text=text)
        await line.get_by_role("button", name="Copy").click()
        await expect(line.get_by_role("button")).to_have_text("Copied")
        assert await ada.page.evaluate("navigator.clipboard.readText()") == text
    await ada.page.evaluate(NO_CLIPBOARD)
    await line.get_by_role("button").click()
    await expect(line.get_by_role("button")).to_contain_text("copy it by hand")
    assert await ada.page.evaluate("String(getSelection())") == "a long letter"
