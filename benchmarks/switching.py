"""How long a switch from one room to another takes in a real Chromium, and what it asks for.

    python -m benchmarks.switching

Somebody is in three rooms of 300 messages. From the list of rooms, in a page just opened, they
click on a room: one that this browser has messages of ("seen"), one that it has none of ("other"),
and one that was open in this page before ("again"). The time is from the click until the frame
after the room's newest message stands there. Requests and bytes are those that reached the network
until the page is idle again, headers included. Five times each, medians, from a server on this
machine, without any delay of a network.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from typing import Any

from playwright.async_api import Page, expect

from benchmarks.machine import machine
from benchmarks.opening import Traffic
from benchmarks.pages import HERE, find_chromium, stage
from sotto.client import Client
from tests.browser.people import PASSWORD, WAIT, Person, Stage

OUT = HERE / "switching.json"
ROOMS = ("Allotment", "Bakery", "Chapel")
MESSAGES = 300
RUNS = 5

PAINTED = """
  async ([room, newest]) => {
    const link = document.querySelector(`#room-list [data-room="${room}"]`);
    const isThere = () =>
      location.pathname.includes(room) &&
      [...document.querySelectorAll(".message-text")].at(-1)?.textContent.trim() === newest;
    const begin = performance.now();
    link.click();
    await new Promise((resolve) => {
      const look = () => (isThere() ? resolve() : requestAnimationFrame(look));
      look();
    });
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - begin;
  }
"""
FORGET = """
  (room) =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open("sotto");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction("rows", "readwrite");
        const rows = transaction.objectStore("rows").openCursor();
        rows.onsuccess = () => {
          const cursor = rows.result;
          if (!cursor) return;
          if (cursor.value.room === room) cursor.delete();
          cursor.continue();
        };
        transaction.oncomplete = () => {
          opening.result.close();
          resolve();
        };
      };
    })
"""


def newest(name: str) -> str:
    return f"the newest of the {name}"


async def rooms_of(people: Stage, ada: Person) -> dict[str, str]:
    """Ids of rooms in which ben has said 300 things each, and which ada has joined, by name."""
    found = {}
    await ada.sign_up()
    async with Client(people.url) as ben:
        await ben.account.sign_up("ben", PASSWORD)
        for name in ROOMS:
            room = await ben.rooms.create(name, "")
            for n in range(MESSAGES - 1):
                await ben.messages.send(room, f"Message number {n}: somebody has to water them.")
            await ben.messages.send(room, newest(name))
            await ada.join(await ben.room_admin.invite(room), name)
            await ada.sees(newest(name))
            found[name] = room
    return found


async def idle(page: Page) -> None:
    await page.wait_for_load_state("networkidle")
    await page.evaluate("new Promise((done) => requestIdleCallback(done, { timeout: 3000 }))")
    await page.wait_for_load_state("networkidle")


async def switched(page: Page, room: str, name: str) -> dict[str, float]:
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    traffic = Traffic(devtools)
    ms = await page.evaluate(PAINTED, [room, newest(name)])
    await page.wait_for_timeout(2500)  # what is fetched when the page is idle counts, too
    await idle(page)
    await devtools.detach()
    return {"ms": round(ms, 1), **traffic.summary()}


async def from_the_list(ada: Person, count: int) -> Page:
    page = await ada.context.new_page()
    await page.goto(f"{ada.stage.url}/rooms/")
    await expect(page.locator("#room-list .room-link")).to_have_count(count, timeout=WAIT)
    await expect(page.locator("#room-list")).to_contain_text(newest(ROOMS[0]), timeout=WAIT)
    await page.wait_for_timeout(3000)  # it loads ahead
    await idle(page)
    return page


async def measured() -> dict[str, Any]:
    runs: dict[str, list[dict[str, float]]] = {"seen": [], "other": [], "again": []}
    async with stage() as (people, version):
        ada = await people.person("ada")
        rooms = await rooms_of(people, ada)
        await ada.page.close()
        first, second, _ = ROOMS
        for _ in range(RUNS):
            page = await from_the_list(ada, len(rooms))
            runs["seen"].append(await switched(page, rooms[first], first))
            await page.evaluate(FORGET, rooms[second])
            runs["other"].append(await switched(page, rooms[second], second))
            runs["again"].append(await switched(page, rooms[first], first))
            await page.close()
    return {"chromium": version, **{name: summed(found) for name, found in runs.items()}}


def summed(runs: list[dict[str, float]]) -> dict[str, Any]:
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {**medians, "ms_runs": [run["ms"] for run in runs]}


def main() -> None:
    find_chromium()
    found = {
        **machine(),
        "messages": MESSAGES,
        **asyncio.run(measured()),
    }
    print(json.dumps(found, indent=1))
    OUT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
