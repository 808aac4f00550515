"""A second visit shows what was verified before, and believes nothing else that is kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from benchmarks.timeline import seeded
from tests.browser.people import WAIT, Person

MESSAGES = 60
OWN = 20  # besides the page that a room opens with: more than are opened without a worker
KEPT = """async ([change, seq]) => {
  const opened = await new Promise((resolve, reject) => {
    const request = indexedDB.open("sotto");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const transaction = opened.transaction(["rows", "opened"], "readwrite");
  const all = (name) => new Promise((resolve) => {
    transaction.objectStore(name).getAll().onsuccess = ({ target }) => resolve(target.result);
  });
  const [rows, results] = [await all("rows"), await all("opened")];
  if (change === "swap") {
    const [one, two] = results.slice(-2);
    transaction.objectStore("opened").put({ ...one, sealed: two.sealed });
    transaction.objectStore("opened").put({ ...two, sealed: one.sealed });
  } else if (change === "row") {
    const row = rows.find((one) => one.seq === seq);
    const other = row.ct.startsWith("A") ? "B" : "A";
    transaction.objectStore("rows").put({ ...row, ct: other + row.ct.slice(1) });
  }
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  opened.close();
  const bytes = results.map(({ sealed }) => new TextDecoder("latin1").decode(sealed.ct)).join();
  const keys = [...new Set(results.flatMap(Object.keys))].sort();
  return { rows: rows.length, results: results.length, keys, bytes };
}"""


async def kept(page: Page, change: str = "", seq: int = 0) -> dict[str, Any]:
    """What this browser keeps of rooms, after `change` was made to it, to the row `seq`."""
    found: dict[str, Any] = await page.evaluate(KEPT, [change, seq])
    return found


async def texts(page: Page) -> list[str]:
    """The last messages, as they are shown."""
    last = page.locator("#timeline .message-text").last
    await expect(last).to_be_visible(timeout=WAIT)
    return (await page.locator("#timeline .message-text").all_inner_texts())[-5:]


async def visitor(stage, server) -> tuple[Person, str]:
    """A member of a room who has read more of it than is opened without a worker, with the results
    kept, and the room's path.
    """
    made = await asyncio.to_thread(seeded, server, MESSAGES)
    person = await stage.person("reader")
    await person.sign_up()
    await person.join(made["link"], "Town")
    await texts(person.page)
    for number in range(OWN):
        await person.say(f"own {number}")
    await person.sees_sent(f"own {OWN - 1}")
    async with asyncio.timeout(WAIT / 1000):
        while (await kept(person.page))["results"] < 45:  # each question waits for the database
            pass
    return person, f"/rooms/{made['room']}/"


async def visit(person: Person, path: str) -> tuple[list[str], int]:
    """Opens the room in a new tab: the texts, and the workers that were started until then."""
    page = await person.new_tab()
    workers: list[str] = []
    page.on("worker", lambda worker: workers.append(worker.url))
    await page.goto(f"{person.stage.url}{path}")
    shown = await texts(page)
    await page.close()
    return shown, sum("open-messages" in url for url in workers)


@pytest.mark.slow
async def test_a_second_visit_shows_what_was_verified_and_starts_no_worker(stage, server):
    person, path = await visitor(stage, server)
    shown = await texts(person.page)
    found = await kept(person.page)
    assert found["keys"] == ["me", "room", "sealed", "seq"]
    for text in shown:
        assert text not in found["bytes"], "what was opened is readable at rest"
    assert await visit(person, path) == (shown, 0)


@pytest.mark.slow
@pytest.mark.parametrize("change", ["swap", "row"])
async def test_hostile_changes_of_what_is_kept_are_not_believed(stage, server, change):
    person, path = await visitor(stage, server)
    before = await texts(person.page)
    newest = person.page.locator("#timeline .message:has(.message-text)").last
    await kept(person.page, change, int(await newest.get_attribute("data-seq") or 0))
    shown, _workers = await visit(person, path)
    if change == "swap":
        assert shown == before
    else:
        assert shown[-1] != before[-1], "a row that was changed counts as verified"
