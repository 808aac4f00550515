"""Starting `manage.py serve` where it should not start."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests import programs
from tests.live import ROOT, free_port

WITHIN = 150  # seconds, on a busy machine
CONFIG, AWAY = os.EX_CONFIG, os.EX_TEMPFAIL
KEY = "one: 0123456789abcdefghijklmnopqrstuvwxyz"
OTHER_KEY = "two: 0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass
class Ended:
    code: int
    lines: list[str]

    @property
    def sentence(self) -> str:
        """The one line that it said."""
        assert len(self.lines) == 1, "\n".join(self.lines)
        return self.lines[0]


def refused(folder: Path, *command: str, **variables: str) -> Ended:
    """A process that was started with these variables and ended by itself."""
    ours = {"SOTTO_DATA": str(folder), "PORT": str(free_port()), "DEBUG": "0", **variables}
    # What the tests' own tools read would get a line each.
    outside = {key: value for key, value in os.environ.items() if not key.startswith("SOTTO_")}
    environment = {**outside, **ours}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    python = [sys.executable, *(command or ("manage.py", "serve"))]
    done = programs.run(python, ROOT, environment, WITHIN)
    return Ended(done.returncode, (done.stdout + done.stderr).strip().splitlines())
