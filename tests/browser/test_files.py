"""Files with messages: pictures in line, others to be saved; the server keeps sealed bytes."""

from __future__ import annotations

import os

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.attaching import attach, photo
from tests.browser.people import WAIT

SECRET = "the treasure is under the old oak"


@pytest_asyncio.fixture(loop_scope="session")
async def pair(own_stage):
    ada = await (await own_stage.person("ada")).sign_up()
    ben = await (await own_stage.person("ben")).sign_up()
    await ada.make_room("Album")
    await ben.join(await ada.invite(), "Album")
    return ada, ben


@pytest.mark.slow
async def test_a_file_is_sent_saved_and_unknown_to_the_server(pair, own_server):
    ada, ben = pair
    data = SECRET.encode() * 9000  # some 300 kB, in several chunks
    await attach(ada, "map.txt", "text/plain", data)
    await expect(ada.page.locator(".tray")).to_contain_text("map.txt")
    await ada.page.get_by_role("button", name="Send", exact=True).click()
    saving = ben.page.get_by_role("button", name="Save map.txt")
    await saving.wait_for()
    async with ben.page.expect_download() as downloading:
        await saving.click()
    download = await downloading.value
    assert download.suggested_filename == "map.txt"
    assert (await download.path()).read_bytes() == data
    stored = [path for path in (own_server.data / "files").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert SECRET.encode() not in stored[0].read_bytes()
    assert not any(b"map.txt" in sent for sent in ada.sent), "its name is sealed, too"


@pytest.mark.slow
async def test_a_picture_stands_in_line_without_its_metadata(pair):
    ada, ben = pair
    await attach(ada, "holiday.jpg", "image/jpeg", await photo(ada))
    await ada.say("look")
    await ben.sees("look")
    image = ben.page.locator(".picture img")
    await expect(image).to_be_visible(timeout=WAIT)
    await ben.page.get_by_role("button", name="Show holiday.jpg").click()
    await expect(ben.page.locator("dialog.lightbox img")).to_be_visible()
    async with ben.page.expect_download() as downloading:
        await ben.page.get_by_role("link", name="Save holiday.jpg").click()
    saved = (await (await downloading.value).path()).read_bytes()
    assert saved[:2] == b"\xff\xd8"
    assert b"55.676" not in saved, "where it was taken went along"
    await ben.page.keyboard.press("Escape")
    await expect(ben.page.locator("dialog.lightbox")).to_have_count(0)
    await ben.page.reload()
    await expect(image).to_be_visible(timeout=WAIT)


@pytest.mark.slow
async def test_what_only_claims_to_be_a_picture_is_saved_not_shown(pair):
    ada, ben = pair
    await attach(ada, "trick.png", "image/png", b"<script>alert(1)</script>")
    await attach(ada, "drawing.svg", "image/svg+xml", b"<svg onload='alert(1)'/>")
    await ada.page.get_by_role("button", name="Send", exact=True).click()
    await ben.page.get_by_role("button", name="Save trick.png").wait_for()
    await ben.page.get_by_role("button", name="Save drawing.svg").wait_for()
    assert await ben.page.locator(".picture").count() == 0


@pytest.mark.slow
async def test_an_upload_that_fails_keeps_everything(pair):
    ada, ben = pair
    await attach(ada, "big.bin", "application/octet-stream", os.urandom(200_000))
    await ada.context.set_offline(True)
    await ada.page.get_by_label("Message", exact=True).fill("with a file")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.locator(".tray")).to_contain_text("were not sent", timeout=WAIT)
    await expect(ada.page.get_by_label("Message", exact=True)).to_have_value("with a file")
    await ada.context.set_offline(False)
    await ada.page.get_by_label("Message", exact=True).press("Enter")
    await ben.page.get_by_role("button", name="Save big.bin").wait_for()
    await expect(ada.page.locator(".tray")).to_be_hidden()


@pytest.mark.slow
async def test_a_file_is_pasted_and_taken_out_again(pair):
    ada, _ = pair
    await ada.page.get_by_label("Message", exact=True).evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "note.txt", { type: "text/plain" }));
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    await expect(ada.page.locator(".tray")).to_contain_text("note.txt")
    await ada.page.get_by_role("button", name="Do not send note.txt").click()
    await expect(ada.page.locator(".tray")).to_be_hidden()


@pytest.mark.slow
async def test_deleted_messages_take_their_files_along(pair, own_server):
    ada, ben = pair
    await attach(ada, "map.txt", "text/plain", b"gone soon")
    await ada.say("map")
    await ben.page.get_by_role("button", name="Save map.txt").wait_for()
    await ada.page.locator(".message", has_text="map").first.hover()
    await ada.page.get_by_role("button", name="More", exact=True).click()
    await ada.page.get_by_role("menuitem", name="Delete").click()
    await ada.page.locator("dialog").get_by_role("button", name="Delete").click()
    await expect(ben.page.get_by_text("This message was deleted.")).to_be_visible(timeout=WAIT)
    assert not [path for path in (own_server.data / "files").rglob("*") if path.is_file()]
