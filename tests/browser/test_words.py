"""Words: what is typed is on the page, can be selected, copied and printed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import WAIT, Person

TABLE = "| name | what it does |\n|---|--:|\n| a | " + "wide " * 40 + "|"
CODE = "```python\ndef greet(name):\n    # says hello\n    return f'hello {name}'\n```"
PERSIAN = "سلام! این یک Chromium است!"


async def alone(stage) -> Person:
    ada = await (await stage.person("ada")).sign_up()
    await ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ada.make_room("Kitchen")
    return ada


async def look(person: Person, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it."""
    if folder := os.environ.get("SOTTO_PICTURES"):
        for scheme in ("light", "dark"):
            for width in (1280, 390):
                await person.page.emulate_media(color_scheme=scheme)
                await person.page.set_viewport_size({"width": width, "height": 800})
                path = Path(folder) / f"{name}-{scheme}-{width}.png"
                await person.page.screenshot(path=path, animations="disabled")
        await person.page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.slow
async def test_markup_is_shown_and_code_is_coloured_and_copied(stage):
    ada = await alone(stage)
    page = ada.page
    for text in (
        "hi @" + ada.name + ", takes ~3~5 minutes, C:\\Users\\_admin\\*.txt",
        "- [ ] open\n- [x] done",
        "2) two\n5) five",
        TABLE,
        PERSIAN,
        "see https://googlе.com/",
        CODE,
    ):
        await ada.say(text)
    code = page.locator(".code-block")
    await expect(code.locator(".code-keyword").first).to_be_visible(timeout=WAIT)
    await expect(code.locator(".code-label")).to_have_text("python")
    assert await code.locator("code").text_content() == "\n".join(CODE.split("\n")[1:-1])
    await look(ada, "words")
    await code.get_by_role("button", name="Copy the code").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "\n".join(
        CODE.split("\n")[1:-1]
    )
    box = page.locator(".scroll-view")
    assert await box.evaluate("(box) => box.scrollWidth > box.clientWidth")
    timeline = page.locator("#timeline")
    assert await timeline.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    persian = page.locator("p", has_text="سلام").last
    assert await persian.evaluate("(line) => getComputedStyle(line).direction") == "rtl"
    await expect(page.locator(".link-host")).to_have_text("(xn--googl-3we.com)")
    await expect(page.locator(".mention")).to_have_text(f"@{ada.name}")
    await page.get_by_label("Message", exact=True).fill(PERSIAN)
    field = page.get_by_label("Message", exact=True)
    assert await field.evaluate("(it) => getComputedStyle(it).direction") == "rtl"


@pytest.mark.slow
async def test_several_messages_are_copied_with_name_and_time_once(stage):
    ada = await alone(stage)
    page = ada.page
    for text in ("one **bold**", "two\nlines", "three"):
        await ada.say(text)
    await ada.sees_sent("three")
    texts = page.locator(".message-text")
    first, last = await texts.first.bounding_box(), await texts.last.bounding_box()
    assert first
    assert last
    await page.mouse.move(first["x"] + 13, first["y"] + 12)
    await page.mouse.down()
    await page.mouse.move(last["x"] + 20, last["y"] + 8, steps=8)
    await page.mouse.move(last["x"] + last["width"] - 2, last["y"] + last["height"] - 6, steps=4)
    await page.mouse.up()
    assert "two" in await page.evaluate("getSelection().toString()")
    await page.keyboard.press("Control+C")
    head, *lines = (await page.evaluate("navigator.clipboard.readText()")).split("\n")
    assert head.startswith(f"{ada.name}, ")
    assert lines in (
        ["one **bold**", "two", "lines", "three"],
        ["one bold", "two", "lines", "three"],
    )


@pytest.mark.slow
async def test_a_room_prints_its_conversation(stage):
    ada = await alone(stage)
    page = ada.page
    for number in range(30):
        await ada.say(f"line {number}")
    await ada.sees("line 29")
    await page.emulate_media(media="print")
    await expect(page.locator("#composer")).to_be_hidden()
    await expect(page.locator("#sidebar")).to_be_hidden()
    await expect(page.locator("#room-title")).to_be_visible()
    whole = "(box) => [getComputedStyle(box).overflowY, box.scrollHeight <= box.clientHeight + 1]"
    assert await page.locator("#timeline").evaluate(whole) == ["visible", True]
    assert await page.evaluate("document.documentElement.scrollHeight > innerHeight")
    await look(ada, "print")


@pytest.mark.slow
async def test_today_becomes_yesterday_at_midnight(stage):
    ada = await alone(stage)
    page = ada.page
    await ada.say("good night")
    day = page.locator(".timeline-day")
    await expect(day).to_have_text("Today", timeout=WAIT)
    await page.evaluate(
        """() => {
          const now = Date.now;
          Date.now = () => now() + 86_400_000;
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    await expect(day).to_have_text("Yesterday")
