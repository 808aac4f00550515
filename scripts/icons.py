"""Draws the icons of the installed app from `static/img/sotto.svg`: `python -m scripts.icons`.

Needs the Chromium of the tests. What it writes is committed.
"""

from __future__ import annotations

import asyncio
import os

from playwright.async_api import Page, async_playwright

from scripts.browser import chromium_path, launch_flags
from scripts.environment import ROOT

FOLDER = ROOT / "static" / "img"
SOURCE = FOLDER / "sotto.svg"
GROUND = "#17665c"  # of the drawing, to the edge where a system cuts a shape of its own out
SAFE = 0.7  # share of the edge that no such shape cuts away
ICONS = {
    "icon-192.png": (192, 1.0, "transparent"),
    "icon-512.png": (512, 1.0, "transparent"),
    "icon-maskable-512.png": (512, SAFE, GROUND),
    "icon-touch-180.png": (180, SAFE, GROUND),
    "icon-32.png": (32, 1.0, "transparent"),
}
PAGE = """<style>
  html, body {{ margin: 0; background: {ground} }}
  body {{ inline-size: {size}px; block-size: {size}px; display: grid; place-items: center }}
  svg {{ inline-size: {share}px; block-size: {share}px; display: block }}
</style>{svg}"""


async def draw(page: Page, name: str) -> None:
    """Write one icon."""
    size, scale, ground = ICONS[name]
    await page.set_viewport_size({"width": size, "height": size})
    svg = SOURCE.read_text()
    await page.set_content(PAGE.format(size=size, share=size * scale, ground=ground, svg=svg))
    await page.screenshot(path=FOLDER / name, omit_background=True)


async def main() -> None:
    path = os.environ.get("SOTTO_CHROMIUM") or chromium_path(dict(os.environ))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=launch_flags())
        page = await browser.new_page()
        for name in ICONS:
            await draw(page, name)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
