"""Whom the hostile server serves: a Python client and a browser, asked the same questions."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.async_api import Error, Page

from sotto.api import ApiError
from sotto.client import Client
from sotto.export import export_room
from sotto.own_keys import KeysNotPublished
from sotto.profile_dir import ProfileDir, ProfileDirError
from sotto.protocol.encoding import WireError
from sotto.protocol.events import LogError
from sotto.protocol.identity import open_identity
from sotto.room import Closed, Frozen, Me, Message, NewerVersion, UnapprovedKeys
from tests.browser.people import PASSWORD, Person, Stage
from tests.hostile.server import Hostile, network
from tests.vectors.making import cast

WITHIN = 20.0  # seconds
FORGED = "FORGED"
"""What the hostile server wants somebody to believe."""


@dataclass
class Seen:
    """A room as its member sees it. `gaps`: places where messages are missing; `others`: messages
    whose author saw a different conversation.
    """

    texts: list[str]
    refused: int = 0
    gaps: int = 0
    others: int = 0
    locked: int = 0
    lost: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class RoomRecord:
    """What the victim has of its account: the kid of its keys, and how many room keys and pins."""

    kid: str
    keys: int
    pins: int


class Victim(Protocol):
    name: str
    rereads: bool
    """Whether every run reads all messages again."""

    @property
    def uid(self) -> str: ...
    @property
    def kid(self) -> str: ...

    async def sign_up(self, name: str) -> None: ...
    async def join(self, link: str, room: str) -> None: ...
    async def joins(self, link: str) -> bool: ...
    async def restart(self, room: str) -> None: ...
    async def see(self, room: str) -> Seen: ...
    async def say(self, room: str, text: str) -> None: ...
    async def tries_to_say(self, text: str, room: str) -> None: ...
    async def can_write(self, room: str) -> bool: ...
    async def room_name(self, room: str) -> str: ...
    async def finds(self, room: str, query: str) -> list[str]: ...
    async def restores(self, name: str, kit: str) -> bool: ...
    async def accepts(self, room: str) -> None: ...
    async def idle(self, seconds: float) -> None: ...
    async def begins(self) -> bool: ...
    async def publishes_again(self) -> None: ...
    async def kept(self) -> RoomRecord: ...
    async def loses_storage(self) -> str: ...
    async def brings(self, kit: str) -> None: ...
    async def writes_to(self, name: str) -> bool: ...
    async def trusts_new_key(self, name: str) -> None: ...
    async def accepts_namesake(self, name: str, room: str = "") -> None: ...


async def sees(victim: Victim, room: str, **expected: Any) -> None:
    """In the end the victim sees just this; never, meanwhile, what was forged."""
    deadline = asyncio.get_running_loop().time() + WITHIN
    while True:
        seen = await victim.see(room)
        assert not [text for text in seen.texts if FORGED in text], seen
        if all(getattr(seen, key) == value for key, value in expected.items()):
            return
        assert asyncio.get_running_loop().time() < deadline, (seen, expected)
        await asyncio.sleep(0.2)


class ClientVictim:
    """Remembers between runs, as a program with a profile does."""

    rereads = True

    def __init__(self, hostile: Hostile, home: Path) -> None:
        self._hostile = hostile
        self._home = home
        self.client = self._make()
        self.name = ""
        self._me: Me
        self.heard: list[Message] = []
        """What came by itself since the last start."""
        self._listening: asyncio.Task[None] | None = None

    def _make(self) -> Client:
        return Client(self._hostile.url, profile_dir=ProfileDir(self._home), transport=network())

    @property
    def uid(self) -> str:
        return self._me.uid

    @property
    def kid(self) -> str:
        return self._me.kid

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self.client.close()

    async def sign_up(self, name: str) -> None:
        self.name = name
        await self.client.account.sign_up(name, PASSWORD, cast()["dan"].keys)
        self._me = self.client.me
        self._listening = asyncio.create_task(self._listen(self.client))

    async def _listen(self, client: Client) -> None:
        while True:
            with suppress(Frozen, NewerVersion):
                async for message in client.messages.receive():
                    self.heard.append(message)

    async def join(self, link: str, room: str) -> None:
        await self.client.rooms.join(link)

    async def joins(self, link: str) -> bool:
        try:
            await self.client.rooms.join(link)
        except (LogError, WireError, ApiError, Frozen):
            return False
        return True

    async def restart(self, room: str) -> None:
        await self.close()
        self.client, self.heard = self._make(), []
        await self.client.account.resume()
        self._listening = asyncio.create_task(self._listen(self.client))

    async def see(self, room: str) -> Seen:
        frozen = False
        try:
            held = await self.client.rooms.open(room)
        except Frozen:
            frozen = True
            try:
                held = self.client.session.manager.cached(room)
            except KeyError:
                return Seen([], frozen=True)
        given = [repr(held.conversation()), repr(self.heard), json.dumps(export_room(held, 0))]
        assert FORGED not in "".join(given), "forged text was given out"
        lines = held.conversation()
        counted = [line.status for line in lines]
        return Seen(
            [line.text for line in lines if line.status == "ok"],
            counted.count("refused") + counted.count("erased"),
            sum(line.missing for line in lines),
            sum(line.other_view for line in lines),
            counted.count("locked"),
            held.lost_count > 0,
            frozen or bool(held.frozen),
        )

    async def say(self, room: str, text: str) -> None:
        await self.client.messages.send(room, text)

    async def tries_to_say(self, text: str, room: str) -> None:
        with suppress(Frozen):
            await self.say(room, text)

    async def can_write(self, room: str) -> bool:
        try:
            self.client.session.manager.cached(room).check_writable()
        except (Closed, Frozen, UnapprovedKeys, KeyError):  # or it has no log that can be believed
            return False
        return True

    async def room_name(self, room: str) -> str:
        return (await self.client.rooms.open(room)).name

    async def finds(self, room: str, query: str) -> list[str]:
        return [message.text async for message in self.client.search.messages(room, query)]

    async def restores(self, name: str, kit: str) -> bool:
        async with Client(self._hostile.url) as client:
            try:
                await client.account.restore(name, PASSWORD, kit)
            except WireError:
                return False
        return True

    async def accepts(self, room: str) -> None:
        await self.client.rooms.accept_server_version(room)

    async def idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def begins(self) -> bool:
        """A new run; whether it gets as far as its rooms."""
        await self.close()
        self.client, self.heard = self._make(), []
        try:
            await self.client.account.resume()
        except (KeysNotPublished, WireError, ProfileDirError, ApiError):
            return False
        self._listening = asyncio.create_task(self._listen(self.client))
        return True

    async def publishes_again(self) -> None:
        await self.close()
        self.client = self._make()
        await self.client.account.publish_keys()

    async def kept(self) -> RoomRecord:
        home = ProfileDir(self._home)
        account = home.account()
        assert account is not None
        rooms = [home.room(path.stem) for path in (self._home / "rooms").glob("*.json")]
        pins = {open_identity(signed).uid for signed in home.trust().pins}
        return RoomRecord(account.kid, sum(len(room.keys) for room in rooms), len(pins))

    async def loses_storage(self) -> str:
        """Only the recovery kit is left."""
        kit = self.client.account.recovery_kit()
        await self.close()
        shutil.rmtree(self._home)
        return kit

    async def brings(self, kit: str) -> None:
        await self.close()
        self.client = self._make()
        with pytest.raises(ProfileDirError):
            await self.client.account.log_in(self.name, PASSWORD)
        await self.client.account.restore(self.name, PASSWORD, kit)

    async def writes_to(self, name: str) -> bool:
        """Whether a conversation with somebody begins without a question."""
        try:
            await self.client.rooms.direct(name)
        except (UnapprovedKeys, WireError, ApiError):
            return False
        return True

    async def trusts_new_key(self, name: str) -> None:
        self.client.contacts.approve_key((await self.client.contacts.find(name)).kid)
        await self.writes_to(name)

    async def accepts_namesake(self, name: str, room: str = "") -> None:
        for person in self.client.contacts.namesakes(name):
            self.client.contacts.accept_namesake(person.uid)
        if not room:
            await self.writes_to(name)


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
        await self._person.sign_up()
        facts = await self.page.evaluate("JSON.parse(document.querySelector('#page-data').text)")
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
            """() => {
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
                all: document.body.textContent,
              };
            }"""
        )
        assert FORGED not in found.pop("all"), "forged text stands on the page"
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

    async def idle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def begins(self) -> bool:
        await self.page.goto(f"{self._hostile.url}/rooms/")
        rooms = self.page.get_by_role("heading", name="Your rooms")
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
