"""Node for the tests and checks: the system's if it is new enough, else a wheel from PyPI."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from scripts.environment import VENV, SetupError, ensure_installed

OLDEST = (20, 11)


def node_environment() -> dict[str, str]:
    """The environment in which `node` and `npm` are found; installs them if need be."""
    if _is_enough(os.environ["PATH"]):
        return dict(os.environ)
    path = os.pathsep.join([str(VENV / "bin"), os.environ["PATH"]])
    if not _is_enough(path):
        ensure_installed("requirements-node.txt")
    return os.environ | {"PATH": path}


def npm_install(folder: Path, environment: dict[str, str]) -> None:
    """Make `folder`'s node_modules hold exactly what its package-lock.json pins."""
    wanted = sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if "npm error" in line][:1]
        raise SetupError(
            f"npm could not install what {folder.name}/package-lock.json pins "
            f"({''.join(last).strip() or 'no reason was given'}): is the network there?"
        )
    stamp.write_text(wanted)


def _is_enough(path: str) -> bool:
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not (node and npm):
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.(\d+)", said)
    return version is not None and tuple(map(int, version.groups())) >= OLDEST
