"""A WebKitGTK for the tests: its driver, and the display that it draws on. None is fetched."""

from __future__ import annotations

import shutil

from scripts.environment import SetupError

DRIVER, DISPLAY = "WebKitWebDriver", "broadwayd"
"""GTK's own display server, which draws for nobody: it needs no other one."""


def webkit_path() -> str:
    """The path of WebKit's driver. Raises SetupError."""
    driver = shutil.which(DRIVER)
    if driver and shutil.which(DISPLAY):
        return driver
    raise SetupError(
        f"WebKitGTK cannot be started here: {DRIVER} and {DISPLAY} are needed "
        "(Debian: apt-get install webkit2gtk-driver libgtk-3-bin)."
    )
