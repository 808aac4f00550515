"""Yesterday's backup is restored: whose account is older, newer, or was lost and made anew."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import expect

from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.room_errors import Frozen, Namesake
from tests.browser.people import PASSWORD, WAIT, Person, Stage
from tests.hostile.server import network
from tests.live import LiveServer

pytestmark = pytest.mark.browser
ACCOUNTS = """async () => {
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await answer(indexedDB.open("sotto"));
  const store = (name) => database.transaction(name).objectStore(name);
  const accounts = await answer(store("accounts").getAll());
  const keys = await answer(store("keys").getAll());
  database.close();
  return [...accounts.map(({ kid }) => kid), ...keys.map(({ room, e }) => `${room} ${e}`)];
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path, browser) -> AsyncIterator[Stage]:
    with LiveServer(tmp_path / "data") as server:
        async with Stage(server, browser) as stage:
            yield stage


def server_of(stage: Stage) -> LiveServer:
    assert isinstance(stage.server, LiveServer)
    return stage.server


def back_up(server: LiveServer, to: Path) -> None:
    server.stop()
    shutil.copytree(server.data, to)
    server.start()


def restore(server: LiveServer, backup: Path) -> None:
    server.stop()
    shutil.rmtree(server.data)
    shutil.copytree(backup, server.data)
    server.start()


async def register(stage: Stage) -> str:
    """An account without keys; its name."""
    name = f"late-{secrets.token_hex(3)}"
    async with httpx2.AsyncClient(base_url=stage.url) as client:
        body = {"name": name, "password": PASSWORD}
        (await client.post("/api/v1/auth/register", json=body)).raise_for_status()
    return name


async def kept(person: Person) -> set[str]:
    """The kids and the room keys that a browser has."""
    return set(await person.page.evaluate(ACCOUNTS))


def account(home: Path) -> bytes:
    return (home / "account.json").read_bytes()


async def test_fault_backup_and_an_account_that_was_lost_and_made_anew(stage, tmp_path):
    """Ada and a program are older than the backup, Ben is not: he signs up again under his name.
    Nobody loses a key, and everybody goes on by one explicit act for each thing that happened.
    """
    ada = await (await stage.person("ada")).sign_up()
    room = await ada.make_room("Choir")
    home, bot_name = tmp_path / "bot", f"bot-{secrets.token_hex(3)}"
    link = await ada.invite(people="25")
    async with Client(stage.url, profile_dir=ProfileDir(home), transport=network()) as bot:
        await bot.account.sign_up(bot_name, PASSWORD)
        await bot.rooms.join(link)
        await bot.messages.send(room, "one")
    await ada.sees("one")
    back_up(server_of(stage), tmp_path / "backup")

    ben = await (await stage.person("ben")).sign_up()
    await ben.join(link, "Choir")
    await ben.say("two")
    await ben.sees_sent("two")
    await ada.goto(f"/rooms/{room}/")
    await ada.sees("one", "two")
    async with Client(stage.url, profile_dir=ProfileDir(home), transport=network()) as bot:
        await bot.account.resume()
        assert [message.text for message in await bot.messages.history(room)] == ["one", "two"]
    before = {person: await kept(person) for person in (ada, ben)}
    bots = account(home)

    restore(server_of(stage), tmp_path / "backup")

    # Ada: the room is stopped until she says so, once.
    await ada.goto(f"/rooms/{room}/")
    await ada.page.get_by_role("button", name="Go on with the server’s version").click()
    await ada.page.locator("dialog[open]").get_by_label("Type “go on”").fill("go on")
    await ada.page.locator("dialog[open]").get_by_role("button", name="Go on").click()
    await expect(ada.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ada.sees("one")

    # Ben: an account of the same name, in the browser that has the keys of the lost one.
    await ben.sign_up()
    await ben.join(await ada.invite(people="25"), "Choir")
    assert before[ben] < await kept(ben)

    # Ada: another Ben. She says so, once.
    notice = ada.page.locator("#room-notice")
    await expect(notice).to_contain_text(f"two accounts called {ben.name}", timeout=WAIT)
    accept = f"It is another person called {ben.name}"
    await notice.get_by_role("button", name=accept).click()
    await ada.page.locator("dialog[open]").get_by_role("button", name=accept).click()
    await expect(ada.page.locator("#composer-text")).to_be_enabled(timeout=WAIT)
    await ada.say("three")
    await ben.sees("one", "three")
    assert before[ada] <= await kept(ada)

    # The program: the same two acts.
    async with Client(stage.url, profile_dir=ProfileDir(home), transport=network()) as bot:
        await bot.account.resume()
        with pytest.raises(Frozen):
            await bot.rooms.open(room)
        await bot.rooms.accept_server_version(room)
        with pytest.raises(Namesake, match=ben.name):
            await bot.messages.send(room, "four")
        (anew,) = bot.contacts.namesakes(ben.name)
        bot.contacts.accept_namesake(anew.uid)
        await bot.messages.send(room, "four")
    await ada.sees("one", "three", "four")
    assert account(home) == bots


@pytest.mark.slow
async def test_fault_backup_from_before_keys_were_published(stage, tmp_path):
    """The server knows both accounts and no keys of theirs: the same ones are published again."""
    names = [await register(stage) for _ in range(2)]
    back_up(server_of(stage), tmp_path / "backup")
    browser = await stage.person()
    browser.name = names[0]
    await browser.log_in()
    await browser.page.get_by_text("Choose recovery kit").wait_for()
    async with browser.page.expect_download():
        await browser.page.get_by_role("button", name="This account is new").click()
    await browser.confirm_kit()
    await browser.make_room("Attic")
    home = tmp_path / "bot"
    async with Client(stage.url, profile_dir=ProfileDir(home), transport=network()) as bot:
        await bot.account.reset_keys(names[1], PASSWORD)
    before, bots = await kept(browser), account(home)

    restore(server_of(stage), tmp_path / "backup")

    await browser.log_in()
    await browser.page.get_by_role("button", name="Publish my keys again").click()
    await browser.page.get_by_role("heading", name="Your rooms").wait_for()
    assert await kept(browser) == before
    async with Client(stage.url, profile_dir=ProfileDir(home), transport=network()) as bot:
        await bot.account.log_in(names[1], PASSWORD)
        assert bot.me.kid == json.loads(bots)["kid"]
        assert (await bot.contacts.find(names[0])).kid in before
    assert account(home) == bots
