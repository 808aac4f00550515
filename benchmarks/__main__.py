"""`make bench`: every measurement of the server, into `latest.json`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.pages import HERE
from scripts.node import node_environment, npm_install

PARTS = ("fanout", "idle", "moments", "epoch")
ABOUT = ("date", "cores", "load_before")


def main() -> None:
    environment = node_environment()
    npm_install(HERE.parent, environment)  # what Sotto is compared with
    found: dict[str, Any] = {"measured": (about := {})}
    for part in PARTS:
        print(f"--- {part}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{part}"]
        subprocess.run(command, cwd=HERE.parent, env=environment, check=True)
        one = json.loads((HERE / f"{part}.json").read_text())
        about[part] = {key: one.pop(key) for key in ABOUT}
        found |= one
    (HERE / "latest.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
