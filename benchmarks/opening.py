"""How long a room takes to open in a real Chromium, and what is asked for until then.

    python -m benchmarks.opening [NAME [http1|http2]]

A room of 300 messages is opened over a connection of 10 Mbit/s on which each request waits 40 ms
for its answer: five times as a first visit (an empty cache of files; the browser has the account
and its keys, and nothing of the room), five times cold (it has kept the room) and five times warm.
The moment that counts is when the newest message stands there and the field takes input; requests
that were sent later are not counted, also where they were sent while this asked for it. Through
deploy/Caddyfile over TLS and HTTP/2, and from the process itself over HTTP/1.1. Figures go into
opening.json under NAME ("after", if none is given).

No service worker: it would answer from what it keeps. Behind Caddy nothing is warm: Chromium
caches nothing of a site whose certificate it was told to accept.

Chromium's emulation delays every request, but not the making of connections. Over HTTP/2 it now and
then holds all answers back for a minute and a half, which Caddy has sent: without it no visit does.
Such a visit is repeated, and counted as `held_back`. Static files have compressed twins, as in an
image and after `make run`.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from math import inf
from typing import Any

from playwright.async_api import CDPSession, Page

from benchmarks.machine import machine
from benchmarks.many_rooms import FORGET
from benchmarks.pages import HERE, find_chromium, stage
from sotto.client import Client
from tests.browser.people import PASSWORD, Person

OUT = HERE / "opening.json"
MESSAGES = 300
RUNS = 5
ROUND_TRIP = 40  # ms
BYTES_PER_SECOND = 10_000_000 / 8
NEWEST = "the newest of all"
LONGEST = 20  # seconds of a visit
SHOWN = """
  const newest = %s;
  let shown;
  let ended = false;
  globalThis.shown = new Promise((resolve) => { shown = resolve; });
  const check = () => {
    if (ended) return;
    const said = [...document.querySelectorAll(".message-text")].at(-1)?.textContent.trim();
    const field = document.querySelector("#composer-text");
    if (said === newest && field && !field.disabled) {
      const ms = performance.now();
      ended = true;
      shown({ ms, at: (performance.timeOrigin + ms) / 1000 });
    }
  };
  const look = () => {
    check();
    if (!ended) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  setInterval(check, 1000); // Chromium without a window stops drawing now and then
"""


class Traffic:
    """The requests of a page, as the developer tools count them."""

    def __init__(self, devtools: CDPSession) -> None:
        self._asked: dict[str, str] = {}
        self._at: dict[str, float] = {}
        self._cached: set[str] = set()
        self._bytes: dict[str, float] = {}
        devtools.on("Network.requestWillBeSent", self._on_request)
        devtools.on("Network.webSocketWillSendHandshakeRequest", self._on_socket)
        devtools.on("Network.requestServedFromCache", lambda e: self._cached.add(e["requestId"]))
        devtools.on("Network.responseReceived", self._on_response)
        devtools.on("Network.loadingFinished", self._on_finished)

    def _on_request(self, event: dict[str, Any]) -> None:
        self._asked[event["requestId"]] = event.get("type", "")
        self._at[event["requestId"]] = event["wallTime"]

    def _on_socket(self, event: dict[str, Any]) -> None:
        self._asked[event["requestId"]] = "WebSocket"
        self._at[event["requestId"]] = event["wallTime"]

    def _on_response(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer.get("fromDiskCache") or answer.get("fromServiceWorker"):
            self._cached.add(event["requestId"])

    def _on_finished(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = event["encodedDataLength"]

    def summary(self, until: float = inf) -> dict[str, float]:
        """Requests that reached the network before a moment, in seconds since 1970, and the bytes
        that came for them with their headers.
        """
        sent = {one for one in self._asked.keys() - self._cached if self._at[one] <= until}
        code = [one for one in sent if self._asked[one] in ("Script", "Stylesheet")]
        return {
            "requests": len(sent),
            "kb_code": round(sum(self._bytes.get(one, 0) for one in code) / 1000, 1),
            "kb": round(sum(self._bytes.get(one, 0) for one in sent) / 1000, 1),
        }


async def visits(person: Person, address: str, *, cold: bool, first: bool) -> dict[str, Any]:
    """The medians of RUNS visits, and how many were held back."""
    runs: list[dict[str, float]] = []
    held_back = 0
    while len(runs) < RUNS:
        page = await person.context.new_page()
        try:
            runs.append(await opened(page, person, address, cold=cold, first=first))
        except TimeoutError:
            held_back += 1
            if held_back > RUNS:
                raise
        await page.close()
    return {**summed(runs), "held_back": held_back}


async def opened(
    page: Page, person: Person, address: str, *, cold: bool, first: bool
) -> dict[str, float]:
    """Opens the room in a new tab, and counts until its newest message is shown.

    Raises:
        TimeoutError: it is not after LONGEST.
    """
    if first:
        await page.goto(f"{person.stage.url}/static/img/icons.svg")
        await page.evaluate(FORGET)
    devtools = await person.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    if cold:
        await devtools.send("Network.clearBrowserCache")
    slow = {"offline": False, "latency": ROUND_TRIP}
    speed = {"downloadThroughput": BYTES_PER_SECOND, "uploadThroughput": BYTES_PER_SECOND}
    await devtools.send("Network.emulateNetworkConditions", {**slow, **speed})
    await page.add_init_script(SHOWN % json.dumps(NEWEST))
    traffic = Traffic(devtools)
    await page.goto(address, wait_until="commit")
    shown = await asyncio.wait_for(page.evaluate("globalThis.shown"), LONGEST)
    await page.wait_for_load_state("networkidle")  # what is loaded ahead is cached for the next
    return {"ms": round(shown["ms"]), **traffic.summary(shown["at"])}


async def room_of(ada: Person) -> str:
    """The address of a room in which ben has said 300 things, and which ada has joined."""
    async with Client(ada.stage.url) as ben:
        await ben.account.sign_up("ben", PASSWORD)
        room = await ben.rooms.create("Allotment", "What grows")
        for n in range(MESSAGES - 1):
            text = f"Message number {n}: the beans are up, and somebody has to water them."
            await ben.messages.send(room, text)
        await ben.messages.send(room, NEWEST)
        link = await ben.room_admin.invite(room)
    await ada.sign_up()
    await ada.join(link, "Allotment")
    await ada.sees(NEWEST)
    return f"{ada.stage.url}/rooms/{room}/"


async def measured(*, tls: bool) -> dict[str, Any]:
    async with stage(proxied=tls) as (people, _):
        ada = await people.person("ada", ignore_https_errors=True, service_workers="block")
        address = await room_of(ada)
        await ada.page.close()
        found = {}
        for name in ("first", "cold") if tls else ("first", "cold", "warm"):
            how = {"cold": name != "warm", "first": name == "first"}
            found[name] = await visits(ada, address, **how)
        return found


def summed(runs: list[dict[str, float]]) -> dict[str, Any]:
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {**medians, "ms_runs": [run["ms"] for run in runs]}


def main() -> None:
    find_chromium()
    name, *only = sys.argv[1:] or ["after"]
    for way, tls in (("http2", True), ("http1", False)):
        if only and way not in only:
            continue
        about = {
            **machine(),
            "messages": MESSAGES,
        }
        found = {**about, **asyncio.run(measured(tls=tls))}
        print(way, json.dumps(found, indent=1), flush=True)
        kept = json.loads(OUT.read_text()) if OUT.exists() else {}
        kept.setdefault(name, {})[way] = found
        OUT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
