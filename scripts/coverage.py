"""Count the branches that tests take, and fail where too few are taken.

`[tool.coverage.run]` in pyproject.toml says what is measured; `scripts/test-js.mjs` counts those of
JavaScript.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.environment import ROOT

FOLDER = ROOT / ".cache" / "coverage"
REPORT = FOLDER / "report.json"
AREAS = ("chatsite/lib/wire", "chatsite/lib/signatures", "messaging/store/", "rooms/rules/")
"""Files whose path begins with one of these are held to FLOOR."""
FLOOR = 95.0  # percent of an area's branches


def begin() -> None:
    """Forget what was measured before."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)


def judge() -> int:
    """Print each area's share. Returns 1 if one is below FLOOR, else 0."""
    for command in (["combine", "--quiet"], ["json", "--quiet", "-o", str(REPORT)]):
        subprocess.run([sys.executable, "-m", "coverage", *command], cwd=ROOT, check=True)
    found = shares(json.loads(REPORT.read_text())["files"])
    for area, share in found.items():
        print(f"Branches of {area}: {share:.1f} % (at least {FLOOR:.0f} %)", flush=True)
    return int(any(share < FLOOR for share in found.values()))


def shares(files: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The percentage of branches taken in each of AREAS; an area without branches has none."""
    found = {}
    for area in AREAS:
        names = [name for name in files if Path(name).as_posix().startswith(area)]
        inside = [files[name]["summary"] for name in names]
        total = sum(one["num_branches"] for one in inside)
        taken = sum(one["covered_branches"] for one in inside)
        found[area] = 100 * taken / total if total else 0.0
    return found
