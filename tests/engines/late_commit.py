"""An entry of the audit log whose transaction commits after a later one was sealed.

PostgreSQL alone: SQLite has one writer at a time. tests/engines/test_postgres.py runs it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connections, transaction

from accounts.audit import checking
from accounts.audit.recording import record
from accounts.audit.sealing import seal


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_sealed_late_and_not_skipped():
    written, go_on = Event(), Event()

    def late() -> None:
        with transaction.atomic():
            record("kit.kept", n=1)
            written.set()
            assert go_on.wait(20)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(late)
        assert written.wait(20)
        record("kit.kept", n=2)
        assert seal() == 1
        go_on.set()
        done.result()
    assert seal() == 1
    assert [entry.facts["n"] for entry in checking.entries_from(0)] == [2, 1]
    assert checking.verify().findings == []
