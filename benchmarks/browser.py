"""The cost of nasty texts to their readers, in a real Chromium: `python -m benchmarks.browser`.

Each text of `nasty.json` is shown as a message is, in a page that has Sotto's style sheets. What
counts is the time that the main thread computes from the text until it is painted, in CPU time,
so that other programs do not count. `whole` is the longest task while all of it is shown, after
the button was pressed, by the clock. The goal is 100 ms for each.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from typing import Any

from benchmarks.machine import machine
from benchmarks.pages import HERE, find_chromium, fresh_page, in_page, stage
from tests.browser.people import Stage

OUT = HERE / "browser.json"
TEXTS: dict[str, dict[str, Any]] = json.loads((HERE / "nasty.json").read_text())
MOST = 65_535  # bytes of a message
GOAL = 100  # ms
RUNS = 3


def text_of(how: dict[str, Any]) -> str:
    """As long as a message can be: `first`, then `again` over and over, then `last`."""
    first, again, last = how.get("first", ""), how["again"], how.get("last", "")
    room = MOST - len((first + last).encode())
    return first + again * (room // len(again.encode())) + last


async def measured(people: Stage) -> list[dict[str, Any]]:
    """All texts, one after the other, in one page."""
    page, base = await fresh_page(people)
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def spent() -> float:
        """Milliseconds of computing on the main thread so far."""
        metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    found = []
    for name in TEXTS:
        about = {"base": base, "text": text_of(TEXTS[name]), "key": name}
        await in_page(page, "nasty.js", **about, step="empty")
        before = await spent()
        shown = await in_page(page, "nasty.js", **about, step="show")
        first = await spent() - before
        whole = await in_page(page, "nasty.js", **about, step="whole")
        found.append({**shown, "first": first, "whole": whole["longest"]})
    await page.context.close()
    return found


def summed(name: str, found: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {
        "text": name,
        "median_ms": round(statistics.median(run["first"] for run in found), 1),
        "worst_ms": round(max(run["first"] for run in found), 1),
        "whole_ms": round(statistics.median(run["whole"] for run in found), 1),
        "elements": found[0]["elements"],
        "characters": found[0]["characters"],
    }


async def run() -> dict[str, Any]:
    async with stage() as (people, version):
        runs = [await measured(people) for _ in range(RUNS)]
    rows = [summed(name, found) for name, found in zip(TEXTS, zip(*runs, strict=True), strict=True)]
    return {"chromium": version, "goal_ms": GOAL, "texts": rows}


def main() -> None:
    find_chromium()
    about = machine()
    found = asyncio.run(run())
    print(f"{'text':32}  median  worst  whole  elements")
    for row in found["texts"]:
        print(
            f"{row['text']:32}  {row['median_ms']:6}  {row['worst_ms']:5}  {row['whole_ms']:5}"
            f"  {row['elements']:8}"
        )
    over = [row["text"] for row in found["texts"] if row["median_ms"] > GOAL]
    print(f"over {GOAL} ms: {', '.join(over) or 'none'}")
    OUT.write_text(json.dumps({**about, "unit": "ms", **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
