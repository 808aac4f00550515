"""The cost of one delivery: `python -m benchmarks.fanout [--quick]`.

Sotto with its whole path on (shape, membership, signature, rate limit, committed with fsync before
ack) beside the limit (a bare broadcast server in C) and the peer (Socket.IO, in memory), on the
same machine, in the same run, in turns, under the same open load with the same messages. Medians
of ROUNDS.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contenders import Contender, Sotto, contender, made_up_site, rivals
from benchmarks.machine import machine
from benchmarks.pages import HERE

OUT = HERE / "fanout.json"
LOADS = (10_000, 30_000, 60_000)  # deliveries a second
SECONDS = 4
WARM = 4
ROUNDS = 2
GOOD = 100.0  # ms: a load whose 99th percentile stays below this is carried
STEP = 1.25
MOST = 400_000  # deliveries a second: the generator itself ends somewhere
SYSTEMS = ("limit", "socketio", "sotto")


@dataclass(frozen=True)
class Shape:
    rooms: int
    members: int

    @property
    def name(self) -> str:
        return f"{self.rooms}x{self.members}"


SHAPES = (Shape(1, 100), Shape(20, 50), Shape(1, 1000))


class Bout:
    """All systems under one shape, with their sockets open."""

    def __init__(self, shape: Shape, contenders: dict[str, Contender], towns: list[Any]) -> None:
        from benchmarks.correspondence import pens

        self.shape = shape
        self._contenders = contenders
        self._pens = {name: pens(towns) for name in contenders}  # each with chains of its own

    def run(self, name: str, load: int, seconds: float) -> dict[str, Any]:
        from benchmarks.correspondence import as_sent_to, correspondence

        rate = load / self.shape.members
        written = correspondence(self._pens[name], max(1, round(rate * seconds)))
        return self._contenders[name].run(as_sent_to(name, written), rate, self.shape.members)

    def at(self, load: int, rounds: int, seconds: float) -> list[dict[str, Any]]:
        """Every system under one load, in turns."""
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in self._contenders}
        for _ in range(rounds):
            for name in self._contenders:
                found[name].append(self.run(name, load, seconds))
        middle = {name: _median(runs) for name, runs in found.items()}
        costs = {name: row["cpu_s_per_100k"] for name, row in middle.items()}
        return [
            {
                "system": name,
                "shape": self.shape.name,
                "load": load,
                **middle[name],
                "limit_cpu_s_per_100k": costs.get("limit"),
                "peer_cpu_s_per_100k": costs.get("socketio"),
            }
            for name in middle
        ]

    def capacity(self, name: str, seconds: float) -> dict[str, Any]:
        """The highest load, in steps of a quarter, that is carried without a loss."""
        load, carried = 30_000.0, 0
        while load < MOST:
            row = self.run(name, int(load), seconds)
            p99 = row["p99_ms"]
            if row["lost"] or row["errors"] or p99 is None or p99 > GOOD:
                break
            carried = int(load)
            load *= STEP
        return {"system": name, "shape": self.shape.name, "deliveries_per_s": carried}


def _median(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians of times and costs, sums of what should never happen."""
    summed = ("lost", "errors", "closed")
    return {
        key: sum(run[key] for run in runs)
        if key in summed
        else statistics.median(run[key] for run in runs)
        for key in runs[0]
        if all(run[key] is not None for run in runs)
    }


def bouts(folder: Path, server: Sotto, only: Sequence[str], quick: bool) -> dict[str, Any]:
    from accounts.sign_in.sign_ins import issue_tokens
    from benchmarks.town import citizens, settle

    rows, capacities = [], []
    with rivals(folder) as others:
        for shape in SHAPES:
            if shape.name not in (set(only) & {one.name for one in SHAPES} or {shape.name}):
                continue
            people = citizens(shape.rooms * shape.members, 2, shape.name)
            towns = [
                settle(people[at : at + shape.members])
                for at in range(0, len(people), shape.members)
            ]
            sockets = [
                {"room": at, "token": issue_tokens(one.user).access}
                for at, town in enumerate(towns)
                for one in town.people
            ]
            where = {**others, "sotto": (server.url.replace("http", "ws") + "/ws/", server.pid)}
            home = folder / shape.name
            home.mkdir()
            with ExitStack() as stack:
                ready = {
                    name: stack.enter_context(contender(name, *where[name], sockets, home))
                    for name in [one for one in SYSTEMS if one in only] or SYSTEMS
                }
                bout = Bout(shape, ready, towns)
                for name in ready:
                    bout.run(name, 30_000, WARM)
                for load in LOADS[-1:] if quick else LOADS:
                    found = bout.at(load, 1 if quick else ROUNDS, SECONDS)
                    rows += found
                    for row in found:
                        print(line(row), flush=True)
                if not quick:
                    for name in ready:
                        capacities.append(bout.capacity(name, 3))
                        print(capacities[-1], flush=True)
    return {"fanout": rows, "capacity": capacities}


def line(row: dict[str, Any]) -> str:
    return (
        f"{row['shape']:>7} {row['load']:>6} {row['system']:>9}"
        f"  {row['cpu_s_per_100k']:6.3f} CPU s/100k"
        f"  {row.get('p50_ms', 0):7.1f} {row.get('p99_ms', 0):7.1f} ms"
        f"  {row['messages_per_frame']:5.1f} a frame"
        f"  lost {row['lost']} errors {row['errors']}"
    )


def main(arguments: Sequence[str]) -> None:
    about = machine()
    quick = "--quick" in arguments
    only = [one for one in arguments if not one.startswith("--")]
    with made_up_site() as folder, Sotto(folder / "data") as server:
        found = bouts(folder, server, only, quick)
    if not quick:
        OUT.write_text(json.dumps({**about, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
