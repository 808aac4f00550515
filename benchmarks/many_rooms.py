"""How soon a list of many rooms is right in a real Chromium, and a room of it on a slow line.

    python -m benchmarks.many_rooms [ROOMS …]

Somebody owns 60 rooms, then 100, then 200, or as many as are named, each with one message. Times
from the start of a page of the list, on a line without delay and on a slow one (400 ms a request,
50 kB/s down and up): `names`
until every line has its name, `right` until every line shows its newest message and the newest room
stands first. On the slow line also `message`: from the start of the page of one room until its
message stands there, from the process itself over HTTP/1.1 and, cold, through Caddy over HTTP/2
(`proxied`: one room). Cold: the browser has the account's keys and nothing else. Warm: it has been
there before. Three times each, medians. Static files have compressed
twins, as in an image and after `make run`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from typing import Any

from playwright.async_api import Page

from benchmarks.machine import machine
from benchmarks.pages import HERE, find_chromium, stage
from sotto.client import Client
from tests.browser.people import PASSWORD, Person, Stage

OUT = HERE / "many_rooms.json"
SIZES = (60, 100, 200)
RUNS = 3
LINES = {"fast": None, "slow": (400, 50_000)}  # ms a request, bytes a second
LONGEST = 120_000  # ms
WATCH = """
  const [many, text] = %s;
  const times = {};
  globalThis.times = new Promise((resolve) => {
    const note = (name, is) => {
      if (is && !(name in times)) times[name] = performance.now();
    };
    const look = () => {
      const lines = [...document.querySelectorAll("#room-list .room-link")];
      const all = (part, fits) => lines.every((line) => fits(line.querySelector(part).textContent));
      if (many && lines.length === many) {
        note("names", all(".room-link-name", (name) => /^Room \\d+$/.test(name)));
        const first = lines[0].querySelector(".room-link-name").textContent;
        note("right", first === `Room ${many - 1}` &&
          all(".room-link-last", (last) => last.startsWith("said in room")));
      }
      note("message", document.querySelector("#timeline")?.textContent.includes(text));
      if (many ? "right" in times : "message" in times) resolve(times);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
"""
FORGET = """
  async () => {
    const opening = indexedDB.open("sotto");
    await new Promise((resolve) => { opening.onsuccess = resolve; });
    const database = opening.result;
    const stores = [...database.objectStoreNames].filter((name) => name !== "accounts");
    const transaction = database.transaction(stores, "readwrite");
    for (const name of stores) transaction.objectStore(name).clear();
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
    database.close();
  }
"""


async def rooms_of(people: Stage, ada: Person, many: int) -> list[str]:
    """Ids of rooms that ada has made and written in, by her Python client, oldest first."""
    await ada.sign_up()
    assert ada.kit is not None
    made = []
    async with Client(people.url) as client:
        await client.account.restore(ada.name, PASSWORD, ada.kit)
        for n in range(many):
            room = await client.rooms.create(f"Room {n}", "")
            await client.messages.send(room, f"said in room {n}")
            made.append(room)
    return made


async def slowed(page: Page, line: tuple[int, int] | None, *, cold: bool) -> None:
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    if cold:
        await devtools.send("Network.clearBrowserCache")
    if line is None:
        return
    latency, speed = line
    about = {"offline": False, "latency": latency}
    both = {"downloadThroughput": speed, "uploadThroughput": speed}
    await devtools.send("Network.emulateNetworkConditions", {**about, **both})


async def visit(
    ada: Person, path: str, about: tuple[int, str], line: tuple[int, int] | None, *, cold: bool
) -> dict[str, float]:
    """Opens a page in a new tab until what is watched for stands there.

    Args:
        about: Rooms in the list, 0 for a page of one room, and the text that is waited for there.
    """
    page = await ada.context.new_page()
    page.set_default_timeout(LONGEST)
    if cold:
        await page.goto(f"{ada.stage.url}/static/img/icons.svg")
        await page.evaluate(FORGET)
    await slowed(page, line, cold=cold)
    await page.add_init_script(WATCH % json.dumps(about))
    await page.goto(ada.stage.url + path, wait_until="commit", timeout=LONGEST)
    times = await asyncio.wait_for(page.evaluate("globalThis.times"), LONGEST / 1000)
    await page.wait_for_timeout(1500)  # the list is kept a moment later
    await page.close()
    return {name: round(ms) for name, ms in times.items()}


async def measured(many: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with stage() as (people, version):
        ada = await people.person("ada")
        rooms = await rooms_of(people, ada, many)
        await ada.page.close()
        room = f"/rooms/{rooms[many // 2]}/"
        said = f"said in room {many // 2}"
        for name, line in LINES.items():
            for way, cold in (("cold", True), ("warm", False)):
                runs = []
                for _ in range(RUNS):
                    times = await visit(ada, "/rooms/", (many, ""), line, cold=cold)
                    if line is not None:
                        times |= await visit(ada, room, (0, said), line, cold=cold)
                    runs.append(times)
                found[f"{name} {way}"] = summed(runs)
                print(many, name, way, found[f"{name} {way}"], flush=True)
    return {"chromium": version, **found}


async def proxied() -> dict[str, Any]:
    """A room's first message on the slow line through Caddy. Nothing is warm there: Chromium caches
    nothing of a site whose certificate it was told to accept.
    """
    async with stage(proxied=True) as (people, _):
        ada = await people.person("ada", ignore_https_errors=True, service_workers="block")
        [room] = await rooms_of(people, ada, 1)
        await ada.page.close()
        about, line = (0, "said in room 0"), LINES["slow"]
        return summed(
            [await visit(ada, f"/rooms/{room}/", about, line, cold=True) for _ in range(RUNS)]
        )


def summed(runs: list[dict[str, float]]) -> dict[str, Any]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def main() -> None:
    find_chromium()
    found: dict[str, Any] = json.loads(OUT.read_text()) if OUT.exists() else {}
    for many in map(int, sys.argv[1:] or SIZES):
        about = {**machine(), "runs": RUNS}
        found[f"{many} rooms"] = {**about, **asyncio.run(measured(many))}
        OUT.write_text(json.dumps(found, indent=1) + "\n")
    found["proxied"] = {**machine(), "runs": RUNS, "slow cold": asyncio.run(proxied())}
    OUT.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
