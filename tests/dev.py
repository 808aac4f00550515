"""`make dev` for tests: in a copy of the project, whose files a test may change."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.live import ROOT, LiveServer

COPIED = (
    *("accounts", "chatsite", "messaging", "rooms", "summaries"),
    *("client", "scripts", "static", "templates"),
)
MADE_WITHIN = 400  # seconds


def wait_for(server: LiveServer, happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MADE_WITHIN
    while not happened():
        assert time.monotonic() < deadline, server.log.read_text()[-3000:]
        time.sleep(0.02)


def await_demo(server: LiveServer) -> Path:
    """Wait for the last file that the demo leaves, the account's recovery kit."""
    kit = server.data / "demo" / "kit.json"
    wait_for(server, kit.exists)
    return kit


class DevServer(LiveServer):
    """Its project folder is `project`, and its `.venv` the one that runs the tests."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.project = folder / "project"
        super().__init__(folder / "data", **environment)
        self.variables.pop("DEBUG")
        for name in COPIED:  # with modification times, so that compiled modules stay valid
            shutil.copytree(ROOT / name, self.project / name)
        for path in (*ROOT.glob("requirements*.txt"), ROOT / "Makefile", ROOT / "manage.py"):
            shutil.copy2(path, self.project)
        (self.project / ".venv").symlink_to(sys.prefix)

    @property
    def root(self) -> Path:
        return self.project

    @property
    def command(self) -> list[str]:
        return ["make", "dev", f"PYTHON={sys.executable}"]

    def change(self, path: str, old: str, new: str, most: int = -1) -> None:
        """Replace text in a file of the project, `most` times, at once, as editors do."""
        changed = self.project / path
        text = changed.read_text()
        assert old in text
        fresh = changed.with_name(f".{changed.name}.new")
        fresh.write_text(text.replace(old, new, most))
        os.replace(fresh, changed)
