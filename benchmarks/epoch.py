"""How long the server takes over a large room's new key: `python -m benchmarks.epoch`.

A real server on a database where a room of MEMBERS came about by the rules (see town.py). The
owner renews the key RUNS times; what is timed is the POST, from its first byte to the answer:
JSON, signature, members' hash, one wrap for each member, all on the disk. The client and its
sealing, which is not timed, share the machine with the server. Between runs the epoch's date is
put back, since an open room may renew its key once a minute only.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from typing import TYPE_CHECKING, Any

import httpx2

from benchmarks.contenders import made_up_site
from benchmarks.machine import machine
from benchmarks.pages import HERE
from tests.live import LiveServer

if TYPE_CHECKING:
    from benchmarks.town import Town

OUT = HERE / "epoch.json"
MEMBERS = 1000
DISTINCT = 20  # RSA keys
RUNS = 9


def measured(town: Town, url: str) -> dict[str, Any]:
    times, size = [], 0
    headers = {"Authorization": f"Bearer {town.token}", "Content-Type": "application/json"}
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as http:
        for _ in range(RUNS):
            town.wait_no_minute()
            body = town.renewal(os.urandom(32))
            content = json.dumps(body).encode()
            began = time.perf_counter()
            answer = http.post(f"/api/v1/chatrooms/{town.state.room}/log", content=content)
            times.append((time.perf_counter() - began) * 1000)
            answer.raise_for_status()
            town.follow({"event": body["event"], "sig": body["sig"]})
            size = len(content)
            if town.wraps_kept() != MEMBERS:
                raise RuntimeError("not everybody got a key")
    first, *warm = times
    return {
        "members": MEMBERS,
        "request_bytes": size,
        "first_ms": round(first),
        "median_ms": round(statistics.median(warm)),
        "best_ms": round(min(warm)),
        "worst_ms": round(max(warm)),
    }


def main() -> None:
    about = machine()
    with made_up_site() as folder, LiveServer(folder / "data") as server:
        from benchmarks.town import found_town

        row = measured(found_town(MEMBERS, DISTINCT), server.url)
    print("members  request bytes  first  median  best  worst")
    print(
        f"{row['members']:7}  {row['request_bytes']:13}  {row['first_ms']:5}"
        f"  {row['median_ms']:6}  {row['best_ms']:4}  {row['worst_ms']:5}"
    )
    OUT.write_text(json.dumps({**about, "unit": "ms", "epoch": row}, indent=2) + "\n")


if __name__ == "__main__":
    main()
