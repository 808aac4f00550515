"""Pictures: several in one message, the lightbox, thumbnails, and motion without metadata."""

from __future__ import annotations

import os
import struct
import zlib

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Locator, expect

from tests.browser.people import WAIT, Person
from tests.browser.test_phone import png

SECRET = b"55.676 N 12.568 E"


@pytest_asyncio.fixture(loop_scope="session")
async def pair(own_stage):
    ada = await (await own_stage.person("ada")).sign_up()
    ben = await (await own_stage.person("ben")).sign_up()
    await ada.make_room("Album")
    await ben.join(await ada.invite(), "Album")
    return ada, ben


async def send(person: Person, *pictures: tuple[str, bytes]) -> None:
    """All of them in one message."""
    async with person.page.expect_file_chooser() as choosing:
        await person.page.get_by_role("button", name="Add something").click()
        await person.page.get_by_role("menuitem", name="Attach a file").click()
    files = [FilePayload(name=name, mimeType="image/png", buffer=data) for name, data in pictures]
    await (await choosing.value).set_files(files)
    await expect(person.page.locator(".tray-picture canvas")).to_have_count(len(files))
    await person.page.get_by_role("button", name="Send", exact=True).click()


async def shape(image: Locator) -> tuple[float, float]:
    """Its width and height on the screen, in pixels."""
    return tuple(
        await image.evaluate(
            "(i) => { const r = i.getBoundingClientRect(); return [r.width, r.height]; }"
        )
    )


def noise(width: int, height: int) -> bytes:
    """A picture that cannot be packed, so that its thumbnail is worth sending."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + os.urandom(width * 3) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def moving_png() -> bytes:
    """Two frames, and words about who made them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    def frame(shade: int) -> bytes:
        return zlib.compress((b"\0" + bytes([shade, 90, 90]) * 40) * 40)

    def control(number: int) -> bytes:
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 40, 40, 0, 0, 1, 5, 0, 0))

    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + SECRET),
            chunk(b"acTL", struct.pack(">II", 2, 0)),
            control(0),
            chunk(b"IDAT", frame(20)),
            control(1),
            chunk(b"fdAT", struct.pack(">I", 2) + frame(230)),
            chunk(b"eXIf", SECRET),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.slow
async def test_several_pictures_are_all_seen_and_open_in_the_lightbox(pair):
    ada, ben = pair
    page = ben.page
    wide, tall = ("wide.png", png(900, 300)), ("tall.png", png(60, 1200))
    await send(ada, wide, ("square.png", png(500, 500)), tall)
    images = page.locator(".picture-grid .picture img")
    await expect(images).to_have_count(3, timeout=WAIT)
    for image in await images.all():
        assert await image.evaluate("(i) => getComputedStyle(i).objectFit") == "scale-down"
    box = page.get_by_role("button", name="Show wide.png")
    width, height = await shape(box)
    assert abs(width / height - 3) < 0.05, "nothing of it is cut off"

    await box.click()
    lightbox = page.get_by_role("dialog", name="Pictures")
    shown = lightbox.locator("img")
    await expect(shown).to_have_attribute("alt", "wide.png")
    await expect(lightbox).to_contain_text("1 of 3")
    await expect(lightbox.locator(".lightbox-caption")).to_contain_text(f"wide.png{ada.name}")
    before = (await shape(shown))[0]
    assert before == 900, "as large as it is"
    await page.keyboard.press("+")
    assert (await shape(shown))[0] > before * 1.2
    await page.keyboard.press("0")
    assert (await shape(shown))[0] == before
    await shown.hover()
    await page.mouse.wheel(0, -300)
    await page.wait_for_function(
        "(w) => document.querySelector('.lightbox img').getBoundingClientRect().width > w",
        arg=before,
    )
    await page.keyboard.press("ArrowRight")
    await expect(shown).to_have_attribute("alt", "square.png")
    await lightbox.get_by_role("button", name="Next picture").click()
    await expect(shown).to_have_attribute("alt", "tall.png")
    await expect(lightbox).to_contain_text("3 of 3")
    assert (await shape(shown))[0] == 60, "20 times as tall as wide: not squeezed into the window"
    top = await shown.evaluate("(i) => i.getBoundingClientRect().top")
    stage = await lightbox.locator(".lightbox-stage").evaluate(
        "(s) => s.getBoundingClientRect().top"
    )
    assert abs(top - stage) < 1, "it begins at its top"
    await page.keyboard.press("PageDown")
    assert await shown.evaluate("(i) => i.getBoundingClientRect().top") < top
    await page.keyboard.press("ArrowRight")
    await expect(shown).to_have_attribute("alt", "tall.png")
    await page.keyboard.press("Home")
    await expect(shown).to_have_attribute("alt", "wide.png")
    await page.keyboard.press("Escape")
    await expect(lightbox).to_have_count(0)
    await expect(box).to_be_focused()


@pytest.mark.slow
async def test_a_large_picture_brings_a_thumbnail_that_is_sealed_and_goes_with_it(pair, own_server):
    ada, ben = pair
    page = ben.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    await send(ada, ("noise.png", noise(1600, 1200)))
    image = page.locator(".picture img")
    await expect(image).to_be_visible(timeout=WAIT)
    files = [url for url in fetched if "/files/" in url and "/static/" not in url]
    assert len(files) == 1, "the picture itself is not fetched yet"
    assert await image.evaluate("(i) => i.naturalWidth") == 840
    stored = [path for path in (own_server.data / "files").rglob("*") if path.is_file()]
    assert len(stored) == 2
    assert not any(b"PNG" in path.read_bytes()[:64] for path in stored)
    await page.get_by_role("button", name="Show noise.png").click()
    shown = page.locator(".lightbox img")
    await expect(shown).to_be_visible(timeout=WAIT)
    assert await shown.evaluate("(i) => i.naturalWidth") == 1600
    await page.keyboard.press("Escape")
    await ada.page.locator(".message", has=ada.page.locator(".picture")).hover(
        position={"x": 4, "y": 4}
    )
    await ada.page.get_by_role("button", name="More", exact=True).click()
    await ada.page.get_by_role("menuitem", name="Delete").click()
    await ada.page.locator("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("This message was deleted.")).to_be_visible(timeout=WAIT)
    assert not [path for path in (own_server.data / "files").rglob("*") if path.is_file()]


@pytest.mark.slow
async def test_a_moving_picture_goes_on_moving_without_its_metadata(pair):
    ada, ben = pair
    page = ben.page
    await send(ada, ("moving.png", moving_png()))
    image = page.locator(".picture img")
    await expect(image).to_be_visible(timeout=WAIT)
    await page.get_by_role("button", name="Show moving.png").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save moving.png").click()
    saved = (await (await downloading.value).path()).read_bytes()
    assert SECRET not in saved
    assert saved.count(b"fcTL") == 2
    moves = await page.evaluate(
        """async (bytes) => {
          const decoder = new ImageDecoder({ data: new Uint8Array(bytes), type: "image/png" });
          await decoder.tracks.ready;
          return decoder.tracks.selectedTrack.frameCount;
        }""",
        list(saved),
    )
    assert moves == 2
