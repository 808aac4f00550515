"""A browser that the hostile server serves."""

from __future__ import annotations

import asyncio
from dataclasses import fields

from playwright.async_api import Error, Page

from tests.browser.people import Person, Stage
from tests.hostile.server import Hostile
from tests.hostile.victims import FORGED, RoomRecord, Seen

WHO_AM_I = "fetch('/site.json').then((answer) => answer.json()).then(({ me }) => me)"


class BrowserVictim:
    """A person with a browser, who remembers what browsers keep."""

    rereads = False

    def __init__(self, hostile: Hostile, stage: Stage) -> None:
        self._hostile = hostile
        self._stage = stage
        self._person: Person
        self.name = self.uid = self.kid = ""

    @property
    def page(self) -> Page:
        return self._person.page

    async def close(self) -> None:
        pass

    async def sign_up(self, name: str) -> None:
        self._person = await self._stage.person()
        self._person.name = self.name = name
        await self._person.sign_up_by_page()
        facts = await self.page.evaluate(WHO_AM_I)
        self.uid, self.kid = facts["uid"], facts["kid"]

    def _here(self, link: str) -> str:
        return f"{self._hostile.url}/i{link[link.index('#') :]}"

    async def join(self, link: str, room: str) -> None:
        await self.page.goto(self._here(link))
        await self.page.get_by_role("button", name="Join", exact=True).click()
        await self.page.wait_for_url(f"**/rooms/{room}/")

    async def joins(self, link: str) -> bool:
        await self.page.goto(self._here(link))
        join = self.page.get_by_role("button", name="Join", exact=True)
        failed = self.page.locator("#invite[data-state=failed], #invite[data-state=ended]")
        await join.or_(failed).first.wait_for()
        if await failed.count():
            return False
        await join.click()
        try:
            await self.page.wait_for_url("**/rooms/*/", timeout=4000)
        except Error:
            return False
        return True

    async def restart(self, room: str) -> None:
        await self.page.goto(f"{self._hostile.url}/rooms/{room}/")

    async def see(self, room: str) -> Seen:
        found = await self.page.evaluate(
            """(forged) => {
              const many = (selector) => document.querySelectorAll(selector).length;
              const words = (node) => {
                const copy = node.cloneNode(true);
                for (const mark of copy.querySelectorAll(".message-marks")) mark.remove();
                return copy.textContent.trim();
              };
              return {
                texts: [...document.querySelectorAll(".message-text")].map(words),
                refused: many(".timeline-line.refused"),
                gaps: many(".timeline-line.gap"),
                others: many(".message-note"),
                locked: many(".message-instead"),
                lost: many(".timeline-line.lost") > 0,
                frozen: many("#room-notice .frozen") > 0,
                out: ["removed", "banned", "left", "succeeded", "missing"].find(
                  (kind) => many(`#room-answer:not([hidden])[data-end=${kind}]`) > 0) ?? "",
                forged: [...document.querySelectorAll("body *")]
                  .filter(({ childNodes }) => [...childNodes].some(
                    (node) => node.nodeType === Node.TEXT_NODE && node.data.includes(forged)))
                  .map((place) => place.outerHTML),
              };
            }""",
            FORGED,
        )
        places = found.pop("forged")
        assert places == [], "forged text stands on the page"
        return Seen(**{field.name: found[field.name] for field in fields(Seen)})

    async def say(self, room: str, text: str) -> None:
        await self._person.say(text)
        await self._person.sees_sent(text)

    async def tries_to_say(self, text: str, room: str) -> None:
        await self._person.say(text)

    async def can_write(self, room: str) -> bool:
        return await self.page.locator("#composer-text").is_enabled()

    async def restores(self, name: str, kit: str) -> bool:
        other = await self._stage.person()
        other.name = name
        await other.log_in()
        if kit.startswith("{"):
            await other.restore(kit)
        else:
            await other.page.get_by_label("Or type its code").fill(kit)
            await other.page.get_by_role("button", name="Use the code").click()
        failed = other.page.locator("#restore-error:not([hidden])")
        rooms = other.page.get_by_role("heading", name="Your rooms")
        await failed.or_(rooms).first.wait_for()
        return await failed.count() == 0

    async def accepts(self, room: str) -> None:
        """By the explicit act; the page loads anew then."""
        name = "Go on with the server’s version"
        await self.page.locator(".frozen").get_by_role("button", name=name, exact=True).click()
        await self.page.get_by_label("Type “go on”").fill("go on")
        async with self.page.expect_navigation():
            await (
                self.page.locator("dialog[open]")
                .get_by_role("button", name=name, exact=True)
                .click()
            )

    async def leaves(self, room: str) -> None:
        await self.page.locator("#open-members").click()
        await self.page.get_by_role("button", name="Leave this room").click()
        await self.page.locator("dialog[open]").get_by_role("button", name="Leave").click()
        await self.page.wait_for_url("**/rooms/")

    async def signs_in_again(self) -> None:
        await self._person.log_in()
        await self.page.get_by_role("heading", name="Your rooms").wait_for()

    async def lives_on(self, ms: int) -> None:
        """The device's clock goes on by that much, from the next page on."""
        shift = f"{{ const now = Date.now; Date.now = () => now() + {ms}; }}"
        await self.page.context.add_init_script(shift)

    async def idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def begins(self) -> bool:
        await self.page.goto(f"{self._hostile.url}/rooms/")
        rooms = self.page.locator("#room-list").get_by_role("link")  # the heading is there at once
        states = ", ".join(f"[data-state={state}]" for state in ("republish", "other", "restore"))
        stopped = self.page.locator(f"#keys:is({states})")
        await rooms.or_(stopped).first.wait_for()
        return await stopped.count() == 0

    async def publishes_again(self) -> None:
        await self.page.get_by_role("button", name="Publish my keys again").click()
        await self.page.get_by_role("heading", name="Your rooms").wait_for()

    async def kept(self) -> RoomRecord:
        found = await self.page.evaluate(
            """async (uid) => {
              const answer = (request) => new Promise((resolve, reject) => {
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
              });
              const database = await answer(indexedDB.open("sotto"));
              const store = (name) => database.transaction(name).objectStore(name);
              const mine = IDBKeyRange.bound([uid], [uid, []]);
              const account = await answer(store("accounts").get(uid));
              const keys = await answer(store("keys").count(mine));
              const pins = await answer(store("pins").count(mine));
              database.close();
              return { kid: account.kid, keys, pins };
            }""",
            self.uid,
        )
        return RoomRecord(**found)

    async def loses_storage(self) -> str:
        await self.page.goto(f"{self._hostile.url}/settings/")
        await self.page.evaluate(
            """async () => {
              for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
            }"""
        )
        assert self._person.kit is not None
        return self._person.kit

    async def brings(self, kit: str) -> None:
        await self._person.restore(kit)
        await self.page.get_by_role("heading", name="Your rooms").wait_for()

    async def _asks_to_write(self, name: str) -> None:
        await self.page.goto(f"{self._hostile.url}/rooms/new/")
        await self.page.get_by_label("Their user name").fill(name)
        await self.page.get_by_role("button", name="Start").click()

    async def writes_to(self, name: str) -> bool:
        await self._asks_to_write(name)
        question = self.page.locator("dialog[open]")
        error = self.page.locator("#new-direct-error:not([hidden])")
        room = self.page.locator("#room-title")
        await question.or_(error).or_(room).first.wait_for()
        if await question.count():
            await question.get_by_role("button", name="Cancel").click()
            await error.wait_for()
            return False
        return await error.count() == 0

    async def _answers(self, name: str, button: str) -> None:
        await self._asks_to_write(name)
        dialog = self.page.locator("dialog[open]")
        await dialog.get_by_role("button", name=button).click()
        error = self.page.locator("#new-direct-error:not([hidden])")
        await error.or_(self.page.locator("#room-title")).first.wait_for()

    async def trusts_new_key(self, name: str) -> None:
        await self._answers(name, "Trust it")

    async def accepts_namesake(self, name: str, room: str = "") -> None:
        button = f"It is another person called {name}"
        if not room:
            return await self._answers(name, button)
        await self.page.locator("#room-notice").get_by_role("button", name=button).click()
        await self.page.locator("dialog[open]").get_by_role("button", name=button).click()
        return None

    async def room_name(self, room: str) -> str:
        return await self.page.locator("#room-title").inner_text()

    async def finds(self, room: str, query: str) -> list[str]:
        await self.page.get_by_role("button", name="Search in this room").click()
        await self.page.get_by_role("searchbox", name="Search in this room").fill(query)
        await self.page.locator(".search-status", has_text="Searched").wait_for()
        return await self.page.locator(".hit-text").all_inner_texts()
