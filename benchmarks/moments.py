"""Loads that are not steady: `python -m benchmarks.moments`.

In a room of 100, beside Socket.IO: a burst of 400 messages at once; one message after 30 s without
any; and 1,000 sockets that come back at the same time, until the last has been greeted.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.contenders import Contender, Sotto, contender, made_up_site, rivals
from benchmarks.machine import machine
from benchmarks.pages import HERE

OUT = HERE / "moments.json"
MEMBERS = 100
BURST = 400
IDLE = 30  # seconds
RETURNING = 1_000
ROUNDS = 3
NOW = 1e9  # messages a second: all of them are due at once


def shown(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the times; every loss counts."""
    return {
        "p50_ms": statistics.median(run["p50_ms"] for run in runs),
        "p99_ms": statistics.median(run["p99_ms"] for run in runs),
        "lost": sum(run["lost"] for run in runs),
        "errors": sum(run["errors"] for run in runs),
    }


def bursts(peers: dict[str, Contender], pens: dict[str, Any]) -> list[dict[str, Any]]:
    from benchmarks.correspondence import as_sent_to, correspondence

    rows = []
    for moment, many, pause in (("burst", BURST, 1), ("after idle", 1, IDLE)):
        runs: dict[str, list[dict[str, Any]]] = {name: [] for name in peers}
        for _ in range(ROUNDS):
            time.sleep(pause)  # for all of them
            for name, one in peers.items():
                written = correspondence(pens[name], many)
                runs[name].append(one.run(as_sent_to(name, written), NOW, MEMBERS))
        rows += [{"moment": moment, "system": name, **shown(of)} for name, of in runs.items()]
    return rows


def returns(
    where: dict[str, tuple[str, int]], sockets: list[dict[str, Any]], folder: Path
) -> list[dict[str, Any]]:
    rows = []
    for name, (url, pid) in where.items():
        took = []
        for at in range(ROUNDS):
            home = folder / f"return{at}"
            with contender(name, url, pid, sockets, home, at_once=len(sockets)) as back:
                took.append(back.connected_in)
            time.sleep(2)  # until all have gone
        seconds = round(statistics.median(took), 2)
        rows.append({"moment": f"{len(sockets)} return", "system": name, "seconds": seconds})
    return rows


def measured(folder: Path, server: Sotto) -> list[dict[str, Any]]:
    from accounts.sign_in.sign_ins import issue_tokens
    from benchmarks.correspondence import pens
    from benchmarks.town import citizens, settle

    town = settle(citizens(MEMBERS, 2, "moment"))
    tokens = [issue_tokens(one.user).access for one in town.people]
    sockets = [{"room": 0, "token": token} for token in tokens]
    many = [sockets[at % MEMBERS] for at in range(RETURNING)]
    with rivals(folder) as others:
        where = {"socketio": others["socketio"]}
        where["sotto"] = (server.url.replace("http", "ws") + "/ws/", server.pid)
        rows = returns(where, many, folder)
        socketio, sotto = where["socketio"], where["sotto"]
        with (
            contender("socketio", *socketio, sockets, folder) as peer,
            contender("sotto", *sotto, sockets, folder) as ours,
        ):
            both = {"socketio": peer, "sotto": ours}
            rows += bursts(both, {name: pens([town]) for name in both})
    return rows


def main() -> None:
    about = machine()
    with made_up_site() as folder, Sotto(folder / "data") as server:
        rows = measured(folder, server)
    for row in rows:
        print(row, flush=True)
    OUT.write_text(json.dumps({**about, "moments": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
