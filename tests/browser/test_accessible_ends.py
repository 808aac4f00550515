"""axe finds nothing where something has ended, is asked or is refused, nor in what opens late."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.axe import AXE_STYLES, violations
from tests.browser.direct import ask_to_talk
from tests.browser.member_panel import act, can_write, members
from tests.browser.people import PASSWORD, WAIT, Person, Stage
from tests.browser.summarising import open_panel, previewed, set_rule, uid_of, waits
from tests.browser.test_accessibility import WAYS, set_way
from tests.browser.test_ends_by_server import stop
from tests.browser.test_reports import open_report
from tests.browser.worker import StandIn

pytestmark = pytest.mark.slow

LOOKS = ("light", "dark", "dark, 320 px", "forced colours")
RICH = (
    "| what | when | where it grows best of all places |\n|---|---|---|\n| beans | May | sun |",
    "- [x] dig\n- [ ] sow",
    "# Heading\n\n1. one\n2. two\n\n~~gone~~ **bold** [a link](https://example.org)",
    "||a surprise||",
)


class Looker:
    """Looks at places in each way, and collects what axe says."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    async def look(self, person: Person, place: str) -> None:
        for way in LOOKS:
            await set_way(person.page, WAYS[way])
            if wrong := await violations(person.page):
                self.found[f"{place}, {way}"] = wrong
        await set_way(person.page, WAYS["light"])


@pytest.fixture
def looker():
    one = Looker()
    yield one
    assert one.found == {}


async def person(stage: Stage, name: str) -> Person:
    return await (await stage.person(name, bypass_csp=AXE_STYLES)).sign_up()


@pytest_asyncio.fixture(loop_scope="session")
async def pair(stage: Stage) -> tuple[Person, Person]:
    """Ada's room with Ben in it, who is writing."""
    ada, ben = await person(stage, "ada"), await person(stage, "ben")
    await ada.make_room("Choir", "Mondays")
    await ben.join(await ada.invite(people="5"), "Choir")
    await ada.say("shall we sing?")
    await ben.say("badly")
    await ben.sees_sent("badly")
    await ben.page.locator("#composer-text").fill("only if you")
    return ada, ben


async def ended(who: Person, kind: str) -> None:
    await expect(who.page.locator(f"#room-answer[data-end={kind}]")).to_be_visible(timeout=WAIT)


async def test_axe_finds_nothing_after_a_removal_and_a_ban(pair, looker):
    ada, ben = pair
    await members(ada)
    await act(ada, ben, "Remove and ban")
    await looker.look(ada, "question before a ban")
    await ada.page.locator("dialog[open]").get_by_role("button", name="Remove and ban").click()
    await ended(ben, "banned")
    await looker.look(ben, "banned")
    await expect(ada.page.locator("#member-count")).to_have_text("1", timeout=WAIT)
    await ada.page.get_by_text("1 former member, 1 banned").click()
    await looker.look(ada, "list of the banned")
    await ben.goto("/rooms/")
    await expect(ben.page.locator("#room-list")).to_contain_text("banned you", timeout=WAIT)
    await looker.look(ben, "list with a room one was in")


async def test_axe_finds_nothing_in_a_closed_and_a_signed_out_room(pair, looker):
    ada, ben = pair
    await members(ada)
    await ada.page.get_by_role("button", name="Leave this room").click()
    await looker.look(ada, "who takes over")
    await ada.page.locator("dialog[open]").get_by_role("button", name="Cancel").click()
    await ada.page.get_by_role("button", name="Close this room").click()
    dialog = ada.page.locator("dialog[open]")
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Close").click()
    await ended(ben, "closed")
    await looker.look(ben, "closed")
    await ada.context.clear_cookies()
    await ada.page.evaluate("dispatchEvent(new Event('offline'))")
    await ada.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(ada.page.locator("#banner")).to_contain_text("You are signed out", timeout=WAIT)
    await looker.look(ada, "signed out")


async def test_axe_finds_nothing_in_a_frozen_room(pair, server, looker):
    _, ben = pair
    room = ben.page.url.split("/")[4]
    with closing(sqlite3.connect(server.data / "sotto.sqlite3")) as database, database:
        database.execute("DELETE FROM messages WHERE room = ? AND seq = 2", (room,))
    await ben.page.reload()
    await ended(ben, "frozen")
    await looker.look(ben, "frozen")


async def test_axe_finds_nothing_in_a_stopped_room_and_offline(pair, server, looker):
    ada, ben = pair
    await ada.context.set_offline(True)
    await ada.say("from the tunnel")
    await expect(ada.page.locator("#banner")).to_contain_text("waiting", timeout=WAIT)
    await looker.look(ada, "offline")
    room = ben.page.url.split("/")[4]
    await stop(server, room)
    await ben.page.locator("#composer-text").press("Enter")
    await ended(ben, "stopped")
    await looker.look(ben, "stopped by the operator")


async def test_axe_finds_nothing_in_rooms_of_two(stage, looker):
    ada, ben = await person(stage, "ada"), await person(stage, "ben")
    await ask_to_talk(ada, ben, "do you sing?")
    await ben.goto("/rooms/")
    await ben.page.get_by_text(f"{ada.name} wants to talk to you").first.click()
    answer = ben.page.locator("#room-answer")
    await expect(answer.get_by_role("button", name="Accept")).to_be_visible(timeout=WAIT)
    await looker.look(ben, "request to talk")
    await answer.get_by_role("button", name="Accept").click()
    await can_write(ben)
    await members(ben)
    await act(ben, ada, "Block", confirm="Block")
    await ended(ben, "blocked")
    await looker.look(ben, "blocked")


async def test_axe_finds_nothing_in_what_is_rich_and_in_a_report(pair, looker):
    ada, ben = pair
    for text in RICH:
        await ada.say(text)
    await ben.sees("badly")
    await expect(ben.page.locator(".message-text table")).to_be_visible(timeout=WAIT)
    await looker.look(ben, "table, tasks, headings")
    await open_report(ben.page, "shall we sing?")
    await looker.look(ben, "report")


async def test_axe_finds_nothing_in_rules_and_summaries(pair, looker):
    ada, ben = pair
    worker = await StandIn().serve(ada)
    await ben.page.locator("#composer-text").press("Enter")  # three messages are enough for one
    await set_rule(ada, "When a member asks for one")
    await ada.sees("shall we sing?", "badly", "only if you")
    await looker.look(ada, "rules in the head of a room")
    await ada.page.locator("#room-rules").click()
    await looker.look(ada, "rules of a room")
    await ada.page.locator("#close-panel").click()
    panel = await open_panel(ada)
    await previewed(panel)
    await looker.look(ada, "summary, before it is sent")
    await panel.locator("#summary-send").click()
    await waits(panel)
    await looker.look(ada, "summary, waited for")
    worker.answer(await uid_of(ada), "They sing on Monday.")
    await expect(panel.locator(".summary-text")).to_be_visible(timeout=WAIT)
    await looker.look(ada, "summary")


async def test_axe_finds_nothing_where_keys_are_missing_or_replaced(stage, pair, looker):
    ada, ben = pair
    away = await stage.person("away", bypass_csp=AXE_STYLES)
    away.name = ben.name
    await away.log_in()
    keys = away.page.locator("#keys")
    await expect(keys).to_have_attribute("data-state", "restore", timeout=WAIT)
    await looker.look(away, "keys to restore")
    await away.page.get_by_role("button", name="I do not have it any more").click()
    await looker.look(away, "form for new keys")
    await away.page.get_by_label("Your password").fill(PASSWORD)
    async with away.page.expect_download():
        await away.page.get_by_role("button", name="Make new keys").click()
    await looker.look(away, "kit of new keys")
    await ben.goto("/rooms/")
    await ben.page.get_by_role("heading", name="Your account has new keys").wait_for()
    await looker.look(ben, "keys replaced")
    await away.page.locator("#kit-saved").click()
    await away.page.wait_for_url("**/rooms/")
    await away.page.locator("#room-list .room-link").first.click()
    await expect(away.page.locator("#room-title")).to_be_visible(timeout=WAIT)
    await looker.look(away, "room that one has to be let in to")
    notice = ada.page.locator("#new-keys")
    await expect(notice).to_contain_text(f"{ben.name} has new keys", timeout=WAIT)
    await looker.look(ada, "notice of new keys")
    await notice.get_by_role("button", name="Compare numbers").click()
    await looker.look(ada, "numbers of new keys")
