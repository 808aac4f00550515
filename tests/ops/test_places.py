"""Exchanging files by renaming, interrupted at every step."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatsite.ops.backup import places

STAMP = "20261126T061308Z"


class Killed(BaseException):
    """Nothing after this ran."""


@pytest.mark.parametrize("step", range(1, 7))
def test_fault_an_exchange_that_is_interrupted_is_completed(tmp_path, monkeypatch, step):
    database, log, files = (tmp_path / name for name in ("s.sqlite3", "s.sqlite3-wal", "files"))
    for path, content in ((database, "old"), (log, "old log"), (files / "a", "old")):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    staged = places.place(files, places.RESTORING, STAMP)
    staged.mkdir(parents=True)
    (staged / "a").write_text("new")
    places.place(database, places.RESTORING, STAMP).write_text("new")
    exchange = places.Files(
        STAMP, [str(database), str(files)], [str(database), str(log), str(files)]
    )
    rename, left = Path.rename, iter(range(1, step))

    def stopping(source, target):
        if next(left, None) is None:
            raise Killed
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", stopping)
    try:
        exchange.swap()
    except Killed:
        monkeypatch.setattr(Path, "rename", rename)
        exchange.swap()
    assert (database.read_text(), (files / "a").read_text()) == ("new", "new")
    assert not log.exists(), "the log of the old database would destroy the new one"
    kept = places.place(database, places.REPLACED, STAMP).parent
    assert (kept / "s.sqlite3").read_text() == "old"
    assert (kept / "s.sqlite3-wal").read_text() == "old log"
    assert (kept / "files" / "a").read_text() == "old"
