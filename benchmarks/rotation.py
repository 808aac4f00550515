"""How long a browser takes to renew the key of a large room: `python -m benchmarks.rotation`.

In a real Chromium, with the site's own modules, in a page that a real server gave it. Times are
browser time: recipients out of the verified log, one key import and one wrap (RSA-OAEP-3072) for
each member, the members' hash, the signed event, the profile's box, an open link's keys, the
request's text. The network is not in it. Members have identities and signing keys of their own
and share DISTINCT RSA keys, which are imported anew for each of them. Slowed runs use developer
tools' throttling, which slows wraps as much as scripts.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from typing import Any

from benchmarks.machine import machine
from benchmarks.pages import HERE, find_chromium, fresh_page, in_page, stage
from tests.browser.people import Stage

OUT = HERE / "rotation.json"
SIZES = (100, 1000)
RUNS = 9
DISTINCT = 20  # RSA keys
PHONE = 4  # times slower, as browsers' developer tools have it


async def measured(people: Stage, members: int, slower: int) -> dict[str, Any]:
    page, base = await fresh_page(people, slower=slower)
    await in_page(page, "room.js", base=base, members=members, distinct=DISTINCT)
    found = await in_page(page, "rotation.js", base=base, runs=RUNS)
    first, *warm = found["rotations"]
    return {
        "members": members,
        "slower": slower,
        "first_ms": round(first),
        "median_ms": round(statistics.median(warm)),
        "best_ms": round(min(warm)),
        "worst_ms": round(max(warm)),
        "longest_pause_ms": round(found["blocked"]),
        "signs_of_progress": found["signs"],
        "request_bytes": found["size"],
    }


async def run() -> dict[str, Any]:
    async with stage() as (people, version):
        rows = [await measured(people, n, slower) for n in SIZES for slower in (1, PHONE)]
    return {"chromium": version, "rotation": rows}


def main() -> None:
    find_chromium()
    about = machine()
    found = asyncio.run(run())
    print("members  slower  first  median  best  worst  longest pause")
    for row in found["rotation"]:
        print(
            f"{row['members']:7}  {row['slower']:5}x  {row['first_ms']:5}  {row['median_ms']:6}"
            f"  {row['best_ms']:4}  {row['worst_ms']:5}  {row['longest_pause_ms']:13}"
        )
    OUT.write_text(json.dumps({**about, "unit": "ms", **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
