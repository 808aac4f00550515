"""`make bench`: every measurement of the server, into `latest.json`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.pages import HERE
from scripts.node import node_environment, npm_install

PARTS = ("fanout", "idle", "moments", "epoch")


def main() -> None:
    environment = node_environment()
    npm_install(HERE.parent, environment)  # what Sotto is compared with
    found: dict[str, Any] = {}
    for part in PARTS:
        print(f"--- {part}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{part}"]
        subprocess.run(command, cwd=HERE.parent, env=environment, check=True)
        found |= json.loads((HERE / f"{part}.json").read_text())
    (HERE / "latest.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
