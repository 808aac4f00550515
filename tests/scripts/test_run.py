"""The front door starts on an old Python, to say that a newer one is needed."""

import ast
from pathlib import Path

import pytest

from scripts import run

SOURCE = Path(run.__file__).read_text()


def test_front_door_parses_on_old_pythons() -> None:
    tree = ast.parse(SOURCE, feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    assert SOURCE.isascii()


def test_too_old_python_is_one_line_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "NEEDED", (99, 0))
    monkeypatch.setattr(run, "is_new_enough", lambda name: False)
    with pytest.raises(SystemExit) as stopped:
        run.main()
    said = str(stopped.value)
    assert "Python 3.11 or newer is needed" in said
    assert "apt-get install" in said
    assert "\n" not in said


def test_old_python_hands_over_to_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []

    def become(name: str, argv: list[str]) -> None:
        became.append(argv)
        raise SystemExit

    monkeypatch.setattr(run, "is_new_enough", lambda name: name == "python3.12")
    monkeypatch.setattr("os.execvp", become)
    monkeypatch.setattr("sys.argv", ["run", "serve"])
    with pytest.raises(SystemExit):
        run.move_to_newer_python()
    assert became == [["python3.12", "-m", "scripts.run", "serve"]]


def test_a_command_that_does_not_start_is_not_new_enough() -> None:
    assert not run.is_new_enough("no-such-python")
