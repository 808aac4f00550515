"""How long a browser takes to renew the key of a large room: `python -m benchmarks.rotation`.

In a real Chromium, with the site's own modules, in a page that a real server gave it. Times are
browser time: recipients out of the verified log, one key import and one wrap (RSA-OAEP-3072) for
each member, the members' hash, the signed event, the request's text. The network is not in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.browser import chromium_path
from tests.browser.people import Stage, chromium
from tests.live import LiveServer

HERE = Path(__file__).resolve().parent
OUT = HERE / "rotation.json"
SIZES = (100, 1000)
RUNS = 9
DISTINCT = 8  # RSA keys
PHONE = 4  # times slower, as browsers' developer tools have it


async def measured(stage: Stage, members: int, slower: int) -> dict[str, Any]:
    person = await stage.person()
    await person.goto("/accounts/login/")
    page = person.page
    source = await page.locator("link[rel=stylesheet]").first.get_attribute("href")
    assert source is not None
    base = source.partition("/css/")[0]
    devtools = await person.context.new_cdp_session(page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    arguments = {"base": base, "members": members, "distinct": DISTINCT, "runs": RUNS}
    text = (HERE / "rotation.js").read_text()
    found: dict[str, Any] = await page.evaluate(text[text.index("async (") :], arguments)
    first, *warm = found["rotations"]
    return {
        "members": members,
        "slower": slower,
        "first_ms": round(first),
        "median_ms": round(statistics.median(warm)),
        "worst_ms": round(max(warm)),
        "longest_pause_ms": round(found["blocked"]),
        "signs_of_progress": found["signs"],
        "events": found["events"],
        "verify_ms": round(statistics.median(found["verify"])),
    }


async def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as server:
        async with chromium() as browser, Stage(server, browser) as stage:
            return [await measured(stage, n, slower) for n in SIZES for slower in (1, PHONE)]


def main() -> None:
    if "SOTTO_CHROMIUM" not in os.environ:
        os.environ["SOTTO_CHROMIUM"] = chromium_path(dict(os.environ))
    rows = asyncio.run(run())
    print("members  slower  first  median  worst  longest pause  verify log")
    for row in rows:
        print(
            f"{row['members']:7}  {row['slower']:5}x  {row['first_ms']:5}  {row['median_ms']:6}"
            f"  {row['worst_ms']:5}  {row['longest_pause_ms']:13}  {row['verify_ms']:10}"
        )
    about = {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "unit": "ms"}
    OUT.write_text(json.dumps({**about, "rotation": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
