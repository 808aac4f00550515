"""Ends of every kind that come while something is under way: a file is being uploaded, a summary is
waited for, the room is open in a second tab; at once, or while the network is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from sotto.client import Client
from tests.browser.people import PASSWORD, WAIT, Person, Stage
from tests.browser.summarising import uid_of
from tests.browser.test_ends_by_server import TELEPORT, stop
from tests.browser.test_learnt_at_once import DAYS_LATER
from tests.browser.test_one_shell import LAST_PART
from tests.browser.test_switching_faults import UPLOAD, Gate, attach
from tests.browser.worker import StandIn
from tests.live import LiveServer

pytestmark = pytest.mark.slow

WRITING = "only if you"
RECONNECT = "['offline', 'online'].forEach((type) => dispatchEvent(new Event(type)))"


@dataclass
class Meanwhile:
    """A room of ada's, who is a program, with ben in it; he has it open in two tabs. `away`: it
    ends while their network is gone; `offline`: it is gone now.
    """

    server: LiveServer
    ada: Client
    ben: Person
    room: str
    other: Page
    away: bool
    offline: bool = False

    async def lose_network(self, lost: bool) -> None:
        self.offline = lost
        await self.ben.context.set_offline(lost)

    @property
    def tabs(self) -> tuple[Page, Page]:
        return self.ben.page, self.other

    @asynccontextmanager
    async def elsewhere(self) -> AsyncIterator[Client]:
        """Ben at another device."""
        assert self.ben.kit is not None
        async with Client(self.server.url) as device:
            await device.account.restore(self.ben.name, PASSWORD, self.ben.kit)
            yield device

    async def lie_about_the_log(self, change: Callable[[dict[str, Any]], None]) -> None:
        """The next events come to ben as the server changes them."""

        async def answer(route: Route) -> None:
            if self.offline:  # this answer would come all the same
                return await route.abort("internetdisconnected")
            told = await route.fetch()
            found = await told.json()
            change(found)
            return await route.fulfill(response=told, json=found)

        await self.ben.context.route(f"**/api/v1/chatrooms/{self.room}/log**", answer)
        await self.ada.room_admin.set_profile(self.room, "Choir", "Tuesdays")


# --- how they come -------------------------------------------------------------------------------


async def removed(it: Meanwhile) -> None:
    await it.ada.members.remove(it.room, await uid_of(it.ben))


async def banned(it: Meanwhile) -> None:
    await it.ada.members.remove(it.room, await uid_of(it.ben), ban=True)


async def left(it: Meanwhile) -> None:
    async with it.elsewhere() as device:
        await device.rooms.leave(it.room)


async def closed(it: Meanwhile) -> None:
    await it.ada.room_admin.close(it.room)


async def stopped(it: Meanwhile) -> None:
    await stop(it.server, it.room)


async def frozen(it: Meanwhile) -> None:
    def forge(found: dict[str, Any]) -> None:
        for event in found["events"]:
            event["sig"] = "A" * 86 + "=="

    await it.lie_about_the_log(forge)


async def newer(it: Meanwhile) -> None:
    def add(found: dict[str, Any]) -> None:
        found["events"].append({"event": TELEPORT, "sig": "A" * 86 + "=="})
        found["head"] = [99, found["head"][1]]

    await it.lie_about_the_log(add)


async def signed_out(it: Meanwhile) -> None:
    await it.ben.context.clear_cookies()
    await reconnect(it)


async def reconnect(it: Meanwhile) -> None:
    """At once; a page without a network does so once that is back."""
    if not it.away:
        for page in it.tabs:
            await page.evaluate(RECONNECT)


async def blocked(it: Meanwhile) -> None:
    """In the other tab, or at another device."""
    if it.away:
        async with it.elsewhere() as device:
            await device.session.api.put(f"blocks/{it.ada.me.uid}", {})
        return
    await it.other.locator("#open-members").click()
    line = it.other.locator(".people li", has_text=it.ada.me.name)
    await line.locator("summary").click()
    await line.get_by_role("button", name="Block", exact=True).click()
    await it.other.locator("dialog[open]").get_by_role("button", name="Block").click()


async def refused(it: Meanwhile) -> None:
    await it.ada.rooms.leave(it.room)


async def replaced(it: Meanwhile) -> None:
    async with Client(it.server.url) as device:
        await device.account.reset_keys(it.ben.name, PASSWORD)


async def expired(it: Meanwhile) -> None:
    """The room's rules end its messages after a day."""
    for page in it.tabs:
        await page.evaluate(DAYS_LATER, 2)


# --- what becomes of it --------------------------------------------------------------------------

NONE_COMES = "A summary that you had asked for does not come"
COMES_LATER = "is shared once you can write here again"
BACK = "The files were not sent"
STAYS = "1 message was not sent"


@dataclass(frozen=True)
class End:
    """`kind` and `says`: the bar in the place of the field. `panel`: of the summary. `upload`: what
    becomes of the text and its file; "" if they are sent.
    """

    come: Callable[[Meanwhile], Awaitable[None]]
    kind: str = ""
    says: str = ""
    panel: str = "Waiting for the worker"
    upload: str = BACK


ENDS = {
    "removed": End(removed, "removed", "removed you from this room", NONE_COMES),
    "banned": End(banned, "banned", "removed and banned you", NONE_COMES),
    "left": End(left, "left", "You left this room", NONE_COMES),
    "closed": End(closed, "closed", "closed this room for good", "It was closed"),
    "stopped": End(stopped, "stopped", "The operator of this server", "The operator of this"),
    "frozen": End(frozen, "frozen", "This room is stopped", COMES_LATER, STAYS),
    "newer": End(newer, "newer", "needs a newer version", COMES_LATER, STAYS),
    "signed-out": End(signed_out, "signed-out", "You are signed out", COMES_LATER),
    "blocked": End(blocked, "blocked", "You have blocked", "", STAYS),
    "refused": End(refused, "alone", "declined to talk, or left", "", ""),
    "replaced": End(replaced),
    "expired": End(expired),
}
OF_TWO = ("blocked", "refused")
UNSENT = ("removed", "banned", "left", "frozen", "newer", "signed-out", "blocked")
"""After these the room is there to look whether what was being written has come."""


async def begin(server: LiveServer, stage: Stage, ada: Client, kind: str, away: bool) -> Meanwhile:
    await ada.account.sign_up(f"ada-{secrets.token_hex(3)}", PASSWORD, stage.next_keys())
    ben = await (await stage.person("ben")).sign_up()
    if kind in OF_TWO:
        room = await begin_talk(ben, ada)
        if kind == "blocked":
            await ada.rooms.accept(room)
    else:
        room = await ada.rooms.create("Choir", ai="ask", ttl=1 if kind == "expired" else 0)
        await ada.messages.send(room, "shall we sing?")
        await ben.join(await ada.room_admin.invite(room), "Choir")
        await ben.say("badly")
        await ben.sees_sent("badly")
        await ada.messages.send(room, "on monday")
        await ben.sees("shall we sing?", "badly", "on monday")
    other = await ben.new_tab()
    async with other.expect_response(LAST_PART), ben.page.expect_response(LAST_PART):
        await other.goto(ben.page.url)
        await ben.page.reload()
    for page in (other, ben.page):
        await expect(page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    return Meanwhile(server, ada, ben, room, other, away)


async def begin_talk(ben: Person, ada: Client) -> str:
    await ben.goto("/rooms/new/")
    await ben.page.get_by_label("Their user name").fill(ada.me.name)
    await ben.page.get_by_role("button", name="Start").click()
    await ben.in_room(ada.me.name)
    await ben.say("do you sing?")
    await ben.sees_sent("do you sing?")
    return (await ben.address()).split("/")[2]


async def ask_for_a_summary(ben: Person) -> None:
    await StandIn().serve(ben)
    await ben.page.locator("#open-summary").click()
    panel = ben.page.locator("#panel")
    await panel.get_by_role("button", name="Send 3 messages and summarise").click(timeout=WAIT)
    await expect(panel).to_contain_text("Waiting for the worker", timeout=WAIT)


async def begin_upload(ben: Person) -> Gate:
    gate = Gate()
    await ben.page.route(UPLOAD, gate.hold)
    await ben.page.locator("#composer-text").fill(WRITING)
    await attach(ben, "score.txt")
    async with ben.page.expect_request(UPLOAD):
        await ben.page.locator("#composer-text").press("Enter")
    return gate


@pytest.mark.parametrize("away", [False, True], ids=["at-once", "away"])
@pytest.mark.parametrize("kind", ENDS)
async def test_an_end_that_comes_meanwhile(server, stage, kind, away):
    async with Client(server.url) as ada:
        it = await begin(server, stage, ada, kind, away)
        if kind not in OF_TWO:
            await ask_for_a_summary(it.ben)
        gate = await begin_upload(it.ben)
        await it.lose_network(away)
        await ENDS[kind].come(it)
        await it.lose_network(False)
        if kind == "replaced":
            await keys_were_replaced(it)
        elif kind == "expired":
            await messages_are_over(it, gate)
        else:
            await writing_is_over(it, ENDS[kind], gate)
        if kind in UNSENT:
            read = await ada.messages.history(it.room)
            assert WRITING not in [message.text for message in read]


async def writing_is_over(it: Meanwhile, end: End, gate: Gate) -> None:
    """Both tabs say why; what was being sent stays here, where it can."""
    for page in it.tabs:
        bar = page.locator(f"#room-answer[data-end={end.kind}]")
        await expect(bar).to_contain_text(end.says, timeout=WAIT)
        await expect(page.locator("#composer")).to_be_hidden()
    page = it.ben.page
    bar = page.locator("#room-answer")
    await expect(bar).to_contain_text(WRITING, timeout=WAIT)
    await expect(page.locator("#panel")).to_contain_text(end.panel)
    await gate.open()
    if end.upload == BACK:
        await expect(page.locator(".tray")).to_contain_text(BACK, timeout=WAIT)
    elif end.upload == STAYS:
        await expect(bar).to_contain_text(STAYS, timeout=WAIT)
    else:
        await it.ben.sees_sent(WRITING)


async def keys_were_replaced(it: Meanwhile) -> None:
    """Both tabs go where the keys are; what was being uploaded is among what was being written."""
    for page in it.tabs:
        await page.wait_for_url("**/keys/**", timeout=WAIT)
        await expect(page.locator("#keys-replaced")).to_contain_text("Change your password")
        await expect(page.locator("#kept-drafts")).to_contain_text(WRITING, timeout=WAIT)


async def messages_are_over(it: Meanwhile, gate: Gate) -> None:
    """The conversation is empty in both tabs, and goes on; what was being sent is still here."""
    for page in it.tabs:
        start = page.locator(".timeline-start[data-start=expired]")
        await expect(start).to_contain_text("deleted after 1 day", timeout=WAIT)
        await expect(page.locator(".message-text")).to_have_count(0)
        await expect(page.locator("#composer")).to_be_visible()
    await expect(it.ben.page.locator("#panel")).to_contain_text(ENDS["expired"].panel)
    await gate.open(fail=True)
    await expect(it.ben.page.locator(".tray")).to_contain_text(BACK, timeout=WAIT)
    await expect(it.ben.page.locator("#composer-text")).to_have_value(WRITING)
