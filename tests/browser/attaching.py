"""Files with messages, as people add them."""

from __future__ import annotations

import base64

from playwright.async_api import FilePayload

from tests.browser.people import Person

GPS = b"Exif\x00\x00 55.676 N 12.568 E"


async def attach(person: Person, name: str, mime: str, data: bytes) -> None:
    async with person.page.expect_file_chooser() as choosing:
        await person.page.get_by_role("button", name="Add something").click()
        await person.page.get_by_role("menuitem", name="Attach a file").click()
    chooser = await choosing.value
    await chooser.set_files(FilePayload(name=name, mimeType=mime, buffer=data))


async def photo(person: Person) -> bytes:
    """A JPEG whose metadata names a place."""
    address = await person.page.evaluate(
        """() => {
          const canvas = document.createElement("canvas");
          canvas.getContext("2d").fillRect(20, 20, 100, 80);
          return canvas.toDataURL("image/jpeg");
        }"""
    )
    plain = base64.b64decode(address.partition(",")[2])
    return plain[:2] + b"\xff\xe1" + (len(GPS) + 2).to_bytes(2, "big") + GPS + plain[2:]
