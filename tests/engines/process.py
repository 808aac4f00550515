"""A server of an engine, as a process of its own that can be stopped and killed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.live import free_port


class EngineProcess:
    """`url` stays the same over restarts. Subclasses set it, and start with `run`."""

    url: str

    def __init__(self, log: Path) -> None:
        self.log = log
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        raise NotImplementedError

    def run(self, command: list[str], **options: Any) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **options)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it is not running"
        return self._process

    def stand_still(self) -> None:
        """Connected, and without an answer, until `go_on`."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def given_or_started(variable: str, server: EngineProcess) -> Iterator[str]:
    """The address that a variable of the environment gives, or that of a server of our own."""
    given = os.environ.get(variable)
    if given:
        yield given
        return
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
