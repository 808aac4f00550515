"""The API's addresses: all below /api/, and the shorter /auth/… and /chatrooms… ones.

The shorter ones answer exactly as their twins below /api/v1/, so whatever looks at an address
before Django does looks at its twin.
"""

from __future__ import annotations

import re

VERSION = "/api/v1"
SHORT = re.compile(r"/(auth/|chatrooms(/|$))")


def is_api(path: str) -> bool:
    """True if answers at `path` are the API's."""
    return path.startswith("/api/") or SHORT.match(path) is not None


def versioned(path: str) -> str:
    """The address below /api/v1/ that answers as `path` does; any other address as it is."""
    return f"{VERSION}{path}" if SHORT.match(path) else path
