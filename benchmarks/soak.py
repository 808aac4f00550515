"""Memory under load that does not end: `python -m benchmarks.soak [MINUTES]`, ten unless told.

1x100 at 10,000 deliveries a second, without a pause but for the making of the next messages; the
server's resident memory after every stretch.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.contenders import Sotto, contender, made_up_site
from benchmarks.idle import resident
from benchmarks.machine import machine
from benchmarks.pages import HERE

OUT = HERE / "soak.json"
MEMBERS = 100
LOAD = 10_000  # deliveries a second
STRETCH = 20  # seconds


def measured(folder: Path, server: Sotto, minutes: float) -> dict[str, Any]:
    from accounts.sign_in.sign_ins import issue_tokens
    from benchmarks.correspondence import as_sent_to, correspondence, pens
    from benchmarks.town import citizens, settle

    town = settle(citizens(MEMBERS, 2, "soak"))
    sockets = [{"room": 0, "token": issue_tokens(one.user).access} for one in town.people]
    rate, written = LOAD / MEMBERS, pens([town])
    memory, lost, closed, messages = [], 0, 0, 0
    url = server.url.replace("http", "ws") + "/ws/"
    with contender("sotto", url, server.pid, sockets, folder) as ours:
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until:
            said = as_sent_to("sotto", correspondence(written, round(rate * STRETCH)))
            run = ours.run(said, rate, MEMBERS)
            messages, lost, closed = (
                messages + len(said),
                lost + run["lost"],
                closed + run["closed"],
            )
            memory.append(round(resident(server.pid) / 1024**2, 1))
            print(f"{messages} messages, {memory[-1]} MiB", flush=True)
    third = max(1, len(memory) // 3)
    return {
        "minutes": minutes,
        "messages": messages,
        "lost": lost,
        "closed": closed,
        "mib": memory,
        "mib_first_third": statistics.median(memory[:third]),
        "mib_last_third": statistics.median(memory[-third:]),
    }


def main(minutes: float = 10) -> None:
    about = machine()
    with made_up_site() as folder, Sotto(folder / "data") as server:
        found = measured(folder, server, minutes)
    OUT.write_text(json.dumps({**about, "soak": found}, indent=1) + "\n")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
