"""Rooms switch in the page while something goes wrong: nothing is lost, and a sentence says why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.member_panel import act, members
from tests.browser.people import WAIT
from tests.browser.test_one_shell import choose, is_marked, mark, shows, with_rooms

UPLOAD = re.compile(r"/chatrooms/\w+/files/\w+")
LIST = re.compile(r"/api/v1/chatrooms(\?.*)?$")
FORGED = """
  globalThis.connections = [];
  globalThis.WebSocket = class extends globalThis.WebSocket {
    constructor(...given) {
      super(...given);
      globalThis.connections.push(this);
    }
  };
"""
SAY = """
  (frame) => {
    const data = JSON.stringify(frame);
    globalThis.connections.at(-1).onmessage(new MessageEvent("message", { data }));
  }
"""
KEPT = """
  async (text) => {
    const script = document.querySelector("script[type=module][src]").src;
    const { Store } = await import(new URL("../store/store.js", script).href);
    const { me } = await (await fetch("/site.json")).json();
    const store = await Store.open(me.uid);
    const lines = async () => JSON.stringify((await store.settings.sealedSetting("lines")) ?? "");
    while (!(await lines()).includes(text)) await new Promise((next) => setTimeout(next, 50));
    store.close();
  }
"""


def field(ada: Any) -> Any:
    return ada.page.get_by_label("Message", exact=True)


async def attach(ada: Any, name: str) -> None:
    file = {"name": name, "mimeType": "text/plain", "buffer": b"some notes"}
    await ada.page.locator("input[type=file]").set_input_files(file)
    await expect(ada.page.locator(".tray")).to_contain_text(name)


class Gate:
    """Holds requests back until it is opened: `fail` or not. Later ones pass."""

    def __init__(self) -> None:
        self.held: list[Route] = []
        self._is_open = False

    async def hold(self, route: Route) -> None:
        if self._is_open:
            await route.continue_()
        else:
            self.held.append(route)

    async def open(self, *, fail: bool = False) -> None:
        self._is_open = True
        for route in self.held:
            await (route.abort() if fail else route.continue_())


async def leave_while_it_uploads(ada: Any, gate: Gate) -> None:
    """Writes with a file in the Attic and goes to the Barn; the upload has begun and is held."""
    await ada.page.route(UPLOAD, gate.hold)
    await choose(ada, "Attic")
    await field(ada).fill("with notes")
    await attach(ada, "notes.txt")
    async with ada.page.expect_request(UPLOAD):
        await ada.page.keyboard.press("Enter")
    await choose(ada, "Barn")
    await expect(field(ada)).to_have_value("")


@pytest.mark.slow
async def test_an_upload_goes_on_while_another_room_is_shown(stage):
    ada, gate = await with_rooms(stage), Gate()
    await leave_while_it_uploads(ada, gate)
    await choose(ada, "Attic")
    await expect(field(ada)).to_have_value("")  # it is being sent
    await field(ada).fill("and another thing")
    await choose(ada, "Barn")
    await gate.open()
    await ada.page.locator("#room-list").get_by_role("link", name="Attic").click()
    await ada.sees_sent("with notes")
    await expect(ada.page.locator(".message .file-name")).to_have_text("notes.txt")
    await expect(field(ada)).to_have_value("and another thing")
    await ada.page.reload()
    await ada.sees("this is the Attic", "with notes")
    await expect(field(ada)).to_have_value("and another thing")


@pytest.mark.slow
async def test_a_failed_upload_gives_text_and_file_back_in_its_own_room(stage):
    ada, gate = await with_rooms(stage), Gate()
    await leave_while_it_uploads(ada, gate)
    await gate.open(fail=True)
    await shows(ada, "Barn")
    await expect(field(ada)).to_have_value("")
    await choose(ada, "Attic")
    await expect(field(ada)).to_have_value("with notes", timeout=WAIT)
    await expect(ada.page.locator(".tray")).to_contain_text("notes.txt")
    await expect(ada.page.locator(".tray")).to_contain_text("The files were not sent.")
    await ada.page.unroute(UPLOAD)
    await field(ada).press("Enter")
    await ada.sees_sent("with notes")


@pytest.mark.slow
async def test_a_text_whose_upload_was_cut_off_by_a_reload_is_kept(stage):
    ada, gate = await with_rooms(stage), Gate()
    await leave_while_it_uploads(ada, gate)
    await ada.page.goto(f"{stage.url}/rooms/{ada.rooms['Attic']}/")
    await expect(field(ada)).to_have_value("with notes", timeout=WAIT)


@pytest.mark.slow
async def test_a_link_to_an_unknown_room_says_so_and_the_others_open(stage):
    ada = await with_rooms(stage)
    for unknown in ("0" * 26, "no-such-room", "%3Cb%3E"):
        await ada.goto(f"/rooms/{unknown}/")
        await expect(ada.page.locator("#room-notice .danger")).to_be_visible(timeout=WAIT)
        await expect(field(ada)).to_be_disabled()
        await expect(ada.page.locator("#room-title")).to_have_text("No such room")
        await expect(ada.page).to_have_title("No such room · Sotto")
        await expect(ada.page.locator(".room-head > button:visible")).to_have_count(0)
        await expect(ada.page.locator("#composer")).to_be_hidden()
    await mark(ada.page)
    await choose(ada, "Attic")
    await expect(ada.page.locator("#room-notice")).to_be_hidden()
    await ada.say("heard at once")
    await ada.sees_sent("heard at once")
    await ada.page.go_back()
    await expect(ada.page.locator("#room-notice .danger")).to_be_visible(timeout=WAIT)
    assert await is_marked(ada.page)


@pytest.mark.slow
async def test_a_removal_shows_in_the_list_in_the_room_and_at_the_next_visit(stage):
    ada = await with_rooms(stage)
    ben = await (await stage.person("ben")).sign_up()
    await ben.make_room("Own")
    for name in ("Attic", "Barn"):
        await choose(ada, name)
        await ben.join(await ada.invite(), name)
    removed = ben.page.locator("#room-answer[data-end=removed]")
    links = ben.page.locator("#room-list")
    for name in ("Barn", "Attic"):  # the one that is shown, and one that is not
        await choose(ada, name)
        await members(ada)
        await act(ada, ben, "Remove", confirm="Remove")
        await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await expect(removed).to_contain_text(f"{ada.name} removed you", timeout=WAIT)
    await mark(ben.page)
    await links.get_by_role("link", name="Attic").click()
    await ben.in_room("Attic")
    await expect(removed).to_contain_text(f"{ada.name} removed you", timeout=WAIT)
    await links.get_by_role("link", name="Own").click()
    await expect(removed).to_be_hidden()
    await expect(field(ben)).to_be_enabled(timeout=WAIT)
    await links.get_by_role("link", name="Barn").click()
    await expect(removed).to_be_visible(timeout=WAIT)
    await ben.sees("this is the Barn")
    assert await is_marked(ben.page)


@pytest.mark.slow
async def test_who_is_signed_out_while_switching_is_told_and_keeps_the_draft(stage):
    ada = await with_rooms(stage)
    await choose(ada, "Attic")
    await field(ada).fill("half a sen")
    await ada.context.clear_cookies()
    await ada.page.evaluate("dispatchEvent(new Event('offline'))")  # the connection is made anew
    await ada.page.evaluate("dispatchEvent(new Event('online'))")
    await ada.page.locator("#room-list").get_by_role("link", name="Barn").click()
    await expect(ada.page.locator("#banner")).to_contain_text("You are signed out", timeout=WAIT)
    await expect(ada.page.locator("#room-answer[data-end=signed-out]")).to_be_visible(timeout=WAIT)
    await ada.page.locator("#room-list").get_by_role("link", name="Attic").click()
    answer = ada.page.locator("#room-answer[data-end=signed-out]")
    await expect(answer).to_contain_text("half a sen", timeout=WAIT)
    attic = ada.page.url
    await answer.get_by_role("link", name="Log in").click()
    await ada.fill_account("login")
    await ada.page.get_by_role("button", name="Log in", exact=True).click()
    await ada.page.wait_for_url(attic)
    await expect(field(ada)).to_have_value("half a sen", timeout=WAIT)


@pytest.mark.slow
async def test_hostile_frames_about_rooms_that_are_not_shown_change_nothing_here(stage):
    """Rows under another room's name, heads that go back, resets, and rooms that are unknown."""
    ada = await with_rooms(stage)
    await ada.context.add_init_script(FORGED)
    await ada.page.reload()
    await shows(ada, "Cellar")
    await choose(ada, "Attic")
    await choose(ada, "Barn")
    attic, barn = ada.rooms["Attic"], ada.rooms["Barn"]
    page = ada.page
    rows = await page.evaluate(
        "(room) => fetch(`/api/v1/chatrooms/${room}/messages`).then((a) => a.json())", barn
    )
    head = {"log": 0, "msg": 0, "read": 0, "unread": 5}
    for frame in (
        {"type": "message_receive", "room": attic, "messages": rows["messages"]},
        {"type": "message_receive", "room": "unknown", "messages": rows["messages"]},
        {"type": "message_receive", "room": attic, "messages": [{"seq": 1, "h": "{"}]},
        {"type": "reset", "room": attic},
        {"type": "presence", "room": attic, "online": {"length": 1}},
        {"type": "typing_start", "room": attic, "uid": "<b>eve</b>"},
        {"type": "error", "room": attic, "cid": "x", "code": "forbidden", "detail": "<b>no</b>"},
        {"type": "pong", "heads": {attic: head, barn: {**head, "log": 10**9}}},
    ):
        await page.evaluate(SAY, frame)
    await shows(ada, "Barn")
    await expect(page.locator("#typing")).to_have_text("")
    await page.locator("#room-list").get_by_role("link", name="Attic").click()
    await expect(page.locator("#room-title")).to_have_text("Attic", timeout=WAIT)
    await ada.sees("this is the Attic")
    await expect(page.get_by_text("this is the Barn")).to_have_count(1)  # in the list
    await page.locator("#room-list").get_by_role("link", name="Cellar").click()
    await shows(ada, "Cellar")
    await ada.say("unharmed")
    await ada.sees_sent("unharmed")


async def press(target: Any) -> Any:
    """The mouse, whose button is held down on it."""
    await target.hover()
    await target.page.mouse.down()
    return target.page.mouse


@pytest.mark.slow
async def test_the_list_stands_there_before_the_server_answers(stage):
    """Names, order and last messages as they were shown last; the server's replace them."""
    ada, gate = await with_rooms(stage), Gate()
    await choose(ada, "Attic")
    await ada.say("the newest")
    await ada.sees_sent("the newest")
    lines = ada.page.locator("#room-list .room-link")
    await expect(lines).to_contain_text(["Attic", "Cellar", "Barn"])
    await expect(lines.first).to_contain_text("the newest")
    await ada.page.evaluate(KEPT, "the newest")
    await ada.page.route(LIST, gate.hold)
    await ada.page.goto(f"{stage.url}/rooms/", wait_until="commit")
    await expect(lines).to_contain_text(["Attic", "Cellar", "Barn"], timeout=WAIT)
    await expect(lines).to_contain_text(
        ["the newest", "this is the Cellar", "this is the Barn"], timeout=WAIT
    )
    await expect(ada.page.locator("#banner")).to_be_hidden()
    mouse = await press(lines.last)
    async with ada.page.expect_response(LIST):
        await gate.open()
    await ada.page.wait_for_timeout(300)  # the server's list would be drawn in the place of this
    await mouse.up()
    await shows(ada, "Barn")
