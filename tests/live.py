"""A real server for tests: `manage.py serve` as its own process, on its own data folder."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from filelock import FileLock

from tests import programs
from tests.programs import Program

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "sotto.sqlite3"  # in a data folder
WORKER_KEY = "summary.pem"
RUN_FOLDER = "SOTTO_TEST_RUN"
COUNTING = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage measures the processes that a measured one starts."""
START_WITHIN = 150  # seconds, on a busy machine
SECRET_KEY = "of the tests: 0123456789abcdefghijklmnopqrstuvwxyz"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_folder() -> Path:
    """A folder that the processes of a run share. The first makes it, and removes it at its end."""
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="sotto-run-")
        atexit.register(shutil.rmtree, os.environ[RUN_FOLDER], ignore_errors=True)
    return Path(os.environ[RUN_FOLDER])


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the processes of a run share, filled by the one that wants it first."""
    folder = run_folder() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "whole").exists():
            make(folder)
            (folder / "whole").touch()
    return folder


@cache
def empty_database() -> Path:
    """The path of an SQLite database with every table and no rows: migrating takes longer than the
    rest of a server's start.
    """
    return made_once("empty", _migrate) / DATABASE


def _migrate(folder: Path) -> None:
    not_its = {COUNTING, "DJANGO_SETTINGS_MODULE"}
    ours = {key: value for key, value in os.environ.items() if key not in not_its}
    environment = {**ours, "DEBUG": "0", "DATABASE_URL": "", "SOTTO_DATA": str(folder)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


@cache
def worker_key() -> bytes:
    """A summary worker's key in PEM: making one takes a second, too."""
    return (made_once("worker", _make_worker_key) / WORKER_KEY).read_bytes()


def _make_worker_key(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 3072)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / WORKER_KEY).write_bytes(pem)


GENEROUS = (
    "register=1000/60,login=1000/60,login_address=1000/60,log=1000/60,log_epoch=1000/60,"
    "log_safety=1000/60,hand_over=1000/60,invite_preview=1000/60,messages=5000/60,"
    "frames=9000/60,identity=1000/60,key_request=1000/60"
)
"""Limits of servers that tests start; their own RATE_LIMITS come after these."""


class LiveServer:
    """Starting it makes a data folder that is not there, with an empty database in it.

    `url` is where pages are; `data` and `log` are what it leaves on the disk.
    """

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data.parent / f"{data.name}.log"
        ours = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        self.variables = {**ours, "DEBUG": "0", "LOG_LEVEL": "DEBUG", **environment}
        if self.variables.keys() & {"DATABASE_URL", "REDIS_URL"}:  # engines that are shared
            self.variables.setdefault("SECRET_KEY", SECRET_KEY)
        self._process: Program | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What its process is started with."""
        return {
            **self.variables,
            "PORT": str(self.port),
            "SOTTO_DATA": str(self.data),
            "RATE_LIMITS": ",".join(filter(None, [GENEROUS, self.variables.get("RATE_LIMITS")])),
        }

    @property
    def root(self) -> Path:
        """The project's folder, in which it is started."""
        return ROOT

    @property
    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "serve"]

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> None:
        """Start (again), on the same port and data, and wait until it answers."""
        self._make_data()
        self._process = programs.start(self.command, self.root, self.environment, self.log)
        self._wait()

    def _make_data(self) -> None:
        """Lay a new data folder out with an empty database and the summary worker's key, unless the
        database is elsewhere: workers that share one have keys of their own.
        """
        if not self.data.exists() and not self.variables.get("DATABASE_URL"):
            self.data.mkdir(mode=0o700, parents=True)
            shutil.copyfile(empty_database(), self.data / DATABASE)
            key = self.data / "secrets" / WORKER_KEY
            key.parent.mkdir(mode=0o700)
            key.touch(mode=0o600)
            key.write_bytes(worker_key())

    def _wait(self) -> None:
        """Until it has named its address in the log, and takes a connection."""
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            if self.url in self._said() and self._connects():
                return
            time.sleep(0.03)
        raise AssertionError(f"the server did not start:\n{self._said()[-3000:]}")

    def _said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def _connects(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def manage(self, *arguments: str) -> str:
        """What a command of `manage.py` prints that runs on this server's data."""
        command = [sys.executable, "manage.py", *arguments]
        done = programs.run(command, ROOT, self.environment)
        done.check_returncode()
        return done.stdout

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
