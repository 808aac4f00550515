"""`make test` runs two commands at once, and passes only if both do."""

from __future__ import annotations

import os
import sys

import pytest

from scripts.test import run_together


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("codes", [[0, 0], [3, 0], [0, 4]])
def test_both_exit_codes_count(codes):
    first, second = (python(f"raise SystemExit({code})") for code in codes)
    assert run_together(first, second, dict(os.environ)) == codes


def test_the_output_of_the_first_comes_in_one_piece_after_the_second(capfd):
    run_together(python("print('one')"), python("print('two')"), dict(os.environ))
    assert capfd.readouterr().out == "two\none\n"


def test_the_first_gives_way_to_the_second(capfd):
    priority = python("import os; print(os.getpriority(os.PRIO_PROCESS, 0))")
    run_together(priority, priority, dict(os.environ))
    second, first = map(int, capfd.readouterr().out.split())
    assert first > second or first == 19, "the higher the number, the lower the priority"
