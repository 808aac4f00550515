"""Keys that a browser makes: in two tabs, where it cannot keep them, where it lost them."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.people import PASSWORD, WAIT, Person

KID = "async () => (await (await fetch('/api/v1/me')).json()).kid"
BROKEN = """
  const open = indexedDB.open.bind(indexedDB);
  indexedDB.open = (name, ...rest) => {
    if (name.startsWith("sotto")) throw new DOMException("no storage", "InvalidStateError");
    return open(name, ...rest);
  };
"""


DOWNGRADE = """async () => {
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const NEWER = ["pending", "names"];
  const now = await answer(indexedDB.open("sotto"));
  const names = [...now.objectStoreNames].filter((name) => !NEWER.includes(name));
  const paths = {}, records = {};
  for (const name of names) {
    const store = now.transaction(name).objectStore(name);
    paths[name] = store.keyPath;
    records[name] = await answer(store.getAll());
  }
  now.close();
  await answer(indexedDB.deleteDatabase("sotto"));
  const opening = indexedDB.open("sotto", 3);
  opening.onupgradeneeded = () => {
    for (const name of names) opening.result.createObjectStore(name, { keyPath: paths[name] });
  };
  const before = await answer(opening);
  const transaction = before.transaction(names, "readwrite");
  for (const { name: _name, stood: _stood, ...pin } of records.pins)
    transaction.objectStore("pins").put(pin);
  for (const { chain: _chain, ...account } of records.accounts)
    transaction.objectStore("accounts").put(account);
  for (const name of names.filter((one) => !["pins", "accounts"].includes(one)))
    for (const record of records[name]) transaction.objectStore(name).put(record);
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  before.close();
}"""
NAMES = """async () => {
  const answer = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const database = await answer(indexedDB.open("sotto"));
  const found = await answer(database.transaction("names").objectStore("names").getAll());
  database.close();
  return found.map(({ name }) => name);
}"""


async def fill_sign_up(person: Person) -> None:
    await person.goto("/accounts/signup/")
    await person.fill_account("signup")
    await person.page.get_by_role("button", name="Continue").click()


@pytest.mark.slow
async def test_two_tabs_that_make_keys_end_with_one_identity(stage):
    """The second tab opens the page of keys while the first one makes them."""
    ada = await stage.person("ada")
    second = await ada.new_tab()
    # Making keys takes its time: the worker of the first tab answers when the second one waits.
    waiting = asyncio.Event()

    async def slow(route):
        await waiting.wait()
        await route.continue_()

    await ada.page.route("**/js/workers/make-keys.js", slow)
    await fill_sign_up(ada)
    await ada.page.locator("#keys[data-state=making]").wait_for()
    await second.goto(f"{stage.url}/keys/?next=/rooms/")
    held = await second.evaluate(
        """async () => {
          for (;;) {
            const { pending } = await navigator.locks.query();
            if (pending.some(({ name }) => name.startsWith("sotto:keys:"))) return true;
            await new Promise(requestAnimationFrame);
          }
        }"""
    )
    assert held
    async with ada.page.expect_download():
        waiting.set()
    await ada.confirm_kit()
    for page in (ada.page, second):
        await page.get_by_role("heading", name="Your rooms").wait_for()
    assert await ada.page.evaluate(KID) is not None
    ada.page = second
    await ada.make_room("Second tab")
    await ada.say("usable")
    await ada.sees_sent("usable")


@pytest.mark.slow
async def test_a_browser_that_cannot_keep_keys_makes_none(stage):
    ada = await stage.person("ada")
    await ada.context.add_init_script(BROKEN)
    await fill_sign_up(ada)
    await expect(ada.page.get_by_text("This browser cannot keep keys")).to_be_visible(timeout=WAIT)
    assert await ada.page.evaluate(KID) is None


@pytest.mark.slow
async def test_an_account_without_keys_gets_them_only_on_a_click(stage):
    """Only who has just signed up in this tab is not asked: others may have keys elsewhere."""
    ada = await stage.person("ada")
    await ada.context.add_init_script(BROKEN)
    await fill_sign_up(ada)
    await expect(ada.page.get_by_text("This browser cannot keep keys")).to_be_visible(timeout=WAIT)
    again = await stage.person()
    again.name = ada.name
    await again.log_in()
    await expect(again.page.get_by_text("knows no keys of your account")).to_be_visible(
        timeout=WAIT
    )
    assert await again.page.evaluate(KID) is None
    async with again.page.expect_download():
        await again.page.get_by_role("button", name="This account is new").click()
    await again.confirm_kit()
    await again.page.get_by_role("heading", name="Your rooms").wait_for()


@pytest.mark.slow
async def test_keys_reset_elsewhere_do_not_end_those_here_before_they_are_replaced(stage):
    ada = await (await stage.person("ada")).sign_up()
    elsewhere = await stage.person()
    elsewhere.name = ada.name
    await elsewhere.log_in()
    await elsewhere.page.get_by_role("button", name="I do not have it any more").click()
    await elsewhere.page.get_by_label("Your password").fill("not the password")
    await elsewhere.page.get_by_role("button", name="Make new keys").click()
    await expect(elsewhere.page.locator("#reset-error")).to_be_visible(timeout=WAIT)
    await elsewhere.page.get_by_label("Your password").fill(PASSWORD)
    async with elsewhere.page.expect_download() as downloading:
        await elsewhere.page.get_by_role("button", name="Make new keys").click()
    kit = (await (await downloading.value).path()).read_text()
    await ada.goto("/rooms/")
    await ada.page.get_by_role("heading", name="Your account has new keys").wait_for()
    await expect(ada.page.locator("#keys-replaced")).to_contain_text("Change your password")
    await expect(ada.page.locator("#replaced-where")).to_contain_text("from Chrome on")
    await expect(ada.page.locator("#replaced-where")).to_contain_text("127.0.0.0/24")
    await ada.page.reload()
    await ada.page.get_by_role("heading", name="Your account has new keys").wait_for()
    await ada.restore(kit)
    await ada.page.get_by_role("heading", name="Your rooms").wait_for()
    assert await ada.page.evaluate(KID) == await elsewhere.page.evaluate(KID)


@pytest.mark.slow
async def test_what_an_older_version_kept_goes_on(stage):
    """Keys, messages and pins stay, and each pinned person has their name."""
    ada = await (await stage.person("ada")).sign_up()
    ben = await (await stage.person("ben")).sign_up()
    room = await ada.make_room("Loft")
    await ben.join(await ada.invite(), "Loft")
    await ben.say("from before")
    await ada.sees("from before")
    await ada.page.goto(f"{stage.url}/static/img/icons.svg")  # no page that holds it open
    await ada.page.evaluate(DOWNGRADE)
    await ada.goto(f"/rooms/{room}/")
    await ada.sees("from before")
    await ada.say("and after")
    await ben.sees("from before", "and after")
    assert ben.name in await ada.page.evaluate(NAMES)
