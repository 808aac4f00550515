"""The cost of an attack to other people: `python -m benchmarks.abuse`.

A server with the limits that it ships with is attacked by the clients of `abusers`, all at once,
for SECONDS. Meanwhile a second person at another address asks for their rooms every EVERY, each
time over a new connection; latency counts from when the request was due. Memory is the most that
the server process has had since it started. Everything happens on loopback and ends by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.contenders import ROOT, cpu_seconds, made_up_site
from benchmarks.machine import machine
from benchmarks.pages import HERE
from tests.live import LiveServer

OUT = HERE / "abuse.json"
SECONDS = 25.0
QUIET = 5.0  # seconds before the attack, to compare with
EVERY = 0.25  # seconds between two requests of the second person
PATIENCE = 15.0  # seconds that they wait for an answer
MESSAGES = 200
MESSAGE_BYTES = 48 * 1024  # sealed
SECOND = "127.0.0.2"  # their address
MOST_MIB = 512
MOST_P95 = 1000.0  # ms


@dataclass(frozen=True)
class Size:
    logins: int = 200
    halves: int = 200
    uploads: int = 50
    readers: int = 20
    sockets: int = 300


class Shipped(LiveServer):
    """With the limits that it ships with, and no proxy before it."""

    @property
    def environment(self) -> dict[str, str]:
        ours = {**super().environment, "LOG_LEVEL": "WARNING", "TRUSTED_PROXIES": "192.0.2.1"}
        del ours["RATE_LIMITS"]
        return ours


@dataclass
class Waits:
    """Response times of the second person, in ms."""

    times: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def part(self, share: float) -> float:
        ordered = sorted(self.times)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)

    def result(self) -> dict[str, Any]:
        return {
            "requests": len(self.times),
            "p50_ms": self.part(0.5),
            "p95_ms": self.part(0.95),
            "worst_ms": self.part(1),
            "outcomes": dict(self.outcomes),
        }


async def waited(url: str, token: str, seconds: float) -> Waits:
    """Ask again and again, whether the last answer is here or not."""
    waits = Waits()
    limits = httpx2.Limits(max_keepalive_connections=0)
    transport = httpx2.AsyncHTTPTransport(local_address=SECOND, limits=limits)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url=url, headers=headers, timeout=PATIENCE
    ) as http:

        async def one(due: float) -> None:
            await asyncio.sleep(due - time.perf_counter())
            try:
                outcome = str((await http.get("/api/v1/chatrooms")).status_code)
            except httpx2.HTTPError as failed:
                outcome = type(failed).__name__
            waits.times.append((time.perf_counter() - due) * 1000)
            waits.outcomes[outcome] += 1

        began = time.perf_counter()
        await asyncio.gather(*(one(began + at * EVERY) for at in range(int(seconds / EVERY))))
    return waits


def filled(readers: int) -> dict[str, Any]:
    """A room with large messages; tokens of its people, and of a second person."""
    from accounts.sign_in.sign_ins import issue_tokens
    from benchmarks.town import citizens, settle
    from messaging.store import get_store
    from messaging.store.base import Appended

    town = settle(citizens(readers + 2, 1, f"abuse{secrets.token_hex(4)}"))
    outcomes = get_store().append([_large(town.state.room, town.state.e) for _ in range(MESSAGES)])
    if not all(isinstance(one, Appended) for one in outcomes):
        raise RuntimeError("a message was refused")
    owner, member, *others = [issue_tokens(one.user).access for one in town.people]
    (second,) = citizens(1, 1, f"second{secrets.token_hex(4)}")
    settle([second])
    return {
        "room": town.state.room,
        "messages": MESSAGES,
        "owner": owner,
        "member": member,
        "readers": others,
        "second": issue_tokens(second.user).access,
    }


def _large(room: str, e: int) -> Any:
    """Each of another sender, so that no chain has to be kept."""
    from benchmarks.chatter import HEADER
    from chatsite.lib import wire
    from messaging.store.base import NewMessage

    return NewMessage(
        room=room,
        uid=secrets.token_hex(16),
        device=secrets.token_hex(16),
        chain_number=1,
        previous_id="",
        client_message_id=secrets.token_hex(16),
        epoch=e,
        message_id=wire.b64(secrets.token_bytes(32)),
        header=HEADER,
        iv=wire.b64(secrets.token_bytes(12)),
        ciphertext=wire.b64(secrets.token_bytes(MESSAGE_BYTES)),
        signature=wire.b64(secrets.token_bytes(64)),
        stored_ms=time.time_ns() // 1_000_000,
        generation=1,
        tokens=(),
    )


def peak_mib(pid: int) -> float:
    """The most resident memory that a process has had, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def measured(
    folder: Path, server: LiveServer, size: Size, seconds: float, quiet: float
) -> dict[str, Any]:
    """Django is set up on the server's data."""
    plan = filled(size.readers)
    second = plan.pop("second")
    before = asyncio.run(waited(server.url, second, quiet))
    idle = peak_mib(server.pid)
    job = folder / "plan.json"
    counts = {name: many for name, many in asdict(size).items() if name != "readers"}
    job.write_text(json.dumps({**plan, **counts, "port": server.port, "seconds": seconds}))
    command = [sys.executable, "-m", "benchmarks.abusers", str(job)]
    spent = cpu_seconds(server.pid)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as crowd:
        meanwhile = asyncio.run(waited(server.url, second, seconds))
        spent = cpu_seconds(server.pid) - spent
        said, _ = crowd.communicate(timeout=seconds + 40)
    return {
        "size": asdict(size),
        "seconds": seconds,
        "peak_mib_before": idle,
        "peak_mib": peak_mib(server.pid),
        "server_cores_used": round(spent / seconds, 2),
        "second_person_before": before.result(),
        "second_person": meanwhile.result(),
        "abusers": json.loads(said.splitlines()[-1]),
    }


def show(found: dict[str, Any]) -> None:
    second, before = found["second_person"], found["second_person_before"]
    rows = [
        ("peak resident memory, MiB", found["peak_mib_before"], found["peak_mib"], MOST_MIB),
        ("second person's GET, p50 ms", before["p50_ms"], second["p50_ms"], ""),
        ("second person's GET, p95 ms", before["p95_ms"], second["p95_ms"], MOST_P95),
        ("second person's GET, worst ms", before["worst_ms"], second["worst_ms"], ""),
    ]
    print(f"{'':32}{'before':>10}{'meanwhile':>12}{'goal below':>12}")
    for name, first, then, goal in rows:
        print(f"{name:32}{first:10}{then:12}{goal:>12}")
    print(f"cores that the server got: {found['server_cores_used']}")
    print(f"second person's answers: {second['outcomes']}")
    for kind, outcomes in found["abusers"].items():
        print(f"{kind} ({found['size'][kind]}): {outcomes}")


def main() -> None:
    about = machine()
    with made_up_site() as folder, Shipped(folder / "data") as server:
        found = measured(folder, server, Size(), SECONDS, QUIET)
    about["load_after"] = round(os.getloadavg()[0], 1)
    show(found)
    OUT.write_text(json.dumps({**about, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
