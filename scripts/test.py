"""Run the tests: JavaScript on Node, and at the same time Python and the browser with pytest.

Tests of servers and browsers wait now and then; JavaScript's use the time, and give way to them.
The output of Node comes in one piece when both have ended. The exit code is 0 only if both passed.
With `--slow` all tests and properties run in full, and the core journeys in Firefox and WebKitGTK,
too; and the branches that the tests take are counted where it matters most.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from scripts import coverage
from scripts.browser import chromium_path
from scripts.environment import ROOT, SetupError
from scripts.firefox import firefox_path
from scripts.node import node_environment, npm_install
from scripts.webkit import webkit_path

WORKERS = "3"
"""On two cores: tests wait for servers and browsers, and a third one uses that time."""


def main(arguments: list[str]) -> int:
    try:
        environment = node_environment()
        npm_install(ROOT, environment)  # axe-core, which the browser tests run
        environment["SOTTO_CHROMIUM"] = chromium_path(environment)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # processes load what one has compiled
        if "--slow" in arguments:
            environment |= {"SOTTO_SLOW": "1", "HYPOTHESIS_PROFILE": "slow"}
            environment["SOTTO_FIREFOX"] = firefox_path()
            environment["SOTTO_WEBKIT"] = webkit_path()
    except SetupError as error:
        sys.exit(str(error))
    pytest = ["-m", "pytest", "-n", WORKERS, "--dist", "worksteal"]
    node, python = ["node", "scripts/test-js.mjs"], [sys.executable, *pytest]
    if "--slow" in arguments:
        coverage.begin()
        node = ["node", "--experimental-test-coverage", "scripts/test-js.mjs"]
        python = [sys.executable, "-m", "coverage", "run", *pytest]
    results = run_together(node, python, environment)
    if "--slow" in arguments:
        results.append(coverage.judge())
    return max(map(abs, results))


def run_together(first: list[str], second: list[str], environment: dict[str, str]) -> list[int]:
    """Run two commands at once, the first of lower priority; returns their exit codes. The output
    of `second` appears as it comes, that of `first` after it.
    """
    with tempfile.TemporaryFile() as output:
        beside = subprocess.Popen(
            ["nice", "-n", "10", *first],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            code = subprocess.run(second, cwd=ROOT, env=environment).returncode
            codes = [beside.wait(), code]
        finally:
            beside.kill()
        output.seek(0)
        sys.stdout.buffer.write(output.read())
        sys.stdout.flush()
    return codes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
