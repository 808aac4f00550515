"""The list of rooms shows no message that the room itself refuses. Programs have no such list."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from sotto.protocol.message import parse_message
from tests.hostile.browser_victim import BrowserVictim
from tests.hostile.conftest import Scene
from tests.hostile.victims import FORGED, sees

pytestmark = pytest.mark.parametrize(
    "scene", [pytest.param("browser", marks=pytest.mark.browser)], indirect=True
)
HONEST = ["one", "two", "three"]
NEVER = f"""(() => {{
  window.forged = [];
  const look = () => {{
    const found = document.body?.textContent.includes({FORGED!r});
    if (found) window.forged.push(location.pathname);
  }};
  new MutationObserver(look).observe(document, {{
    childList: true, subtree: true, characterData: true }});
}})()"""
"""Notes in `forged` where forged text was ever seen, however short."""


def page_of(scene: Scene) -> Page:
    assert isinstance(scene.victim, BrowserVictim)
    return scene.victim.page


async def watched(scene: Scene) -> tuple[Page, Locator]:
    """The victim has seen the room as it is, and looks at the list of rooms alone from now on."""
    await scene.join()
    await sees(scene.victim, scene.id, texts=HONEST, frozen=False)
    page = page_of(scene)
    await page.context.add_init_script(NEVER)
    return page, page.locator(f"#room-list [data-room='{scene.id}'] .room-link-last")


async def rolled_back(scene: Scene, seq: int):
    """A second first message of mallory's device."""
    dev = parse_message((await scene.rows())[2]).header.dev
    return scene.mallory.message(await scene.room(), seq, dev=dev, n=1, pm="")


async def test_hostile_newest_page_without_what_betrays_it(scene):
    """The server gives the list only the newest messages, which the room would refuse by those that
    this browser keeps.
    """
    page, line = await watched(scene)
    scene.hostile.rows[scene.id] = await scene.rows()  # what comes now reaches the list alone
    await scene.ada.rooms.open(scene.id)
    await scene.ada.messages.send(scene.id, "four")
    scene.hostile.rows[scene.id] = [*await scene.rows(), await rolled_back(scene, 5)]
    scene.hostile.pieces = 2
    await scene.victim.begins()
    await expect(line).to_have_text(f"{scene.ada.me.name}: four")
    assert await page.evaluate("window.forged") == []


async def test_hostile_single_message_over_the_socket_of_a_room_that_is_not_open(scene):
    page, line = await watched(scene)
    scene.hostile.rows[scene.id] = await scene.rows()
    await scene.victim.begins()
    await expect(line).to_have_text(f"{scene.mallory.client.me.name}: three")
    for row in (
        await rolled_back(scene, 4),
        scene.mallory.message(await scene.room(), 5, "in time"),
    ):
        scene.hostile.rows[scene.id].append(row)
        frame = {"type": "message_receive", "room": scene.id, "messages": [row]}
        await scene.hostile.push(frame)
    await expect(line).to_have_text(f"{scene.mallory.client.me.name}: in time")
    assert await page.evaluate("window.forged") == []


async def test_hostile_message_that_the_open_room_finds_out(scene):
    """Nothing betrays it before the room has read the others: then it leaves the list, too."""
    scene.hostile.rows[scene.id] = [*await scene.rows(), await rolled_back(scene, 4)]
    scene.hostile.pieces = 1
    victim = scene.victim
    await victim.join(scene.link, scene.id)
    page = page_of(scene)
    await page.locator("#timeline .refused").wait_for()
    line = page.locator(f"#room-list [data-room='{scene.id}'] .room-link-last")
    await expect(line).not_to_contain_text(FORGED)
    await page.locator("#sidebar .wordmark").click()
    await page.get_by_role("heading", name="Your rooms").wait_for()
    await expect(page.locator("body")).not_to_contain_text(FORGED)
