"""The systems that are measured side by side, each a server process with a load generator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import psutil

from benchmarks.pages import HERE
from tests.live import LiveServer, free_port

ROOT = HERE.parent
LIMITS = ("register", "login", "login_address", "log", "messages", "frames", "refresh")


class Sotto(LiveServer):
    """As it is served, but for the limits: a few people send what many would."""

    @property
    def environment(self) -> dict[str, str]:
        limits = ",".join(f"{name}=10000000/60" for name in LIMITS)
        return {**super().environment, "LOG_LEVEL": "WARNING", "RATE_LIMITS": limits}


@dataclass
class Contender:
    """One system under one shape: its server, and the sockets that its generator holds open."""

    name: str
    pid: int
    generator: subprocess.Popen[str]
    folder: Path
    connected_in: float
    """Seconds from the first socket's beginning until the last was greeted."""

    def run(self, messages: Sequence[dict[str, Any]], rate: float, members: int) -> dict[str, Any]:
        """Send at `rate` messages a second; what came, and the server's CPU seconds."""
        job = self.folder / "run.json"
        job.write_text(json.dumps({"messages": messages, "rate": rate, "members": members}))
        before = cpu_seconds(self.pid)
        assert self.generator.stdin is not None
        self.generator.stdin.write(f"{job}\n")
        self.generator.stdin.flush()
        found: dict[str, Any] = json.loads(_line(self.generator))
        spent = cpu_seconds(self.pid) - before
        job.unlink()
        found["cpu_s_per_100k"] = round(spent / max(1, found["deliveries"]) * 100_000, 3)
        return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children."""
    server = psutil.Process(pid)
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return float(sum(time.user + time.system for time in times))


@contextmanager
def contender(
    name: str,
    url: str,
    pid: int,
    sockets: Sequence[dict[str, Any]],
    folder: Path,
    *,
    at_once: int = 50,
) -> Iterator[Contender]:
    """Connect all sockets, `at_once` at the same time, and keep them while the context lasts."""
    home = folder / name
    home.mkdir(parents=True)
    plan = home / "plan.json"
    about = {"url": url, "kind": name, "sockets": sockets, "at_once": at_once}
    plan.write_text(json.dumps(about))
    command = [sys.executable, "-m", "benchmarks.load", str(plan)]
    with started(command) as generator:
        yield Contender(name, pid, generator, home, float(_line(generator)))


@contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended")
    return line


@contextmanager
def rivals(folder: Path) -> Iterator[dict[str, tuple[str, int]]]:
    """The limit and the peer: name -> (url, process id)."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "socket.io").exists():
        raise SystemExit("The peer needs Node and its packages: `npm ci` installs them.")
    limit, peer = free_port(), free_port()
    with ExitStack() as stack:
        commands = {
            "limit": [sys.executable, "-m", "benchmarks.limit", str(limit)],
            "socketio": [node, "benchmarks/peer.mjs", str(peer)],
        }
        begun = {name: stack.enter_context(started(args)) for name, args in commands.items()}
        for process in begun.values():
            _line(process)
        yield {
            "limit": (f"ws://127.0.0.1:{limit}/", begun["limit"].pid),
            "socketio": (
                f"ws://127.0.0.1:{peer}/socket.io/?EIO=4&transport=websocket",
                begun["socketio"].pid,
            ),
        }


@contextmanager
def made_up_site() -> Iterator[Path]:
    """A folder whose `data` is the site's, for this process's Django and for servers. The Python
    client can be imported then.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"SOTTO_DATA": str(folder / "data"), "LOG_LEVEL": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
        sys.path.insert(0, str(ROOT / "client"))
        django.setup()
        yield folder
