"""Ends by the operator, the server, a newer version, a deleted account. Each again after a reload
and at another visit; also while something is under way.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest
from playwright.async_api import Route, expect

from sotto.client import Client
from tests.browser.member_panel import members
from tests.browser.people import PASSWORD, WAIT, Person
from tests.browser.summarising import set_rule, uid_of
from tests.browser.test_ends import ended, ended_again
from tests.browser.test_switching_faults import UPLOAD, Gate, attach
from tests.browser.worker import StandIn
from tests.live import LiveServer

pytestmark = pytest.mark.slow

TELEPORT = json.dumps({"v": 1, "t": "teleport"}, separators=(",", ":"))


def room_of(person: Person) -> str:
    return person.page.url.split("/")[4]


async def stop(server: LiveServer, room: str) -> None:
    """As the operator does, while pages go on."""
    await asyncio.to_thread(server.manage, "rooms", "close", room, "--yes")


async def close_room(person: Person) -> None:
    await members(person)
    await person.page.get_by_role("button", name="Close this room").click()
    dialog = person.page.locator("dialog[open]")
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Close").click()


async def signs_out_elsewhere(person: Person) -> None:
    """The session ends; a request of this page learns it, with the connection that is made anew."""
    await person.context.clear_cookies()
    await person.page.evaluate("dispatchEvent(new Event('offline'))")
    await person.page.evaluate("dispatchEvent(new Event('online'))")


async def test_a_room_that_the_operator_stops_says_so_and_goes_on_later(server, two_talking):
    ada, ben = two_talking
    room = room_of(ben)
    await stop(server, room)
    for person in (ada, ben):  # who did nothing
        await ended(person, "stopped", "The operator of this server stopped this room")
    await ended(ben, "stopped", "only if you")
    await ended_again(ben, "stopped", "Ask the operator why")
    await ben.sees("shall we sing?", "badly")
    line = ben.page.locator("#room-list .room-link", has_text="Choir")
    await expect(line).to_contain_text("stopped by the operator", timeout=WAIT)

    server.manage("rooms", "open", room)
    await expect(ben.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ben.say("again")
    await ada.sees("again")


async def test_a_frozen_room_says_why_keeps_what_was_read_and_goes_on_by_a_typed_word(
    server, two_talking
):
    _, ben = two_talking
    page = ben.page
    with sqlite3.connect(server.data / "sotto.sqlite3") as database:
        database.execute("DELETE FROM messages WHERE room = ? AND seq = 2", (room_of(ben),))
    database.close()
    bar = page.locator("#room-answer[data-end=frozen]")
    for _ in range(2):
        await page.reload()
        await expect(bar).to_contain_text("This room is stopped", timeout=WAIT)
        await expect(bar).to_contain_text("only if you")
        await expect(page.locator("#composer")).to_be_hidden()
        await expect(page.locator("#room-notice .frozen")).to_contain_text("Go on with")
        await ben.sees("shall we sing?", "badly")
        await ben.goto("/rooms/")
        line = page.locator("#room-list .room-link", has_text="Choir")
        await expect(line.locator(".alarm")).to_have_text("stopped", timeout=WAIT)
        await line.click()
        await expect(bar).to_be_visible(timeout=WAIT)
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Export evidence").click()
    assert json.loads((await (await downloading.value).path()).read_text())
    await expect(page.locator("#room-notice")).to_contain_text("Evidence saved as a file")
    name = "Go on with the server’s version"
    await page.locator(".frozen").get_by_role("button", name=name, exact=True).click()
    await page.get_by_label("Type “go on”").fill("go on")
    await page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()
    for _ in range(2):
        await expect(page.locator("#timeline")).to_contain_text(
            "you went on with the server’s version", timeout=WAIT
        )
        await expect(page.locator("#composer-text")).to_have_value("only if you")
        await ben.sees("shall we sing?")
        await page.reload()


async def test_a_room_that_needs_a_newer_version_stays_readable(two_talking):
    _, ben = two_talking
    room = room_of(ben)

    async def from_a_newer_server(route: Route) -> None:
        answer = await route.fetch()
        found: dict[str, Any] = await answer.json()
        for listed in [found, *found.get("rooms", [])]:
            if listed.get("id") == room:
                listed["head"] = [99, listed["head"][1]]
        if "/log" in route.request.url:
            found["events"].append({"event": TELEPORT, "sig": "A" * 86 + "=="})
            found["head"] = [99, found["head"][1]]
        await route.fulfill(response=answer, json=found)

    await ben.context.route("**/api/v1/chatrooms?*", from_a_newer_server)
    await ben.context.route("**/api/v1/chatrooms", from_a_newer_server)
    await ben.context.route(f"**/api/v1/chatrooms/{room}", from_a_newer_server)
    await ben.context.route(f"**/api/v1/chatrooms/{room}/log**", from_a_newer_server)
    await ben.page.reload()
    await ended(ben, "newer", "This room needs a newer version of Sotto")
    await ended(ben, "newer", "only if you")
    await ended_again(ben, "newer", "Reload the page, or ask the server’s operator")
    await ben.sees("shall we sing?", "badly")
    await ben.context.unroute_all(behavior="ignoreErrors")
    await ben.page.get_by_role("button", name="Reload the page").click()
    await expect(ben.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await expect(ben.page.locator("#composer-text")).to_have_value("only if you")


async def test_messages_of_a_deleted_account_say_so_and_go_on_saying_so(two_talking):
    """Also once the list of rooms has come, which names no former members."""
    ada, ben = two_talking
    link = await ada.invite()
    async with Client(ada.stage.url) as cleo:
        await cleo.account.sign_up(f"cleo-{ada.name[-6:]}", PASSWORD, ada.stage.next_keys())
        await cleo.rooms.join(link)
        room = room_of(ben)
        await cleo.messages.send(room, "I go now")
        await ben.sees("I go now")
        await cleo.rooms.leave(room)
        await cleo.session.api.post("me/delete", {"password": PASSWORD})
    mark = ben.page.locator(".message", has_text="I go now")
    for _ in range(2):
        await ben.goto("/rooms/")
        await ben.page.locator("#room-list").get_by_role("link", name="Choir").click()
        await ben.sees("I go now")
        await expect(mark).to_contain_text("account deleted", timeout=WAIT)
        await expect(ben.page.locator("#timeline")).to_contain_text(
            f"cleo-{ada.name[-6:]} left. The server says that the account was deleted."
        )
        async with ben.page.expect_response(lambda answer: "/chatrooms" in answer.url):
            await fetches_the_list(ben)
        await expect(mark).to_contain_text("account deleted")
        await ben.page.reload()
        await expect(mark).to_contain_text("account deleted", timeout=WAIT)


async def fetches_the_list(person: Person) -> None:
    """Another tab says that somebody was blocked: the list of rooms is fetched again here."""
    await person.page.evaluate(
        """(uid) => {
          const channel = new BroadcastChannel(`sotto:tabs:${uid}`);
          channel.postMessage({ t: "blocks" });
          channel.close();
        }""",
        await uid_of(person),
    )


async def test_a_room_left_in_one_tab_is_left_in_the_other(two_talking):
    _, ben = two_talking
    other = await ben.new_tab()
    await other.goto(ben.page.url)
    await expect(other.locator("#composer-text")).to_have_value("only if you", timeout=WAIT)
    await members(ben)
    await ben.page.get_by_role("button", name="Leave this room").click()
    await ben.page.locator("dialog[open]").get_by_role("button", name="Leave").click()
    await ben.page.wait_for_url("**/rooms/")
    bar = other.locator("#room-answer[data-end=left]")
    for _ in range(2):
        await expect(bar).to_contain_text("You left this room", timeout=WAIT)
        await expect(bar).to_contain_text("only if you")
        await other.reload()


@pytest.mark.parametrize("kind", ["closed", "stopped", "signed-out"])
async def test_what_is_being_uploaded_returns_when_an_end_comes(server, two_talking, kind):
    ada, ben = two_talking
    gate = Gate()
    await ben.page.route(UPLOAD, gate.hold)
    await attach(ben, "score.txt")
    async with ben.page.expect_request(UPLOAD):
        await ben.page.locator("#composer-text").press("Enter")
    if kind == "closed":
        await close_room(ada)
        await ended(ben, kind, "")
    elif kind == "stopped":
        await stop(server, room_of(ben))
    else:
        await signs_out_elsewhere(ben)
    await gate.open()
    await ended(ben, kind, "only if you")
    await expect(ben.page.locator(".tray")).to_contain_text("The files were not sent", timeout=WAIT)
    assert await ada.page.get_by_text("only if you").count() == 0


@pytest.mark.parametrize(
    ("kind", "says"),
    [("closed", "It was closed"), ("stopped", "The operator of this server stopped it")],
)
async def test_no_summary_is_waited_for_once_an_end_has_come(server, two_talking, kind, says):
    ada, ben = two_talking
    await set_rule(ada, "When a member asks for one")
    await ada.say("on monday")
    await ben.sees("on monday")
    await StandIn().serve(ben)
    await ben.page.locator("#open-summary").click()
    panel = ben.page.locator("#panel")
    await panel.get_by_role("button", name="Send 3 messages and summarise").click(timeout=WAIT)
    await expect(panel).to_contain_text("Waiting for the worker", timeout=WAIT)
    if kind == "closed":
        await close_room(ada)
    else:
        await stop(server, room_of(ben))
    for _ in range(2):
        await expect(panel).to_contain_text(says, timeout=WAIT)
        await expect(panel).not_to_contain_text("Waiting for the worker")
        await ben.page.reload()
        await ended(ben, kind, "")
        await ben.page.locator("#open-summary").click()
