"""Upgrades that are interrupted, and code that is older than its database."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.starting import CONFIG, KEY, refused
from tests.live import ROOT, LiveServer

WITHIN = 400  # seconds, on a busy machine


def manage(folder: Path, *command: str) -> str:
    environment = {**os.environ, "SOTTO_DATA": str(folder)}
    environment["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=WITHIN,
    ).stdout


def record(folder: Path, app: str, name: str) -> None:
    with sqlite3.connect(folder / "sotto.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, '2030-01-01')",
            (app, name),
        )


@pytest.mark.slow
def test_fault_an_upgrade_that_is_killed_anywhere_starts_again(tmp_path):
    """Also between the tables of a migration and the record that it was applied."""
    lines = manage(tmp_path / "data", "-m", "tests.faults.upgrade").splitlines()
    assert len(lines) == 6
    assert all(re.fullmatch(r"\d+/\d+: -9 0", line) for line in lines), lines


@pytest.mark.slow
def test_fault_older_code_refuses_a_newer_database(tmp_path):
    data = tmp_path / "data"
    manage(data, "manage.py", "migrate", "-v0")
    record(data, "messaging", "0999_from_the_future")
    ended = refused(data)
    assert ended.code == CONFIG
    assert "messaging 0999_from_the_future is not known here" in ended.sentence
    assert "restore the backup" in ended.sentence


@pytest.mark.slow
def test_fault_an_app_of_a_newer_version_is_refused_too(tmp_path):
    data = tmp_path / "data"
    manage(data, "manage.py", "migrate", "-v0")
    record(data, "polls", "0001_initial")
    assert refused(data).code == CONFIG


@pytest.mark.slow
def test_a_database_without_a_new_migration_starts_as_it_is(tmp_path):
    (tmp_path / "data").mkdir()  # without a database
    with LiveServer(tmp_path / "data") as server:
        server.stop()
        before = server.log.read_text()
        server.start()
        after = server.log.read_text().removeprefix(before)
    assert "Preparing the database" in before
    assert "Preparing the database" not in after


@pytest.mark.slow
def test_fault_older_workers_refuse_a_newer_database(tmp_path, redis_of_our_own):
    data = tmp_path / "data"
    manage(data, "manage.py", "migrate", "-v0")
    record(data, "summaries", "0999_from_the_future")
    command = ("-m", "celery", "--app=chatsite", "worker")
    ended = refused(data, *command, REDIS_URL=redis_of_our_own.url, SECRET_KEY=KEY)
    assert ended.code == CONFIG
    assert "summaries 0999_from_the_future" in ended.lines[-1]
