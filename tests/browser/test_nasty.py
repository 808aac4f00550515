"""Texts, names and pictures that would make a page stand still: the page answers all the same."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import WAIT, Person

ANSWERS_WITHIN = 5_000  # ms, on a busy machine
TEXTS = ("arabic letters", "stars and lines", "letters with 20 marks", "pictures that never close")
NASTY = json.loads((Path(__file__).parents[2] / "benchmarks" / "nasty.json").read_text())


def nasty(name: str, size: int = 30_000) -> str:
    how = NASTY[name]
    again = how["again"]
    return how.get("first", "") + again * (size // len(again.encode())) + how.get("last", "")


async def answers(page: Page) -> None:
    """The main thread takes a turn."""
    await page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")


async def send(person: Person, room: str, *contents: dict[str, Any]) -> None:
    """What the person's own page would never let them write."""
    await person.page.evaluate(
        """async ([room, contents]) => {
          const base = document.querySelector("script[type=module]").src.split("/js/")[0];
          const { requireAccount } = await import(`${base}/js/pages/bootstrap.js`);
          const me = await requireAccount();
          let at = Date.now();
          for (const content of contents) {
            const cid = crypto.randomUUID().replaceAll("-", "");
            await me.store.outbox.addEntry({ room, cid, at: at++, content, state: "queued" });
          }
        }""",
        [room, list(contents)],
    )
    await person.page.reload()
    await expect(person.page.locator("#room-title")).to_have_text("Garden", timeout=3 * WAIT)


@pytest.mark.slow
async def test_abuse_nasty_messages_leave_the_page_at_hand(stage):
    ada, ben = await stage.person("ada"), await stage.person("ben")
    await ada.sign_up()
    await ben.sign_up()
    room = await ada.make_room("Garden")
    link = await ada.invite()
    await ben.join(link, "Garden")
    await send(ada, room, *({"t": "text", "body": nasty(name)} for name in TEXTS))
    await expect(ada.page.locator('.message[data-state="sent"]')).to_have_count(4, timeout=3 * WAIT)
    await ada.say("the end")
    ben.page.set_default_timeout(ANSWERS_WITHIN + WAIT)
    await ben.page.reload()
    await ben.sees("the end")
    await answers(ben.page)
    shown = ben.page.locator(".message-text")
    buttons = ben.page.get_by_role("button", name="Show all")
    await expect(buttons).to_have_count(len(TEXTS), timeout=WAIT)
    for text in await shown.all_text_contents():
        assert len(text) < 5_000
    counted = await shown.evaluate_all(
        "(all) => all.map((one) => one.querySelectorAll('*').length)"
    )
    assert max(counted) <= 1_500
    await buttons.nth(1).focus()
    await ben.page.keyboard.press("Enter")
    await expect(buttons).to_have_count(len(TEXTS) - 1, timeout=WAIT)
    await answers(ben.page)
    whole = await shown.nth(1).text_content()
    assert whole is not None
    assert whole.count("*a_") >= len(nasty(TEXTS[1])) // 3 - 20, "nothing of it is lost"
    assert not ben.problems


def bomb(width: int, height: int) -> bytes:
    """A small PNG that asks for so many points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.slow
async def test_abuse_a_picture_bomb_is_offered_to_be_saved(stage):
    """Its sender says that it is small; its own header says how large it is."""
    ada = await stage.person("ada")
    await ada.sign_up()
    room = await ada.make_room("Garden")
    file = await ada.page.evaluate(
        """async ([room, bytes]) => {
          const base = document.querySelector("script[type=module]").src.split("/js/")[0];
          const { requireAccount } = await import(`${base}/js/pages/bootstrap.js`);
          const { Files } = await import(`${base}/js/conversation/messages/files.js`);
          const me = await requireAccount();
          const blob = new Blob([new Uint8Array(bytes)], { type: "image/png" });
          const about = { name: "small.png", type: "image/png", w: 100, h: 100 };
          return await new Files(me, room).send(blob, about);
        }""",
        [room, list(bomb(12_000, 12_000))],
    )
    await send(ada, room, {"t": "text", "body": "look", "files": [file]})
    await expect(ada.page.get_by_text("This picture is too large to show")).to_be_visible()
    await expect(ada.page.get_by_role("button", name="Save small.png")).to_be_visible()
    assert await ada.page.locator(".message img").count() == 0
