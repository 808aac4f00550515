"""A Firefox for the tests: FIREFOX, else one on the path. None is fetched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from scripts.environment import SetupError

OLDEST = 140  # the oldest with the functions that the site needs
NAMES = ("firefox-esr", "firefox")


def firefox_path() -> str:
    """The path of a Firefox that starts here. Raises SetupError."""
    given = os.environ.get("FIREFOX")
    for name in (given,) if given else NAMES:
        found = shutil.which(name)
        if found and firefox_version(found) >= OLDEST:
            return found
    raise SetupError(
        f"No Firefox {OLDEST} or newer starts here: install it (Debian: apt-get install "
        "firefox-esr) or put the path of one into FIREFOX."
    )


def firefox_version(path: str) -> int:
    """The major version, 0 for what does not start."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"(\d+)\.", told.stdout)
    return int(found[1]) if found else 0
