"""A long room in a real Chromium: `python -m benchmarks.timeline [MESSAGES …]`.

A room of each size (long_room.py), a person who joins it by link, and what they do there, RUNS
times each in a page that is opened anew: open the room, jump to a message and to a day, scroll up
and down, send, verify pages in a worker as the page does, and come back to UNREAD new messages.
`after_data` is the time from the server's last answer until what was looked for is painted.
Goals: opening and each jump within 300 ms of their data, an own message within 50 ms at the newest
messages (from further up these are shown first), no task over 100 ms while scrolling, at most
5,000 elements and 80 MB of heap, 8,000 messages verified a second.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Error, Page

from benchmarks.long_room import DAY, is_text
from benchmarks.machine import machine
from benchmarks.pages import HERE, find_chromium, in_page
from sotto.client import Client
from tests.browser.people import PASSWORD, Person, Stage, chromium
from tests.live import ROOT, LiveServer

OUT = HERE / "timeline.json"
SIZES = [300, 10_000, 50_000]
RUNS = 5
SCROLLED = 10_000  # messages
STEP_LIMIT = 360  # s: more than timeline.js waits for anything
UNREAD = 60  # messages: more than a page, so that the first of them has to be fetched
FIRST_SHOWN = """(what) => {
  const found = () => document.querySelector(what) &&
    !document.querySelector('#composer-text').disabled;
  const check = () => {
    if (globalThis.shownAt === undefined && found()) globalThis.shownAt = performance.now();
  };
  const look = () => {
    check();
    if (globalThis.shownAt === undefined) requestAnimationFrame(look);
  };
  addEventListener('DOMContentLoaded', look);
  setInterval(check, 1000); // Chromium without a window stops drawing now and then
}"""

SHOWN_AT = """async () => {
  const limit = performance.now() + 120_000;
  while (globalThis.shownAt === undefined && performance.now() < limit)
    await new Promise((done) => setTimeout(done, 20));
  if (globalThis.shownAt === undefined) throw new Error("not shown within two minutes");
  const pages = performance.getEntriesByType('resource')
    .filter(({ name, responseEnd }) => name.includes('/messages?') && responseEnd < shownAt);
  const data = pages.at(-1)?.responseEnd;
  return [globalThis.shownAt, data === undefined ? 0 : globalThis.shownAt - data];
}"""


STATE = """() => JSON.stringify({
  shown: document.visibilityState, lines: document.querySelectorAll("#timeline [data-seq]").length,
  last: document.querySelector("#timeline")?.textContent.slice(-200),
  alerts: [...document.querySelectorAll("[role=alert], [role=status]")].map((e) => e.textContent),
  requests: performance.getEntriesByType("resource").slice(-5)
    .map(({ name, responseStatus, responseEnd }) => [name, responseStatus, responseEnd]),
  now: performance.now(),
})"""


def seeded(server: LiveServer, messages: int) -> dict[str, Any]:
    """A room of so many messages at a running server: its id and a link, and how long it took."""
    command = [sys.executable, "-m", "benchmarks.long_room", str(messages), server.url]
    about = {
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'client'}",
    }
    environment = {**server.environment, **about}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def opened(person: Person, room: str, what: str) -> tuple[Page, float, float]:
    """The room in a new tab, and how long it took until `what` stood there and the field took
    input: from the beginning, and from the last page of messages that came before.
    """
    page = await person.new_tab()
    page.set_default_timeout(120_000)
    await page.add_init_script(f"({FIRST_SHOWN})({json.dumps(what)})")
    async with limited(page, f"open until {what}"):
        await page.goto(f"{person.stage.url}/rooms/{room}/")
        took, after = await page.evaluate(SHOWN_AT)
    return page, took, after


@asynccontextmanager
async def limited(page: Page, name: str) -> AsyncIterator[None]:
    """A step that ends within STEP_LIMIT, or with an error that says what the page shows."""
    try:
        async with asyncio.timeout(STEP_LIMIT):
            yield
    except (Error, TimeoutError) as error:
        try:
            async with asyncio.timeout(10):
                state = await page.evaluate(STATE)
        except (Error, TimeoutError):
            state = "the page does not answer"
        raise RuntimeError(f"{name} stands still: {state}") from error


async def in_room(page: Page, step: str, **arguments: Any) -> Any:
    """One step of timeline.js."""
    async with limited(page, step):
        return await in_page(page, "timeline.js", step=step, **arguments)


async def heap(page: Page) -> float:
    """MB of objects, once the garbage is collected."""
    async with limited(page, "heap"):
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("HeapProfiler.collectGarbage")
        used = await devtools.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1e6


async def visit(person: Person, room: str, messages: int, run: int) -> dict[str, float]:
    """All steps, once."""
    page, took, after = await opened(person, room, "#timeline .message")
    found = {"open_ms": took, "open_after_data_ms": after}
    place = 1 + (messages // 5 + run * 40) % messages
    assert is_text(place)
    jump = await in_room(page, "jump", seq=place)
    found |= {"jump_ms": jump["took"], "jump_after_data_ms": jump["afterData"]}
    found["jump_longest_task_ms"] = jump["longest"]
    day = time.strftime("%Y-%m-%d", time.localtime(time.time() - (7 + run * 7) * DAY / 1000))
    date = await in_room(page, "date", text=day)
    found |= {"date_ms": date["took"], "date_after_data_ms": date["afterData"]}
    await page.locator("#to-newest").click()
    await page.locator("#to-newest").wait_for(state="hidden")
    up = await in_room(page, "up", seq=max(1, messages - SCROLLED))
    down = await in_room(page, "down", seq=messages - 100)
    found |= {"up_s": up["took"] / 1000, "down_s": down["took"] / 1000}
    found["scroll_longest_task_ms"] = max(up["longest"], down["longest"])
    found["most_elements"] = max(up["nodes"], down["nodes"])
    found["heap_mb"] = await heap(page)
    await in_room(page, "jump", seq=place + 10)
    away = await in_room(page, "echo", text=f"from further up {run}")
    found["own_message_from_further_up_ms"] = away["took"]
    await page.locator("#to-newest").wait_for(state="hidden")
    echo = await in_room(page, "echo", text=f"own message {run}")
    found["own_message_ms"] = echo["took"]
    worker = await in_room(page, "worker", messages=min(2000, messages))
    found["verified_per_s"] = worker["perSecond"]
    await page.close()
    return found


async def visit_with_unread(person: Person, other: Client, room: str) -> dict[str, float]:
    """Comes back to messages that somebody has written meanwhile."""
    for n in range(UNREAD):
        await other.messages.send(room, f"missed {n}")
    page, took, after = await opened(person, room, "#timeline .timeline-unread")
    await in_room(page, "read")
    await page.close()
    return {"unread_ms": took, "unread_after_data_ms": after}


async def measured(people: Stage, server: LiveServer, messages: int) -> dict[str, Any]:
    made = await asyncio.to_thread(seeded, server, messages)
    person = await people.person("reader")
    await person.sign_up()
    await person.join(made["link"], "Town")
    await person.page.locator("#timeline .message").first.wait_for()
    await person.page.close()  # it would read what the visits find unread
    room, runs = made["room"], []
    async with Client(server.url) as other:
        await other.account.sign_up(f"other{messages}", PASSWORD)
        await other.rooms.join(made["link"])
        for run in range(RUNS):
            found = await visit(person, room, messages, run)
            runs.append(found | await visit_with_unread(person, other, room))
            print(json.dumps(runs[-1]), file=sys.stderr, flush=True)
    medians = {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}
    worst = {
        key: round((min if key == "verified_per_s" else max)(run[key] for run in runs), 1)
        for key in runs[0]
    }
    return {"messages": messages, "seed_s": made["seconds"], "median": medians, "worst": worst}


async def run(sizes: list[int]) -> dict[str, Any]:
    rows = []
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as server:
        async with chromium() as browser, Stage(server, browser) as people:
            for messages in sizes:
                rows.append(await measured(people, server, messages))
                print(json.dumps(rows[-1]), flush=True)
            return {"chromium": browser.version, "runs": RUNS, "rooms": rows}


def main() -> None:
    find_chromium()
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    about = machine()
    found = asyncio.run(run(sizes))
    OUT.write_text(json.dumps({**about, **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
