"""How long `sotto send` takes in a long room: `python -m benchmarks.sending [MESSAGES …]`.

A room of each size (long_room.py) at a server of its own, and a profile that has joined it once.
Then `sotto send` is run RUNS times as a program of its own, from its start to its end, with
Python's start, the login and the log in it; `start` is what `sotto --version` takes, which does
nothing. The first run after joining is one of them. Goal: below 1 s at 100,000 messages.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.pages import HERE
from benchmarks.timeline import seeded
from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from tests.client.acting import PASSWORD, cli_command, cli_environment
from tests.live import LiveServer

OUT = HERE / "sending.json"
SIZES = [10_000, 100_000]
RUNS = 7


async def joined(server: LiveServer, home: Path, link: str) -> None:
    """Make a profile that has joined."""
    async with Client(server.url, profile_dir=ProfileDir(home)) as client:
        await client.account.sign_up("sender", PASSWORD)
        await client.rooms.join(link)


def seconds(server: LiveServer, home: Path, *arguments: str) -> tuple[float, float]:
    """How long a command takes as a program, and its processor time, which other programs do not
    lengthen.
    """
    command, environment = cli_command(home, *arguments), cli_environment(server.url)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=environment, capture_output=True, check=True)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(messages: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as server:
        home, made = Path(folder) / "sender", seeded(server, messages)
        began = time.monotonic()
        asyncio.run(joined(server, home, made["link"]))
        joining = time.monotonic() - began
        seconds(server, home, "--version")  # compiles it
        start = [seconds(server, home, "--version") for _ in range(RUNS)]
        runs = [seconds(server, home, "send", made["room"], "The plums.") for _ in range(RUNS)]
        return {
            "messages": messages,
            "join_s": round(joining, 1),
            "start": _summed(start),
            "send": _summed(runs),
        }


def _summed(runs: list[tuple[float, float]]) -> dict[str, float]:
    took, cpu = zip(*runs, strict=True)
    found = {"median_s": statistics.median(took), "best_s": min(took), "worst_s": max(took)}
    return {key: round(one, 2) for key, one in {**found, "cpu_s": statistics.median(cpu)}.items()}


def main() -> None:
    sizes = [int(one) for one in sys.argv[1:]] or SIZES
    about = machine()
    found = []
    for messages in sizes:
        found.append(measured(messages))
        print(json.dumps(found[-1]), flush=True)
    OUT.write_text(json.dumps({**about, "sending": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
