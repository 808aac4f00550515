"""The cost of an idle socket: `python -m benchmarks.idle`. Resident memory of the server process,
before and after so many sockets have signed in and been greeted, in KiB a socket.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.contenders import Sotto, contender, made_up_site
from benchmarks.machine import machine
from benchmarks.pages import HERE

OUT = HERE / "idle.json"
SOCKETS = (2_000, 10_000)
PEOPLE = 100  # in one room; each with as many sockets as it takes
SETTLE = 3  # seconds


def resident(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


def measured(folder: Path, many: int) -> dict[str, Any]:
    """On a server of its own, so that nothing is warm."""
    from accounts.sign_in.sign_ins import issue_tokens
    from benchmarks.town import citizens, settle

    with Sotto(Path(os.environ["SOTTO_DATA"])) as server:
        town = settle(citizens(PEOPLE, 2, f"idle{many}"))
        tokens = [issue_tokens(one.user).access for one in town.people]
        sockets = [{"room": 0, "token": tokens[at % PEOPLE]} for at in range(many)]
        url = server.url.replace("http", "ws") + "/ws/"
        with contender("sotto", url, server.pid, sockets[:PEOPLE], folder / f"warm{many}"):
            time.sleep(SETTLE)
            before = resident(server.pid)
        time.sleep(SETTLE)
        with contender("sotto", url, server.pid, sockets, folder / f"idle{many}") as idle:
            time.sleep(SETTLE)
            after = resident(server.pid)
    return {
        "sockets": many,
        "kib_a_socket": round((after - before) / 1024 / (many - PEOPLE), 1),
        "connected_in_s": round(idle.connected_in, 1),
    }


def main() -> None:
    about = machine()
    with made_up_site() as folder:
        with Sotto(folder / "data"):
            pass  # brings the database up to date
        rows = []
        for many in SOCKETS:
            rows.append(measured(folder, many))
            print(rows[-1], flush=True)
    OUT.write_text(json.dumps({**about, "idle": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
