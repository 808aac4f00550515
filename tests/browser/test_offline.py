"""Sotto without a network: it opens from what the browser keeps. A new build takes one click."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.people import WAIT, Person, Stage
from tests.live import ROOT, LiveServer

pytestmark = pytest.mark.slow

KEPT = "navigator.serviceWorker.ready.then(({ active }) => active.state)"


async def keeps_the_shell(page: Page) -> None:
    """Wait until the service worker has the whole shell and answers for the page."""
    await page.evaluate(KEPT)
    await page.evaluate(
        """() => navigator.serviceWorker.controller ?? new Promise((resolve) =>
          navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }))"""
    )


async def kept_in_caches(page: Page) -> list[tuple[str, str]]:
    """(cache, address) of everything that the service worker keeps."""
    found: list[Any] = await page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys())
            for (const { url } of await (await caches.open(name)).keys())
              found.push([name, new URL(url).pathname]);
          return found;
        }"""
    )
    return [(name, path) for name, path in found]


@pytest_asyncio.fixture(loop_scope="session")
async def ada(stage: Stage) -> Person:
    """Somebody with a room, whose browser keeps the shell."""
    ada = await stage.person("ada", service_workers="allow")
    await ada.sign_up()
    await ada.make_room("Garden")
    await ada.say("tomatoes are red")
    await ada.sees_sent("tomatoes are red")
    await keeps_the_shell(ada.page)
    return ada


async def test_with_the_network_cut_a_room_is_read_and_written(ada):
    """What is written waits in the outbox, and is sent once when the network is back."""
    await ada.page.reload()
    await ada.sees("tomatoes are red")
    await ada.context.set_offline(True)
    await ada.page.reload()
    await ada.in_room("Garden")
    await ada.sees("tomatoes are red")
    await ada.say("written in a tunnel")
    await ada.sees("tomatoes are red", "written in a tunnel")
    await expect(ada.page.locator("#banner")).to_contain_text("1", timeout=WAIT)
    await ada.page.reload()
    await ada.sees("tomatoes are red", "written in a tunnel")
    await ada.goto("/rooms/")
    await expect(ada.page.locator("#room-list")).to_contain_text("Garden", timeout=WAIT)
    await ada.page.get_by_role("link", name="Garden").click()
    await ada.sees("tomatoes are red", "written in a tunnel")
    await ada.context.set_offline(False)
    await ada.sees_sent("written in a tunnel")


async def test_the_service_worker_keeps_the_shell_and_nothing_else(ada):
    """Pages and static files of one build: no answer of the API, and no message."""
    found = await kept_in_caches(ada.page)
    names = {name for name, _ in found}
    assert len(names) == 1
    paths = [path for _, path in found]
    assert "/rooms/-/" in paths
    assert not [path for path in paths if path.startswith(("/api/", "/site", "/ws", "/admin"))]
    texts = await ada.page.evaluate(
        """async () => {
          const texts = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys())
              texts.push(await (await cache.match(request)).text());
          }
          return texts.join();
        }"""
    )
    for secret in ("tomatoes", "Garden", ada.name):
        assert secret not in texts


async def test_a_page_that_was_never_open_opens_without_a_network(ada):
    await ada.context.set_offline(True)
    await ada.goto("/settings/")
    await expect(ada.page.get_by_role("heading", name="Settings")).to_be_visible(timeout=WAIT)
    await ada.context.set_offline(False)


async def test_logged_out_nothing_opens_without_a_network(ada):
    """Whose messages they are is forgotten, so a page says that the server is unreachable."""
    await ada.goto("/accounts/logout/")
    await ada.page.get_by_role("button", name="Log out").click()
    await expect(ada.page).to_have_url(f"{ada.stage.url}/", timeout=WAIT)
    await ada.context.set_offline(True)
    await ada.goto("/rooms/")
    await expect(ada.page.get_by_role("alert")).to_be_visible(timeout=WAIT)
    assert "Garden" not in await ada.page.content()


async def test_the_site_can_be_installed(ada):
    """A manifest whose icons are there, in the sizes that it says."""
    href = await ada.page.locator("link[rel=manifest]").get_attribute("href")
    about = json.loads(await ada.page.evaluate("(href) => fetch(href).then((a) => a.text())", href))
    sizes = await ada.page.evaluate(
        """(icons) => Promise.all(icons.map(async ({ src }) => {
          const picture = await createImageBitmap(await (await fetch(src)).blob());
          return `${picture.width}x${picture.height}`;
        }))""",
        about["icons"],
    )
    assert sizes == [icon["sizes"] for icon in about["icons"]]
    assert {"192x192", "512x512"} <= set(sizes)
    assert about["display"] == "standalone"


# --- a new build ---------------------------------------------------------------------------------

SITE = ("accounts", "chatsite", "messaging", "rooms", "summaries", "static", "templates")


class Changing(LiveServer):
    """A server that runs from a copy of the site, so that a test can make a new build of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data")
        self._copy = folder / "site"
        for name in SITE:
            shutil.copytree(ROOT / name, self._copy / name)
        shutil.copy(ROOT / "manage.py", self._copy)

    @property
    def root(self) -> Path:
        return self._copy

    def change(self, name: str, old: str, new: str) -> None:
        """Make another build, which the next start serves."""
        file = self._copy / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


async def test_a_new_build_waits_for_one_click_and_never_mixes(browser, tmp_path):
    """Until then every page is of the old build, also after a reload; then all tabs change."""
    title, changed = "Your rooms", "Your other rooms"
    with Changing(tmp_path) as server:
        async with Stage(server, browser) as stage:
            ada = await stage.person("ada", service_workers="allow")
            await ada.sign_up_by_page(start="/accounts/signup/")
            await ada.goto("/rooms/")
            await keeps_the_shell(ada.page)
            second = await ada.new_tab()
            await second.goto(f"{server.url}/rooms/")
            server.stop()
            server.change("templates/rooms/views/list.html", title, changed)
            server.change("static/js/ui/strings/late.js", "Use it now", "Use the new one")
            server.start()
            await ada.page.reload()
            offer = ada.page.locator("#update-notice")
            await expect(offer).to_be_visible(timeout=3 * WAIT)
            assert await ada.page.locator("#blank-title").inner_text() == title
            await ada.page.reload()
            use = ada.page.get_by_role("button", name="Use it now")
            await expect(use).to_be_visible(timeout=WAIT)
            assert await ada.page.locator("#blank-title").inner_text() == title
            await use.click()
            for page in (ada.page, second):
                await expect(page.locator("#blank-title")).to_have_text(changed, timeout=WAIT)
                builds = await page.evaluate(
                    """() => [...new Set(performance.getEntriesByType("resource")
                      .map(({ name }) => /[/]static[/]([^/]+)/.exec(name)?.[1]).filter(Boolean))]"""
                )
                assert len(builds) == 1
            assert len({name for name, _ in await kept_in_caches(ada.page)}) == 1


async def test_a_new_build_takes_the_place_of_the_old_one_where_no_space_is_for_both(
    browser, tmp_path
):
    title, changed = "Your rooms", "Your other rooms"
    with Changing(tmp_path) as server:
        async with Stage(server, browser) as stage:
            ada = await stage.person("ada", service_workers="allow")
            await ada.sign_up_by_page(start="/accounts/signup/")
            await ada.goto("/rooms/")
            await keeps_the_shell(ada.page)
            server.stop()
            server.change("templates/rooms/views/list.html", title, changed)
            server.start()
            session = await ada.context.new_cdp_session(ada.page)
            used = await ada.page.evaluate("navigator.storage.estimate().then((e) => e.usage)")
            quota = {"origin": server.url, "quotaSize": used + 300_000}
            await session.send("Storage.overrideQuotaForOrigin", quota)
            await ada.page.reload()
            offer = ada.page.locator("#update-notice")
            await expect(offer).to_contain_text("no space for two", timeout=3 * WAIT)
            assert await ada.page.locator("#blank-title").inner_text() == title
            await ada.page.get_by_role("button", name="Use it now").click()
            await expect(ada.page.locator("#blank-title")).to_have_text(changed, timeout=WAIT)
            await ada.page.reload()
            await expect(ada.page.locator("#blank-title")).to_have_text(changed, timeout=WAIT)
