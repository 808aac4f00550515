"""`.venv` is filled when its lists change, and left alone otherwise."""

import json
import sys
from pathlib import Path

import pytest

from scripts import environment
from scripts.environment import LISTS, SetupError, ensure_installed

RUN, TEST, DEV = LISTS


class Machine:
    """A project folder whose pip and venv only write down that they were called."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.done: list[str] = []
        venv = root / ".venv"
        for name in (*LISTS, "requirements-node.txt"):
            (root / name).write_text(f"{name}==1\n")
        for name, value in {
            "ROOT": root,
            "VENV": venv,
            "PYTHON": venv / "bin" / "python",
            "STAMP": venv / "installed.json",
            "LOG": venv / "install.log",
            "_make_venv": self.make_venv,
            "_install": self.done.append,
        }.items():
            monkeypatch.setattr(environment, name, value)

    def make_venv(self) -> None:
        self.done.append("venv")
        (self.root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        python = self.root / ".venv" / "bin" / "python"
        python.unlink(missing_ok=True)
        python.symlink_to(sys.executable)

    def start(self, packages: str) -> list[str]:
        """What starting with `packages` did."""
        self.done.clear()
        ensure_installed(packages)
        return list(self.done)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_first_start_makes_and_fills_it_and_the_second_does_nothing(machine: Machine) -> None:
    assert machine.start(RUN) == ["venv", RUN]
    assert machine.start(RUN) == []


def test_changed_list_is_installed_again(machine: Machine) -> None:
    machine.start(RUN)
    (machine.root / RUN).write_text("changed==2\n")
    assert machine.start(RUN) == [RUN]


def test_larger_list_covers_the_smaller_ones(machine: Machine) -> None:
    machine.start(DEV)
    assert machine.start(TEST) == []
    assert machine.start(RUN) == []


def test_smaller_list_does_not_cover_the_larger(machine: Machine) -> None:
    machine.start(RUN)
    assert machine.start(TEST) == [TEST]


def test_node_is_remembered_beside_the_lists(machine: Machine) -> None:
    machine.start(RUN)
    assert machine.start("requirements-node.txt") == ["requirements-node.txt"]
    assert machine.start(RUN) == []


def test_vanished_python_makes_it_anew(machine: Machine) -> None:
    machine.start(RUN)
    stamp = json.loads(environment.STAMP.read_text())
    environment.STAMP.write_text(json.dumps(stamp | {"python": "/usr/bin/python3.9"}))
    assert machine.start(RUN) == ["venv", RUN]


def test_interrupted_installation_is_not_taken_for_a_finished_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.start(RUN)
    (machine.root / RUN).write_text("changed==2\n")

    def fail(packages: str) -> None:
        raise SetupError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_install", fail)
        with pytest.raises(SetupError):
            ensure_installed(RUN)
    (machine.root / RUN).write_text(f"{RUN}==1\n")
    assert RUN in machine.start(RUN)


def test_unknown_task_is_refused() -> None:
    with pytest.raises(SystemExit, match="No task is called dance"):
        environment.run_task(["dance"])


@pytest.mark.parametrize(
    ("log", "advice"),
    [
        ("Failed: NewConnectionError(…): Network is unreachable", "No connection to PyPI"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM …", "not the one that was pinned"),
        ("ERROR: No matching distribution found for uvloop==1", "Python 3.11 to 3.14"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something else", "install.log"),
    ],
)
def test_failed_installation_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str, advice: str
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] || {{ echo "{log}"; exit 1; }}\n')
    python.chmod(0o700)
    (tmp_path / RUN).touch()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed.json")
    monkeypatch.setattr(environment, "LOG", tmp_path / "install.log")
    with pytest.raises(SetupError) as raised:
        ensure_installed(RUN)
    assert advice in str(raised.value)
    assert "\n" not in str(raised.value)


def test_python_without_ensurepip_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "installed.json")
    with pytest.raises(SetupError, match="apt-get install python3-venv"):
        ensure_installed(RUN)
