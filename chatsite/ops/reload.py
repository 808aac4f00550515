"""Reloading for development: a watcher that restarts `manage.py serve` when a Python file changes.

The watcher holds the listening socket, so that a browser that asks during a restart waits for the
new process. A restart ends the old process with SIGTERM, which drains it as in production.
"""

from __future__ import annotations

import socket
import sys
import threading
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import uvicorn
from django.core.management import execute_from_command_line
from uvicorn.supervisors.watchfilesreload import WatchFilesReload

from chatsite.env import one_line_at_most

ROOT = Path(__file__).resolve().parents[2]
WATCHED = ("accounts", "chatsite", "messaging", "rooms", "summaries")


def serve_and_reload(listener: socket.socket) -> int:
    """Serve on `listener`, and start again when a file changes, until a signal comes.

    Returns:
        The exit code of the last serving process.
    """
    config = uvicorn.Config(
        "chatsite.asgi:application",  # unused: each child makes its own configuration
        reload=True,
        reload_dirs=[str(ROOT / app) for app in WATCHED],
        log_config=None,
    )
    watcher = Watcher(config, target=serve_once, sockets=[listener])
    watcher.run()
    return watcher.exit_code


def serve_once(sockets: list[socket.socket] | None) -> None:
    """Run `manage.py serve` on a socket that listens already. The child process begins here."""
    assert sockets, "the watcher passes its socket on"
    arguments = [sys.argv[0], "serve", "--listener", str(sockets[0].fileno())]
    with one_line_at_most():
        execute_from_command_line(arguments)


class Watcher(WatchFilesReload):
    """A first process that ends by itself ends the watcher: the site is refused as `serve` refuses
    it. One that ends after a reload is replaced when the mistake is mended.
    """

    process: SpawnProcess
    _reloaded = False

    def startup(self) -> None:
        super().startup()
        threading.Thread(target=self._end_with, args=(self.process,), daemon=True).start()

    def _end_with(self, first: SpawnProcess) -> None:
        wait([first.sentinel])
        if not self._reloaded:
            self.should_exit.set()

    def restart(self) -> None:
        self._reloaded = True
        super().restart()

    @property
    def exit_code(self) -> int:
        """As a shell gives it: 128 and the signal's number for a process that a signal ended."""
        code = self.process.exitcode or 0
        return code if code >= 0 else 128 - code
