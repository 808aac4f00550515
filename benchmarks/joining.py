"""How long a browser takes to verify a large room's log: `python -m benchmarks.joining`.

Every run is in a page just opened, where nothing is compiled or imported yet. First the members'
identities are checked, then the log from its beginning. The longer log is of the same room, after
members left one by one, the key was renewed for the others, and they came back. The network and
the browser's database are not in it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from typing import Any

from benchmarks.machine import machine
from benchmarks.pages import HERE, find_chromium, fresh_page, in_page, stage
from tests.browser.people import Stage

OUT = HERE / "joining.json"
MEMBERS = 1000
DISTINCT = 20  # RSA keys
LENGTHS = (1000, 5000)  # events, to the next whole return of a member
RUNS = 7
PHONE = 4


async def made(people: Stage, events: int) -> dict[str, Any]:
    page, base = await fresh_page(people)
    returns = max(0, (events - MEMBERS) // 4)
    size = {"members": MEMBERS, "distinct": DISTINCT, "returns": returns}
    log: dict[str, Any] = await in_page(page, "room.js", base=base, **size)
    return log


async def measured(people: Stage, log: dict[str, Any], slower: int) -> dict[str, Any]:
    found = []
    for _ in range(RUNS):
        page, base = await fresh_page(people, slower=slower)
        found.append(await in_page(page, "log.js", base=base, **log))
        await page.context.close()
    whole = [run["identities"] + run["log"] for run in found]
    return {
        "events": len(log["events"]),
        "members": len(log["identities"]),
        "slower": slower,
        "identities_ms": round(statistics.median(run["identities"] for run in found)),
        "log_ms": round(statistics.median(run["log"] for run in found)),
        "median_ms": round(statistics.median(whole)),
        "best_ms": round(min(whole)),
        "worst_ms": round(max(whole)),
    }


async def run() -> dict[str, Any]:
    async with stage() as (people, version):
        logs = [await made(people, events) for events in LENGTHS]
        rows = [await measured(people, log, slower) for log in logs for slower in (1, PHONE)]
    return {"chromium": version, "joining": rows}


def main() -> None:
    find_chromium()
    about = machine()
    found = asyncio.run(run())
    print("events  members  slower  identities    log  whole  best  worst")
    for row in found["joining"]:
        print(
            f"{row['events']:6}  {row['members']:7}  {row['slower']:5}x  {row['identities_ms']:10}"
            f"  {row['log_ms']:5}  {row['median_ms']:5}  {row['best_ms']:4}  {row['worst_ms']:5}"
        )
    OUT.write_text(json.dumps({**about, "unit": "ms", **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
