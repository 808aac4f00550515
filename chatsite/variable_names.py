"""Names in the environment that are not, or no longer, variables of Sotto."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches

from django.core.exceptions import ImproperlyConfigured

from chatsite.variables import TABLE

OWN_PREFIXES = ("SOTTO_", "SUMMARY_", "RATE_LIMIT")
# Read by the Python client and by the tests, not by the site.
OF_TOOLS = {"SOTTO_CHROMIUM", "SOTTO_CODE", "SOTTO_FIREFOX", "SOTTO_HOME", "SOTTO_PASSWORD",
            "SOTTO_SECOND_FACTOR", "SOTTO_SERVER", "SOTTO_SLOW"}  # fmt: skip
LIKENESS = 0.85  # of two names, from 0 to 1, from which one is taken for the other's misspelling

RENAMED = {
    "FILES_PER_PERSON": "STORAGE_PER_PERSON, which counts messages and room logs as well as files",
}


def refuse_renamed(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse names of earlier releases: a limit that somebody set must not be ignored silently.

    Raises:
        ImproperlyConfigured: for the first one that is set, with its name of today.
    """
    for old, new in RENAMED.items():
        if old in environment or f"{old}_FILE" in environment:
            raise ImproperlyConfigured(f"{old} is now {new}: set that instead, and unset {old}.")


def unknown(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A warning line for each name that looks like one of Sotto's variables and is none."""
    known = {*TABLE, *OF_TOOLS, *(f"{name}_FILE" for name in TABLE)}
    lines = []
    for name in sorted(environment.keys() - known):
        near = get_close_matches(re.sub("_?FILE$", "", name), TABLE, n=1, cutoff=LIKENESS)
        if near:
            lines.append(f"{name} is not a variable of Sotto and is ignored: is it {near[0]}?")
        elif name.startswith(OWN_PREFIXES):
            lines.append(f"{name} is not a variable of Sotto and is ignored: see the README.")
    return lines
