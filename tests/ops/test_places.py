"""A database that a restore replaces is kept whole, with what its logs hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatsite.ops.backup import places, sqlite

STAMP = "20260102T030405Z"


@pytest.fixture
def site(tmp_path) -> Path:
    """A database whose last row stands in its log alone, and what is prepared in its place."""
    database, copied = tmp_path / "sotto.sqlite3", tmp_path / "copied"
    copied.mkdir()
    with closing(sqlite3.connect(database)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("CREATE TABLE said (word TEXT)")
        writing.execute("INSERT INTO said VALUES ('last')")
        writing.commit()
        for path in (database, *places.logs_of(database)):
            (copied / path.name).write_bytes(path.read_bytes())  # as a process that is killed does
    for path in copied.iterdir():
        path.rename(tmp_path / path.name)
    staged = places.place(database, places.RESTORING, STAMP)
    staged.parent.mkdir()
    with closing(sqlite3.connect(staged)) as prepared:
        prepared.execute("CREATE TABLE said (word TEXT)")
    return database


def said(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as reading:
        return [word for (word,) in reading.execute("SELECT word FROM said")]


def exchange(database: Path, logs: list[Path]) -> places.Files:
    return places.Files(STAMP, [str(database)], [str(path) for path in (*logs, database)])


def test_logs_are_kept_beside_the_database_that_they_belong_to(site):
    exchange(site, places.logs_of(site)).swap()
    assert said(site) == []
    assert said(places.place(site, places.REPLACED, STAMP)) == ["last"]


def test_fault_a_log_that_is_gone_meanwhile_holds_up_nothing(site):
    sqlite.write_logs(site)
    assert not [path for path in places.logs_of(site) if path.exists()]
    exchange(site, places.logs_of(site)).swap()
    assert said(site) == []
    assert said(places.place(site, places.REPLACED, STAMP)) == ["last"]


def test_fault_a_damaged_database_is_replaced_as_it_is(site):
    """Which is when a backup is needed most."""
    damaged = b"no database" * 1000
    for path in (site, *places.logs_of(site)):
        path.write_bytes(damaged)
    sqlite.write_logs(site)
    exchange(site, places.logs_of(site)).swap()
    assert said(site) == []
    assert places.place(site, places.REPLACED, STAMP).read_bytes() == damaged


def test_no_database_is_made_to_write_its_logs(tmp_path):
    sqlite.write_logs(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
