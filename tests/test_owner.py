"""docs/owner.md: each line of the owner's description with a place and a test that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "owner.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| line |")
]
QUOTED = re.compile(r"`([^`]+)`")
TOP = {path.name for path in ROOT.iterdir()}


def test_every_row_has_a_line_a_place_and_a_test():
    assert len(ROWS) > 80
    for row in ROWS:
        assert len(row) == 3, row
        assert row[2].startswith("`tests/"), row


def test_every_place_of_the_owner_s_lines_is_there():
    for line, place, _ in ROWS:
        paths = [one for one in QUOTED.findall(place) if one.split("/")[0] in TOP]
        assert paths, line
        for path in paths:
            assert (ROOT / path).exists(), f"{line}: {path}"


def test_every_test_of_the_owner_s_lines_is_there():
    for line, _, shown in ROWS:
        for named in QUOTED.findall(shown):
            path, _, name = named.partition("::")
            text = (ROOT / path).read_text()
            begins = f'test("{name}' if path.endswith(".js") else f"def {name}("
            assert name, f"{line}: {named} names no test"
            assert begins in text, f"{line}: {named}"
