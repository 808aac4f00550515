"""compose.yaml's services as plain processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.live import ROOT, START_WITHIN

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())[
    "services"
]


def program(command: list[str]) -> list[str]:
    """A command of the image, run by the Python and in the folder of these tests."""
    name, *arguments = command
    if name == "python":
        return [sys.executable, *(str(ROOT / a) if (ROOT / a).is_file() else a for a in arguments)]
    return [str(Path(sys.executable).with_name(name)), *arguments]


def settings_of(name: str, folder: Path, url: str, port: int) -> dict[str, str]:
    """The service's own variables, with this machine's folder, addresses and files."""
    here = {"PORT": str(port), "PUBLIC_URL": url, "SOTTO_DATA": str(folder)}
    here["TRUSTED_PROXIES"] = "127.0.0.1"
    given: dict[str, str] = SERVICES[name]["environment"]
    assert here.keys() <= given.keys()
    assert given["HOST"] == "0.0.0.0"  # the proxy asks at other addresses than 127.0.0.1
    if "ALIVE_FILE" in given:
        here["ALIVE_FILE"] = str(folder / f"{name}.alive")
    files = {
        key: str(value).replace("/run/secrets", str(folder / "secrets"))
        for key, value in given.items()
        if key.endswith("_FILE")
    }
    limits = "register=1000/60,login=1000/60,login_address=1000/60,log=1000/60,identity=1000/60"
    free = {"RATE_LIMITS": limits, "REGISTRATION": "open"}  # its people need no link
    return {**{k: str(v) for k, v in given.items()}, **files, **here, **free}


class Process:
    """A service's process. `log` is what it says."""

    def __init__(self, name: str, folder: Path, variables: dict[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        ours = {"DEBUG": "0", "PYTHONDONTWRITEBYTECODE": "1", **variables}
        self.environment = {**os.environ, **ours}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                program(SERVICES[self.name]["command"]),
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def check(self) -> subprocess.CompletedProcess[str]:
        """The service's own healthcheck."""
        command = program(SERVICES[self.name]["healthcheck"]["test"][1:])
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def wait(self) -> None:
        """Until its healthcheck finds it well."""
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            if self.check().returncode == 0:
                return
        raise AssertionError(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")

    def ended(self) -> int:
        """Wait until it ends by itself, and return its exit code."""
        assert self._process is not None
        return self._process.wait(timeout=START_WITHIN)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
        self._process = None
