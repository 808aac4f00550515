"""From the first page on, rooms switch in the page: one socket, and the browser's history as on any
site.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import WAIT

ROOMS = ("Attic", "Barn", "Cellar")
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
COUNT_SOCKETS = """
  globalThis.sockets = 0;
  globalThis.WebSocket = new Proxy(globalThis.WebSocket, {
    construct(kind, given) {
      globalThis.sockets += 1;
      return new kind(...given);
    },
  });
"""
COUNT_LISTENERS = """
  globalThis.listening = new Map();
  const lasting = ["Window", "HTMLDocument", "Chat", "RoomSession", "Blocks", "MediaQueryList",
    "LateOpener", "WorkerMessageOpener"];
  const follow = (target, name, work, options) => {
    const { signal, once } = typeof options === "object" && options ? options : {};
    const key = `${target.constructor.name}:${name}`;
    const count = (by) => listening.set(key, (listening.get(key) ?? 0) + by);
    if (!lasting.includes(target.constructor.name) || signal?.aborted || once) return;
    const known = (target.__known ??= new Map());
    const works = known.get(name) ?? known.set(name, new Set()).get(name);
    if (works.has(work)) return;
    works.add(work);
    count(1);
    signal?.addEventListener("abort", () => works.delete(work) && count(-1), { once: true });
  };
  const { addEventListener: add, removeEventListener: drop } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (name, work, options) {
    follow(this ?? globalThis, name, work, options);
    return add.call(this ?? globalThis, name, work, options);
  };
  EventTarget.prototype.removeEventListener = function (name, work, options) {
    const target = this ?? globalThis;
    const works = target.__known?.get(name);
    if (works?.delete(work)) {
      const key = `${target?.constructor?.name}:${name}`;
      listening.set(key, listening.get(key) - 1);
    }
    return drop.call(target, name, work, options);
  };
"""

# Of those that are loaded ahead, one after the other.
LAST_PART = "**/pages/announcement-watch.js"


async def with_rooms(stage: Any, **options: Any) -> Any:
    """Somebody with three rooms, each of which says its name; the last is open."""
    ada = await stage.person("ada", **options)
    await ada.context.add_init_script(COUNT_SOCKETS)
    await ada.sign_up()
    ada.rooms = {}
    for name in ROOMS:
        ada.rooms[name] = await ada.make_room(name)
        await ada.page.get_by_label("Message", exact=True).fill(f"this is the {name}")
        await ada.page.get_by_role("button", name="Send", exact=True).click()
        await ada.sees_sent(f"this is the {name}")
    return ada


async def choose(ada: Any, name: str) -> None:
    await ada.page.locator("#room-list").get_by_role("link", name=name).click()
    await shows(ada, name)


async def shows(ada: Any, name: str, page: Page | None = None) -> None:
    """The room with its message, its address and its title; nothing of another one."""
    page = page or ada.page
    await expect(page.locator("#room-title")).to_have_text(name, timeout=WAIT)
    await expect(page.locator(".message-text")).to_have_text([f"this is the {name}"], timeout=WAIT)
    await expect(page).to_have_title(re.compile(rf"^(\(\d+\) )?{name} · Sotto$"))
    assert await page.evaluate("location.pathname") == f"/rooms/{ada.rooms[name]}/"
    current = page.locator("#room-list [aria-current=page]")
    await expect(current).to_contain_text(name)


async def mark(page: Page) -> None:
    """A page that is loaded anew does not bear it any more."""
    await page.evaluate("globalThis.marked = true")


async def is_marked(page: Page) -> bool:
    return await page.evaluate("globalThis.marked === true")


@pytest.mark.slow
async def test_rooms_switch_in_the_page_with_one_socket_and_the_history_follows(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await page.reload()
    await shows(ada, "Cellar")
    await mark(page)
    for name in ("Attic", "Barn", "Cellar"):
        await choose(ada, name)
        await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    assert await page.evaluate("globalThis.sockets") == 1

    await page.go_back()
    await shows(ada, "Barn")
    await page.go_back()
    await shows(ada, "Attic")
    await page.go_forward()
    await shows(ada, "Barn")
    assert await is_marked(page), "no page was loaded"
    assert await page.evaluate("globalThis.sockets") == 1

    await page.reload()
    await shows(ada, "Barn")
    await page.go_back()
    await shows(ada, "Attic")
    await ada.say("still the same room")
    await ada.sees_sent("still the same room")


@pytest.mark.slow
async def test_messages_reach_the_room_that_is_open_and_the_list(stage):
    ada = await with_rooms(stage)
    ben = await (await stage.person("ben")).sign_up()
    await choose(ada, "Attic")
    await ben.join(await ada.invite(), "Attic")
    await choose(ada, "Barn")
    await ben.say("are you upstairs?")
    line = ada.page.locator("#room-list").get_by_role("link", name="Attic")
    await expect(line).to_contain_text("are you upstairs?", timeout=WAIT)
    await expect(line.locator(".badge")).to_contain_text("1")
    await shows(ada, "Barn")

    await line.click()
    await ada.sees("this is the Attic", "are you upstairs?")
    await expect(ada.page.locator(".timeline-unread")).to_be_visible()
    await expect(line.locator(".badge")).to_have_count(0)
    await ben.say("a second one")
    await ada.sees("are you upstairs?", "a second one")
    await ada.say("yes")
    await ben.sees("are you upstairs?", "a second one", "yes")


@pytest.mark.slow
async def test_a_deep_link_a_second_tab_and_the_middle_button(stage):
    ada = await with_rooms(stage)
    await mark(ada.page)
    link = ada.page.locator("#room-list").get_by_role("link", name="Barn")
    async with ada.context.expect_page() as opening:
        await link.click(button="middle")
    other = await opening.value
    await shows(ada, "Barn", other)
    await shows(ada, "Cellar")

    await other.goto(f"{stage.url}/rooms/{ada.rooms['Attic']}/#m1")
    await shows(ada, "Attic", other)
    await expect(other.locator('[data-seq="1"]')).to_be_focused()
    await choose(ada, "Attic")
    await ada.say("from the first tab")
    await ada.sees("from the first tab", page=other)
    await other.close()
    assert await is_marked(ada.page)


@pytest.mark.slow
async def test_a_switch_asks_for_little(stage):
    """At most 3 requests and 20 kB for a room seen before, and for another one."""
    ada = await with_rooms(stage)
    page = ada.page
    await page.goto(f"{stage.url}/rooms/")
    said = [re.compile(f"this is the {name}") for name in reversed(ROOMS)]
    await expect(page.locator("#room-list .room-link")).to_contain_text(said, timeout=WAIT)
    await page.wait_for_load_state("networkidle")
    for name in ("Attic", "Barn", "Attic"):
        asked: list[Any] = []

        def note(request: Any, asked: list[Any] = asked) -> None:
            if not request.url.endswith("/img/sotto.svg"):  # the tab's icon, from the cache
                asked.append(request)

        page.on("request", note)
        await choose(ada, name)
        await expect(page.get_by_label("Message", exact=True)).to_be_focused()
        await page.wait_for_load_state("networkidle")
        await page.evaluate("new Promise((done) => requestIdleCallback(done))")
        page.remove_listener("request", note)
        sizes = [await one.sizes() for one in asked]
        received = sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)
        assert len(asked) <= 3, [one.url for one in asked]
        assert received <= 20_000, received


@pytest.mark.slow
async def test_what_was_written_stays_with_its_room(stage):
    ada = await with_rooms(stage)
    field = ada.page.get_by_label("Message", exact=True)
    await choose(ada, "Attic")
    await field.fill("half a sen")
    await ada.page.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some notes"}
    )
    await choose(ada, "Barn")
    await expect(field).to_have_value("")
    await expect(ada.page.locator(".tray")).to_be_hidden()
    await choose(ada, "Attic")
    await expect(field).to_have_value("half a sen")
    await expect(ada.page.locator(".tray")).to_contain_text("notes.txt")
    await field.fill("a whole sentence")
    await ada.page.keyboard.press("Enter")
    await choose(ada, "Barn")  # perhaps before it is sent
    await ada.page.locator("#room-list").get_by_role("link", name="Attic").click()
    await ada.sees_sent("a whole sentence")
    await expect(ada.page.locator(".message .file-name")).to_have_text("notes.txt")


@pytest.mark.slow
async def test_a_new_room_opens_in_the_page_and_leaving_it_leads_to_the_list(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await mark(page)
    await page.get_by_role("link", name="New room").click()
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await page.get_by_label("Name", exact=True).fill("Dairy")
    await page.get_by_role("button", name="Make the room").click()
    await ada.in_room("Dairy")
    await ada.say("cheese")
    await ada.sees_sent("cheese")
    await expect(page.locator("#room-list .room-link")).to_have_count(4)
    await page.get_by_role("link", name="Sotto").click()
    await expect(page.get_by_role("heading", name="Your rooms")).to_be_focused()
    await expect(page).to_have_title("Rooms · Sotto")
    await page.go_back()
    await ada.sees("cheese")
    assert await is_marked(page)


@pytest.mark.slow
async def test_back_closes_a_dialog_and_a_panel_before_it_leaves(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await choose(ada, "Attic")
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("#panel")).to_be_visible()
    await page.go_back()
    await expect(page.locator("#panel")).to_be_hidden()
    await shows(ada, "Attic")

    await page.keyboard.press("Control+k")
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_be_visible()
    await page.evaluate("history.back()")
    await expect(dialog).to_have_count(0)
    await shows(ada, "Attic")

    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("#panel")).to_be_visible()
    await choose(ada, "Barn")
    await expect(page.locator("#panel")).to_be_hidden()
    await page.go_back()
    await shows(ada, "Attic")
    await page.go_back()
    await shows(ada, "Cellar")


@pytest.mark.slow
async def test_on_a_phone_back_closes_the_drawer_first(stage):
    ada = await with_rooms(stage, **PHONE)
    page = ada.page
    drawer = page.locator("#sidebar")
    await page.locator("#open-drawer").tap()
    await expect(drawer).to_have_class("sidebar open")
    await page.evaluate("history.back()")
    await expect(drawer).to_have_class("sidebar")
    await shows(ada, "Cellar")

    await page.locator("#open-drawer").tap()
    await choose(ada, "Attic")
    await expect(drawer).to_have_class("sidebar")
    assert await page.locator("[inert]").count() == 0
    await page.evaluate("history.back()")
    await shows(ada, "Cellar")


@pytest.mark.slow
async def test_back_leads_to_where_the_reader_stood(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await choose(ada, "Attic")
    for n in range(40):
        await ada.say(f"line {n}")
    await ada.sees_sent("line 39")
    target = page.locator('[data-seq="12"]')
    await target.scroll_into_view_if_needed()
    before = await target.bounding_box()
    await page.locator("#room-list").get_by_role("link", name="Barn").click()
    await shows(ada, "Barn")
    await page.go_back()
    await expect(page.locator("#room-title")).to_have_text("Attic")
    await expect(target).to_be_in_viewport()
    after = await target.bounding_box()
    assert abs(after["y"] - before["y"]) < 3, (before, after)


@pytest.mark.slow
async def test_fault_twenty_switches_leave_no_listener_and_no_socket_behind(stage):
    ada = await with_rooms(stage)
    page = ada.page
    await ada.context.add_init_script(COUNT_LISTENERS)
    async with page.expect_response(LAST_PART):
        await page.goto(f"{stage.url}/rooms/{ada.rooms['Cellar']}/")
        await shows(ada, "Cellar")
    for name in ("Attic", "Barn"):  # each once: what is loaded with it stays
        await choose(ada, name)
    await page.wait_for_function('() => listening.get("Chat:typing") === 1')  # it comes last
    await page.wait_for_load_state("networkidle")
    count = "Object.fromEntries([...listening].filter(([, many]) => many))"
    before = await page.evaluate(count)
    for turn in range(20):
        await choose(ada, ROOMS[turn % 2])
    await page.wait_for_load_state("networkidle")
    after = await page.evaluate(count)
    assert {kind: many for kind, many in after.items() if many > before.get(kind, 0)} == {}
    assert await page.evaluate("globalThis.sockets") == 1


@pytest.mark.slow
async def test_the_list_is_made_wider_and_stays_so(stage):
    ada = await (await stage.person("ada")).sign_up()
    await ada.make_room("A name that is far too long for a list of the usual width")
    edge = ada.page.get_by_role("slider", name="Width of the list of rooms")
    await edge.focus()
    for _ in range(4):
        await ada.page.keyboard.press("ArrowRight")
    await expect(edge).to_have_attribute("aria-valuenow", "360")
    box = await edge.bounding_box()
    await ada.page.mouse.move(box["x"] + 4, 300)
    await ada.page.mouse.down()
    await ada.page.mouse.move(420, 300)
    await ada.page.mouse.up()
    await expect(edge).to_have_attribute("aria-valuenow", "420")
    await ada.page.reload()
    await expect(ada.page.locator("#sidebar")).to_have_css("width", "420px", timeout=WAIT)
