"""docs/architecture.md is a map of the code: what it names is there."""

from __future__ import annotations

import re

from scripts.environment import ROOT
from scripts.words import texts

TEXT = (ROOT / "docs" / "architecture.md").read_text()
NAMED = set(re.findall(r"`([\w.][\w./-]*\.(?:js|md|py))`", TEXT))


def test_every_file_that_the_architecture_names_is_there():
    """By the end of its path: the text leaves folders out where it speaks of one part."""
    there = [f"/{path.relative_to(ROOT).as_posix()}" for path in texts()]
    assert len(NAMED) > 50
    assert [name for name in NAMED if not any(path.endswith(f"/{name}") for path in there)] == []
