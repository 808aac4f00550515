"""Run the tests: JavaScript on Node, then Python and the browser with pytest.

Both run even if the first fails; the exit code is 0 only if both passed. With `--slow` all tests
and properties run in full, and the core journeys in Firefox, too; and the branches that the tests
take are counted where it matters most.
"""

from __future__ import annotations

import subprocess
import sys

from scripts import coverage
from scripts.browser import chromium_path
from scripts.environment import ROOT, SetupError
from scripts.firefox import firefox_path
from scripts.node import node_environment, npm_install

WORKERS = "2"


def main(arguments: list[str]) -> int:
    try:
        environment = node_environment()
        npm_install(ROOT, environment)  # axe-core, which the browser tests run
        environment["SOTTO_CHROMIUM"] = chromium_path(environment)
        if "--slow" in arguments:
            environment |= {"SOTTO_SLOW": "1", "HYPOTHESIS_PROFILE": "slow"}
            environment["SOTTO_FIREFOX"] = firefox_path()
    except SetupError as error:
        sys.exit(str(error))
    pytest = ["-m", "pytest", "-n", WORKERS, "--dist", "worksteal"]
    commands = [["node", "scripts/test-js.mjs"], [sys.executable, *pytest]]
    if "--slow" in arguments:
        coverage.begin()
        commands = [
            ["node", "--experimental-test-coverage", "scripts/test-js.mjs"],
            [sys.executable, "-m", "coverage", "run", *pytest],
        ]
    results = [subprocess.run(line, cwd=ROOT, env=environment).returncode for line in commands]
    if "--slow" in arguments:
        results.append(coverage.judge())
    return max(map(abs, results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
