"""Writing: nothing that is typed is lost, wherever one goes, and little help is at hand."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.people import WAIT
from tests.browser.test_words import alone, look


def field(page: Page) -> Locator:
    return page.get_by_label("Message", exact=True)


async def paste(page: Page, text: str, picture: bool = False) -> None:
    """What a spreadsheet puts on the clipboard: text, and a picture of it."""
    await field(page).evaluate(
        """(field, [text, picture]) => {
          const data = new DataTransfer();
          if (text) data.setData("text/plain", text);
          if (picture) data.items.add(new File(["png"], "cells.png", { type: "image/png" }));
          field.focus();
          const event = new ClipboardEvent("paste",
            { clipboardData: data, bubbles: true, cancelable: true });
          if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
        }""",
        [text, picture],
    )


@pytest.mark.slow
async def test_a_draft_survives_a_reload_at_once_with_what_it_is_for(stage):
    ada = await alone(stage)
    page = ada.page
    await ada.say("who brings bread?")
    await ada.sees_sent("who brings bread?")
    await page.locator(".message").last.hover()
    await page.get_by_role("button", name="Answer", exact=True).click()
    await page.keyboard.type("I d")
    await page.keyboard.type("o")
    await page.reload()
    await expect(field(page)).to_have_value("I do", timeout=WAIT)
    await expect(page.locator(".composer-mode")).to_contain_text("who brings bread?")
    await page.locator(".composer-mode button").click()
    await field(page).fill("a plan")
    await page.locator(".message").last.hover()
    await page.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="Correct").click()
    await field(page).fill("who brings the bread?")
    await page.reload()
    await expect(field(page)).to_have_value("who brings the bread?", timeout=WAIT)
    await expect(page.locator(".composer-mode")).to_contain_text("Correcting")
    await field(page).press("Enter")
    await expect(page.locator(".message-text").last).to_contain_text("the bread", timeout=WAIT)
    await expect(field(page)).to_have_value("a plan")


@pytest.mark.slow
async def test_tabs_share_a_draft_and_one_that_is_sent_is_gone_in_both(stage):
    ada = await alone(stage)
    other = await ada.new_tab()
    await other.goto(ada.page.url)
    await expect(field(other)).to_be_enabled(timeout=WAIT)
    await field(ada.page).fill("hello")
    await expect(field(other)).to_have_value("hello", timeout=WAIT)
    await field(other).press("Enter")
    await expect(field(ada.page)).to_have_value("", timeout=WAIT)
    await ada.sees("hello")
    await ada.page.reload()
    await ada.sees("hello")
    await expect(field(ada.page)).to_have_value("")


@pytest.mark.slow
async def test_a_long_text_stays_whole_and_goes_as_a_file(stage):
    ada = await alone(stage)
    page = ada.page
    text = "word " * 5778
    await paste(page, text)
    assert await field(page).input_value() == text
    await expect(page.locator(".composer-problem")).to_contain_text("28,890 of 20,000")
    await page.keyboard.press("Enter")
    assert await field(page).input_value() == text, "it was not sent, and is kept"
    await look(ada, "too-long")
    await page.get_by_role("button", name="Send it as a file").click()
    await expect(page.locator(".tray .file-name")).to_have_text("message.txt")
    await expect(field(page)).to_have_value("")
    await page.keyboard.press("Control+z")
    assert await field(page).input_value() == text


@pytest.mark.slow
async def test_of_cells_the_text_is_pasted_and_the_picture_offered(stage):
    ada = await alone(stage)
    page = ada.page
    await paste(page, "1\t2", picture=True)
    await expect(field(page)).to_have_value("1\t2")
    await expect(page.locator(".tray li")).to_have_count(0)
    await page.get_by_role("button", name="Attach the picture").click()
    await expect(page.locator(".tray li")).to_have_count(1)
    await field(page).fill("")
    await paste(page, "", picture=True)
    await expect(page.locator(".tray li")).to_have_count(2)


@pytest.mark.slow
async def test_an_input_method_sends_nothing_and_invisible_characters_are_refused(stage):
    ada = await alone(stage)
    page = ada.page
    await field(page).fill("にほん")
    await field(page).evaluate(
        """(field) => field.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
    )
    await expect(field(page)).to_have_value("にほん")
    await expect(page.locator(".message")).to_have_count(0)
    await field(page).fill("\u200b\u2060")
    await page.keyboard.press("Enter")
    await expect(page.locator(".composer-problem")).to_contain_text("no visible characters")
    await expect(page.locator(".message")).to_have_count(0)


@pytest.mark.slow
async def test_marks_names_and_emoji_come_with_help_and_can_be_undone(stage):
    ada = await alone(stage)
    page = ada.page
    await field(page).focus()
    await page.keyboard.type("so bold")
    await page.keyboard.press("Control+Shift+ArrowLeft")
    await expect(page.get_by_role("toolbar", name="Formatting")).to_be_visible()
    await look(ada, "formatting")
    await page.keyboard.press("Control+b")
    await expect(field(page)).to_have_value("so **bold**")
    await page.keyboard.press("Control+b")
    await expect(field(page)).to_have_value("so bold")
    await page.get_by_role("button", name="Crossed out").click()
    await expect(field(page)).to_have_value("so ~~bold~~")
    await page.keyboard.press("Control+z")
    await expect(field(page)).to_have_value("so bold")
    await page.keyboard.press("End")
    await page.keyboard.type(" :party:")
    await expect(field(page)).to_have_value("so bold 🎉")
    await page.keyboard.press("Control+z")
    await expect(field(page)).to_have_value("so bold :party:")
    await field(page).fill("")
    await page.keyboard.type(f"你好@{ada.name[:-2]}")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(field(page)).to_have_value(f"你好@{ada.name} ")
    await field(page).fill("")
    await page.keyboard.type(f"@{ada.name}")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator(".mention")).to_have_text(f"@{ada.name}", timeout=WAIT)


@pytest.mark.slow
async def test_what_was_not_sent_yet_is_taken_back(stage):
    ada = await alone(stage)
    page = ada.page
    await ada.say("first")
    await ada.sees_sent("first")
    await ada.context.set_offline(True)
    await expect(page.locator("#banner")).to_be_visible(timeout=WAIT)
    await ada.say("secnod")
    await expect(page.locator(".message").last).to_have_attribute("data-state", "sending")
    await field(page).press("ArrowUp")
    await expect(field(page)).to_have_value("secnod", timeout=WAIT)
    await expect(page.locator(".composer-mode")).to_be_hidden()
    await ada.context.set_offline(False)
    await ada.say("second")
    await ada.sees_sent("second")
    await ada.sees("first", "second")
