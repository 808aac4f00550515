"""A Chromium for the tests: CHROMIUM, else the one from npm in .cache/, else one on this machine.

The one from npm is a headless shell: the same engine without a desktop browser around it, the same
on every machine, and with two thirds of the CPU.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from scripts.environment import ROOT, SetupError
from scripts.node import npm_install

OLDEST = 137  # the first with Ed25519 in WebCrypto
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
RECIPE = ROOT / "scripts" / "chromium"
CACHE = ROOT / ".cache" / "chromium"
LAUNCHER = CACHE / "chromium"

# Pages look the same on every machine: the system's font is the one unpacked. The rules stand
# before the system's own, which would put another family first.
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
{rules}  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""
FONT_RULE = """\
  <match target="pattern">
    <test name="family" qual="first" compare="eq"><string>{family}</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit>
  </match>
"""


def launch_flags() -> list[str]:
    """Flags for a test's browser: nothing calls home or needs a screen."""
    flags = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    return [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags  # root has no sandbox to offer


def chromium_path(environment: dict[str, str]) -> str:
    """The path of a Chromium that starts here. `environment` is where Node is found, for
    unpacking one from npm. Raises SetupError.
    """
    given = os.environ.get("CHROMIUM")
    if given:
        if _version(given) < OLDEST:
            raise SetupError(f"CHROMIUM={given} is no Chromium {OLDEST} or newer that starts here.")
        return given
    refused: Exception | None = None
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        try:
            _unpack(environment)
        except (OSError, SetupError) as error:  # npm is not reached
            refused = error
        else:
            if _version(str(LAUNCHER)) >= OLDEST:
                return str(LAUNCHER)
    for name in (*NAMES, *MAC_APPS):
        found = shutil.which(name)
        if found and _version(found) >= OLDEST:
            return found
    raise SetupError(
        f"No Chromium {OLDEST} or newer starts here: install it (Debian: apt-get install chromium) "
        "or put the path of one into CHROMIUM."
    ) from refused


def _version(path: str) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r"(\d+)\.\d+\.\d+", said.stdout)
    return int(number[1]) if number and said.returncode == 0 else 0


def _unpack(environment: dict[str, str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = (RECIPE / "package-lock.json").read_text()
    if LAUNCHER.exists() and (CACHE / "package-lock.json").read_text() == lock:
        return
    LAUNCHER.unlink(missing_ok=True)
    shutil.rmtree(CACHE / "unpacked", ignore_errors=True)
    shutil.copytree(RECIPE, CACHE, dirs_exist_ok=True)
    npm_install(CACHE, environment)
    (CACHE / "unpacked").mkdir()
    # The package unpacks into the temporary folder, and its shared libraries only where it
    # believes itself on Amazon Linux.
    pretended = {"TMPDIR": str(CACHE / "unpacked"), "AWS_LAMBDA_JS_RUNTIME": "nodejs20.x"}
    node = shutil.which("node", path=environment["PATH"]) or "node"
    done = subprocess.run(
        [node, "unpack.mjs"], cwd=CACHE, env=environment | pretended, capture_output=True, text=True
    )
    if done.returncode:
        raise SetupError(f"Could not unpack Chromium into {CACHE.relative_to(ROOT)}.")
    _write_launcher(Path(done.stdout.strip()))


def _write_launcher(binary: Path) -> None:
    """A shell script instead of the binary: its libraries must not reach other programs."""
    unpacked = binary.parent
    fonts = CACHE / "fonts.conf"
    rules = "".join(FONT_RULE.format(family=name) for name in ("sans", "sans-serif", "system-ui"))
    fonts.write_text(FONTS.format(fonts=unpacked / "fonts", cache=CACHE / "fontcache", rules=rules))
    lines = ["#!/bin/sh", f"export FONTCONFIG_FILE='{fonts}'"]
    if "not found" in subprocess.run(["ldd", binary], capture_output=True, text=True).stdout:
        lines.append(f"export LD_LIBRARY_PATH='{unpacked / 'al2023' / 'lib'}'")
    lines.append(f"exec '{binary}' \"$@\"")
    LAUNCHER.write_text("\n".join(lines) + "\n")
    LAUNCHER.chmod(0o755)
