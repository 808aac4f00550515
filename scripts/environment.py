"""The project's own `.venv`: made once, filled from hash-pinned lists, refilled when they change.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"

# Each list holds the one before it, so having a later one is having the earlier ones.
LISTS = ("requirements.txt", "requirements-test.txt", "requirements-dev.txt")
TASKS = {
    "serve": (LISTS[0], ["manage.py", "serve"]),
    "dev": (LISTS[1], ["manage.py", "dev"]),
    "test": (LISTS[1], ["-m", "scripts.test"]),
    "slow": (LISTS[1], ["-m", "scripts.test", "--slow"]),
    "audit": (LISTS[2], ["-m", "scripts.audit"]),
    "bench": (LISTS[1], ["-m", "benchmarks"]),
    "check": (LISTS[2], ["-m", "scripts.check"]),
    "format": (LISTS[2], ["-m", "scripts.check", "--fix"]),
    "release": (LISTS[1], ["-m", "scripts.release"]),
}
NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "connection broken by",
    "Network is unreachable",
)


class SetupError(Exception):
    """The machine lacks something; the text is one line that says what to do."""


def run_task(arguments: list[str]) -> None:
    """Become the task named first, inside `.venv`; exit with one line if that cannot be."""
    name, *rest = arguments or ["serve"]
    if name not in TASKS:
        sys.exit(f"No task is called {name}. There are: {', '.join(TASKS)}.")
    packages, command = TASKS[name]
    try:
        ensure_installed(packages)
        if name == "serve":
            compress_static_files()
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again: it starts over where needed.")
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *command, *rest])


def compress_static_files() -> None:
    """Some seconds the first time, and after a change. Where it fails, which it says in one line,
    files are served all the same.
    """
    command = [str(PYTHON), "deploy/compress.py", "static", ".cache/static"]
    subprocess.run(command, cwd=ROOT, check=False)


def ensure_installed(packages: str) -> None:
    """Make `.venv` hold the list `packages`; costs a few milliseconds when it already does."""
    stamp = _read_stamp()
    if stamp.get(packages) == _digest(packages) and stamp.get("python") == _base_python():
        return
    if not _is_usable(stamp):
        _make_venv()
        stamp = {}
    STAMP.unlink(missing_ok=True)  # an interrupted installation must not look finished
    _install(packages)
    if packages in LISTS:
        covered = LISTS[: LISTS.index(packages) + 1]
        stamp = {name: digest for name, digest in stamp.items() if name not in LISTS}
    else:
        covered = (packages,)
    stamp |= {name: _digest(name) for name in covered} | {"python": _base_python()}
    STAMP.write_text(json.dumps(stamp, indent=1))


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _digest(name: str) -> str:
    return sha256((ROOT / name).read_bytes()).hexdigest()


def _base_python() -> str:
    """The real path of `.venv`'s Python; "" if it is gone, as after a system upgrade."""
    return str(PYTHON.resolve()) if PYTHON.exists() else ""


def _is_usable(stamp: dict[str, str]) -> bool:
    if stamp:
        return stamp.get("python") == _base_python()
    if not PYTHON.exists():
        return False
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", question], capture_output=True).returncode == 0


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            "This Python cannot make virtual environments. On Debian or Ubuntu run "
            f"`sudo apt-get install python3-venv` (or python{version}-venv), then this again."
        )
    _say(f"Making .venv with Python {sys.version.split()[0]} …")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True
    )
    if made.returncode:
        last = (made.stdout + made.stderr).strip().splitlines()[-1:]
        raise SetupError(f"Could not make {VENV}: {''.join(last) or 'no reason was given'}")


def _install(packages: str) -> None:
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"),
        *("--require-hashes", "--only-binary", ":all:"),  # what builds from source escapes pinning
        *("--retries", "2", "--progress-bar", "off", "-r", packages),
    ]
    environment = os.environ | {"PIP_USER": "0"}
    pip = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert pip.stdout is not None
    with LOG.open("w") as log:
        for line in _with_progress(pip.stdout, packages):
            log.write(line)
    if pip.wait():
        raise SetupError(_explain(LOG.read_text()))


def _with_progress(lines: Iterator[str], packages: str) -> Iterator[str]:
    """Pass pip's lines on, and show how far it is."""
    total = sum("==" in line for line in (ROOT / packages).read_text().splitlines())
    seen = 0
    for line in lines:
        if line.startswith(("Collecting ", "Requirement already ", "Ignoring ")):
            seen += 1
            if sys.stderr.isatty() or seen % 25 == 1:
                _say(f"Installing {packages}: {min(seen, total)} of {total} packages", again=True)
        elif line.startswith("Installing collected"):
            _say(f"Installing {packages}: unpacking", again=True)
        yield line
    if sys.stderr.isatty():
        _say("", again=True)


def _explain(log: str) -> str:
    relative = LOG.relative_to(ROOT)
    if any(sign in log for sign in NO_NETWORK):
        return (
            "No connection to PyPI. The first start downloads the pinned packages (about 80 MB): "
            "connect to the network, or set PIP_INDEX_URL to a mirror, and run this again."
        )
    if "DO NOT MATCH THE HASHES" in log:
        return (
            f"A downloaded package is not the one that was pinned; nothing is run. See {relative}."
        )
    if "No matching distribution" in log:
        return (
            f"No ready-made package for this system and Python {sys.version.split()[0]}: "
            f"try Python 3.11 to 3.14 on Linux or macOS. See {relative}."
        )
    if "No space left" in log:
        return "The disk is full: about 400 MB are needed in the project's folder."
    return f"pip could not install the packages. See {relative}."


def _say(text: str, *, again: bool = False) -> None:
    """One line of progress; with `again`, over the line before it where that is possible."""
    if sys.stderr.isatty() and again:
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)
