"""Coverage fails below its floor, and the audit only where the services that know answer."""

from __future__ import annotations

import json
import subprocess

import pytest

from scripts import audit, coverage


def measured(branches: int, covered: int) -> dict[str, dict[str, int]]:
    return {"summary": {"num_branches": branches, "covered_branches": covered}}


@pytest.mark.parametrize(("taken", "code"), [(95, 0), (94, 1)])
def test_too_few_branches_fail(tmp_path, monkeypatch, taken, code):
    files = {f"{area.rstrip('/')}/base.py": measured(100, 100) for area in coverage.AREAS}
    files |= {"messaging/store/base.py": measured(100, taken), "rooms/api.py": measured(9, 0)}
    (tmp_path / "report.json").write_text(json.dumps({"files": files}))
    monkeypatch.setattr(coverage, "REPORT", tmp_path / "report.json")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    assert coverage.judge() == code


def test_an_area_that_was_moved_away_is_not_covered():
    assert set(coverage.shares({}).values()) == {0.0}


def test_without_a_network_the_audit_asks_nothing_and_passes(monkeypatch, capsys):
    monkeypatch.setattr(audit, "answers", lambda request: False)
    monkeypatch.setattr(subprocess, "run", None)
    assert audit.main() == 0
    assert capsys.readouterr().out.count("does not answer") == 2


def test_an_audit_that_finds_something_fails(monkeypatch):
    monkeypatch.setattr(audit, "answers", lambda request: request is audit.PYPI)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1))
    assert audit.main() == 1
