"""Python programs as processes of their own, forked from one that has imported their libraries.

A site's start is mostly imports, and a run of the tests starts some two hundred programs. A fork
server imports the libraries once; of the project it imports nothing, since settings are read from
each program's own variables. What is neither a Python file nor a module starts as usual.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

LIBRARIES = [
    "celery.app.base",
    "celery.canvas",
    "celery.concurrency.solo",
    "celery.fixups.django",
    "celery.loaders.app",
    "celery.worker",
    "channels.generic.websocket",
    "channels.layers",
    "channels.security.websocket",
    "channels.sessions",
    "channels_redis.core",
    "cryptography.hazmat.primitives.serialization",
    "cryptography.x509",
    "django.contrib.admin.options",
    "django.contrib.postgres.fields",
    "django.contrib.staticfiles",
    "django.core.handlers.asgi",
    "django.core.management.base",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.test",
    "django.views.debug",
    "environ",
    "fido2.server",
    "fido2.webauthn",
    "httpx2",
    "jwt",
    "kombu.transport.memory",
    "numpy",
    "prometheus_client",
    "psycopg_pool",
    "pymongo",
    "redis.asyncio",
    "requests",
    "structlog",
    "uritemplate",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvicorn.server",
    "uvloop",
    "websockets.server",
]


class Program(Protocol):
    """A process, as `subprocess.Popen` has it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...


class Forked:
    """A program that the fork server runs. Negative exit codes are signals, as for Popen."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Raises: subprocess.TimeoutExpired after `timeout` seconds."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


def start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Program:
    """Start a command in a folder, with these variables alone. `log` gets what it says."""
    if forks(command):
        return _fork(command, folder, environment, (log, log))
    with log.open("ab") as file:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT
        )


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float = 150
) -> subprocess.CompletedProcess[str]:
    """Run a command until it ends, and return what it said.

    Raises: subprocess.TimeoutExpired after `timeout` seconds; the program has been killed then.
    """
    if not forks(command):
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout
        )
    with tempfile.TemporaryDirectory() as kept:
        files = Path(kept, "out"), Path(kept, "err")
        program = _fork(command, folder, environment, files)
        try:
            code = program.wait(timeout)
        finally:
            program.send_signal(signal.SIGKILL)
        said = [file.read_text() for file in files]
    return subprocess.CompletedProcess(command, code, *said)


def forks(command: Sequence[str]) -> bool:
    return command[0] == sys.executable and (command[1] == "-m" or command[1].endswith(".py"))


def _fork(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    files: tuple[Path, Path],
) -> Forked:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return Forked(context.Process(target=_become, args=(command[1:], folder, environment, files)))


def _become(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    files: tuple[Path, Path],
) -> None:
    """Be `python arguments…` from here on."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    for stream, file in zip((1, 2), files, strict=True):
        opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(opened, stream)
        os.close(opened)
    module = arguments[0] == "-m"
    sys.argv = list(arguments[1:] if module else arguments)
    sys.path.insert(0, str(folder))
    try:
        if module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        atexit._run_exitfuncs()  # multiprocessing ends a process without
