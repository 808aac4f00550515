"""Pictures by their bytes, whatever their names say: metadata goes, motion and words stay."""

from __future__ import annotations

import base64
import struct

import pytest
from playwright.async_api import Page, expect

from tests.browser.attaching import GPS, photo
from tests.browser.people import WAIT, Person
from tests.browser.test_phone import PHONE, png
from tests.browser.test_pictures import SECRET, moving_png

pytestmark = pytest.mark.slow

CHOOSE = """
  ([name, type, bytes]) => {
    const given = new DataTransfer();
    const content = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
    given.items.add(new File([content], name, { type }));
    const chooser = document.querySelector("input[type=file]");
    chooser.files = given.files;
    chooser.dispatchEvent(new Event("change"));
  }
"""
FRAMES = """
  async ([type, bytes]) => {
    const data = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type });
    await decoder.tracks.ready;
    return decoder.tracks.selectedTrack.frameCount;
  }
"""
STILL_WEBP = """
  (colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 30 });
    const context = canvas.getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 40, 30);
    return canvas.toDataURL("image/webp", 0.8);
  }
"""


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def send(person: Person, name: str, kind: str, data: bytes) -> None:
    """A file of whatever type the system says, as some systems say none."""
    await person.page.evaluate(CHOOSE, [name, kind, in_base64(data)])
    await expect(person.page.locator(".tray-list li")).to_have_count(1)
    await person.page.get_by_role("button", name="Send", exact=True).click()
    await expect(person.page.locator(".tray")).to_be_hidden(timeout=WAIT)


async def saved_from_lightbox(page: Page, name: str) -> bytes:
    await expect(page.locator(".picture img").last).to_be_visible(timeout=WAIT)
    await page.get_by_role("button", name=f"Show {name}").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=f"Save {name}").click()
    await page.keyboard.press("Escape")
    return (await (await downloading.value).path()).read_bytes()


async def moving_webp(page: Page) -> bytes:
    """Two frames, a profile, and words about who made them."""

    def part(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def three(number: int) -> bytes:
        return struct.pack("<I", number)[:3]

    frames = []
    for colour in ("teal", "tomato"):
        address = await page.evaluate(STILL_WEBP, colour)
        still = base64.b64decode(address.partition(",")[2])
        at = still.index(b"VP8 ", 12)  # a profile may stand before it
        size = int.from_bytes(still[at + 4 : at + 8], "little")
        head = three(0) + three(0) + three(39) + three(29) + three(200) + b"\0"
        frames.append(part(b"ANMF", head + still[at : at + 8 + size + size % 2]))
    body = b"".join(
        [
            b"WEBP",
            part(b"VP8X", bytes([0x2E, 0, 0, 0]) + three(39) + three(29)),
            part(b"ICCP", SECRET),
            part(b"ANIM", bytes(6)),
            *frames,
            part(b"EXIF", SECRET),
            part(b"XMP ", SECRET),
        ]
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


async def test_a_photo_without_an_ending_is_a_picture_and_loses_its_place(two):
    ada, ben = two
    data = await photo(ada)
    assert GPS in data
    await send(ada, "IMG_0001", "", data)
    assert GPS not in await saved_from_lightbox(ben.page, "IMG_0001")


async def test_moving_pictures_of_every_kind_move_without_their_metadata(two):
    ada, ben = two
    webp = await moving_webp(ada.page)
    for name, claimed, kind, data in (
        ("one.apng", "image/apng", "image/png", moving_png()),
        ("two.webp", "image/webp", "image/webp", webp),
        ("three.png", "image/png", "image/webp", webp),
    ):
        assert await ada.page.evaluate(FRAMES, [kind, in_base64(data)]) == 2
        await send(ada, name, claimed, data)
        saved = await saved_from_lightbox(ben.page, name)
        assert SECRET not in saved
        assert await ben.page.evaluate(FRAMES, [kind, in_base64(saved)]) == 2, name


async def test_a_moving_picture_that_is_cut_off_is_drawn_anew(two):
    ada, ben = two
    await send(ada, "cut.png", "image/png", moving_png()[:-6])
    assert SECRET not in await saved_from_lightbox(ben.page, "cut.png")


async def test_a_picture_twenty_times_as_tall_as_wide_can_be_read(stage, two):
    ada, ben = two
    cleo = await (await stage.person("cleo", **PHONE)).sign_up()
    await cleo.join(await ada.invite(), "Choir")
    page = cleo.page
    for name, size in (("tall.png", (1000, 20_000)), ("wide.png", (20_000, 1000))):
        await send(ben, name, "image/png", png(*size))
        await expect(page.locator(".picture img").last).to_be_visible(timeout=WAIT)
        await page.get_by_role("button", name=f"Show {name}").tap()
        shown = page.locator(".lightbox img")
        await expect(shown).to_be_visible(timeout=WAIT)
        points = await shown.evaluate("(i) => Math.min(i.naturalWidth, i.naturalHeight)")
        assert points > 750, f"{name}: {points}"
        across = await shown.evaluate(
            """(i) => {
              const [picture, stage] = [i, i.parentElement].map((e) => e.getBoundingClientRect());
              return picture.width < picture.height ? picture.width / stage.width
                : picture.height / stage.height;
            }"""
        )
        assert across > 0.9, "it fills the short side"
        await page.keyboard.press("Escape")
