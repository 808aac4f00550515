"""What an administrator changes in the admin reaches the people who are here."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.test_sign_up_links import here, link_by

SETTINGS = "/admin/accounts/sitesettings/"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def picture(folder: Path) -> Path:
    """A square of one colour."""
    rows = (b"\x00" + b"\x20\x80\x60" * 192) * 192
    head = struct.pack(">IIBBBBB", 192, 192, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    path = folder / "icon.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    return path


async def save(root: Any) -> None:
    await root.page.get_by_role("button", name="Save", exact=True).click()
    await expect(root.page.get_by_text("was changed successfully")).to_be_visible()


@pytest.mark.slow
async def test_site_settings_reach_people_without_a_restart(own_stage, tmp_path):
    root = await own_stage.person("root")
    start = here(link_by(own_stage.server, "invite", "--administrator"))
    await root.sign_up_by_page(start=start)
    await root.goto(SETTINGS)
    await root.page.get_by_label("Name:").fill("Garden club")
    await root.page.get_by_label("Icon:").set_input_files(picture(tmp_path))
    await root.page.get_by_label("Announcement:").fill("The site rests at six.")
    await save(root)

    zoe = await own_stage.person()
    await zoe.sign_up()
    await zoe.goto("/rooms/")
    shown = zoe.page.get_by_role("region", name="Announcement")
    await expect(shown).to_contain_text("The site rests at six.")
    await expect(zoe.page.get_by_role("link", name="Garden club")).to_be_visible()
    await expect(zoe.page).to_have_title("Rooms · Garden club")
    icon = zoe.page.locator("img[data-site-icon]")
    await expect(icon).to_have_attribute("src", "/site-icon/" + await version(zoe) + ".png")
    assert (
        await icon.evaluate("async (one) => { await one.decode(); return one.naturalWidth }") == 192
    )
    assert await violations(zoe.page) == []
    await shown.get_by_role("button", name="Dismiss").click()
    await expect(shown).to_have_count(0)
    await zoe.goto("/rooms/")
    await expect(zoe.page.get_by_role("link", name="Garden club")).to_be_visible()
    await expect(shown).to_have_count(0)

    await root.goto(SETTINGS)
    await root.page.get_by_label("Announcement:").fill("The site rests at seven.")
    await save(root)
    await zoe.goto("/rooms/")
    await expect(shown).to_contain_text("rests at seven")


async def version(person: Any) -> str:
    facts = await person.page.evaluate("fetch('/site.json').then((one) => one.json())")
    return facts["icon"].removeprefix("/site-icon/").removesuffix(".png")
