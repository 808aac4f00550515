"""Format, lint, wording and types, of Python, templates, JavaScript and CSS, the OpenAPI document,
the reference of the Python client, and the browser's types of the API. `--fix` formats, and writes
the reference and the types.

All of it runs even if something fails; the last line names what did.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.environment import ROOT, SetupError
from scripts.node import node_environment, npm_install

BIN = "node_modules/.bin"
MANAGE = [sys.executable, "manage.py"]
CHECKS = [
    [sys.executable, "-m", "ruff", "format", "--check", "."],
    [sys.executable, "-m", "ruff", "check", "."],
    [sys.executable, "-m", "mypy"],
    [sys.executable, "-m", "djlint", "--quiet", "--lint", "templates"],
    [sys.executable, "-m", "scripts.words"],
    [sys.executable, "-m", "scripts.reference", "--check"],
    [sys.executable, "-m", "scripts.api_types", "--check"],
    [f"{BIN}/tsc"],
    [f"{BIN}/biome", "ci"],
    [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
    [sys.executable, "-m", "scripts.images", "--age"],  # only warns
]
FIXES = [
    [sys.executable, "-m", "ruff", "check", "--fix", "--show-fixes", "."],
    [sys.executable, "-m", "ruff", "format", "."],
    [f"{BIN}/biome", "check", "--write"],
    [sys.executable, "-m", "scripts.reference"],
    [sys.executable, "-m", "scripts.api_types"],
]


def main(arguments: list[str]) -> int:
    try:
        environment = node_environment()
        npm_install(ROOT, environment)
    except SetupError as error:
        sys.exit(str(error))
    failed = []
    for command in FIXES if "--fix" in arguments else CHECKS:
        name = " ".join(command).replace(f"{sys.executable} -m ", "").replace(f"{BIN}/", "")
        print(f"— {name}", flush=True)
        program = shutil.which(command[0]) or command[0]
        if subprocess.run([program, *command[1:]], cwd=ROOT, env=environment).returncode:
            failed.append(name)
    print(f"Failed: {'; '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
