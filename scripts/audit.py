"""Ask whether a known vulnerability is in what is pinned: Python's packages and npm's.

The services that know are on the network. Where one does not answer, nothing is asked of it and
nothing fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen

from scripts.environment import ROOT, SetupError
from scripts.node import node_environment

PYPI = Request("https://pypi.org/pypi/pip/json")
NPM = Request(
    "https://registry.npmjs.org/-/npm/v1/security/advisories/bulk",
    data=b"{}",
    headers={"Content-Type": "application/json"},
)
WITHIN = 10  # seconds
LISTS = ("requirements-dev.txt", "requirements-node.txt")  # the first holds all others
NODE_FOLDERS = (ROOT, ROOT / "scripts" / "chromium")


def main() -> int:
    results = [of_python() if answers(PYPI) else _unasked("PyPI")]
    results += [of_node() if answers(NPM) else _unasked("npm")]
    return max(results)


def of_python() -> int:
    """The exit code of pip-audit for the first list that fails, or 0."""
    program = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes"]
    return _first_failure([[*program, "--requirement", str(ROOT / name)] for name in LISTS])


def of_node() -> int:
    """The exit code of `npm audit` for the first folder that fails, or 0."""
    try:
        environment = node_environment()
    except SetupError as error:
        sys.exit(str(error))
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    command = [npm, "audit", "--package-lock-only", "--prefix"]
    return _first_failure([[*command, str(folder)] for folder in NODE_FOLDERS])


def answers(request: Request) -> bool:
    """True if the service takes `request`, as only the real one does."""
    try:
        with urlopen(request, timeout=WITHIN) as answer:
            kind: str = answer.headers.get_content_type()
            return kind == "application/json"
    except (URLError, OSError):
        return False


def _first_failure(commands: list[list[str]]) -> int:
    codes = [abs(subprocess.run(command, cwd=ROOT).returncode) for command in commands]
    return next((code for code in codes if code), 0)


def _unasked(service: str) -> int:
    print(f"{service} does not answer: its known vulnerabilities were not asked for.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
