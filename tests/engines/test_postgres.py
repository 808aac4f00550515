"""What accounts, rooms and the embedded message store promise, kept by a real PostgreSQL, too."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.engines.postgres import postgres_url
from tests.live import ROOT

SHORT = [
    "tests/messaging/store/test_store.py",
    "tests/messaging/api/test_search.py",
    "tests/rooms/test_members.py",
    "tests/accounts/test_registration.py",
    "tests/accounts/audit/test_chain.py",
    "tests/engines/late_commit.py",
    *(
        "-k",
        "not mongo and (batch or at_once or conflict or around or handed_over or by_page or late "
        "or member_searches)",
    ),
]
WHOLE = [
    "tests/messaging/store/test_store.py",
    "tests/messaging/store/test_erasure.py",
    "tests/messaging/store/test_files.py",
    "tests/messaging/store/test_index.py",
    "tests/messaging/api/test_search.py",
    "tests/rooms",
    "tests/accounts",
    "tests/engines/late_commit.py",
    *("-k", "not mongo"),
]


@pytest.mark.parametrize(
    "suites", [SHORT, pytest.param(WHOLE, marks=pytest.mark.slow)], ids=["short", "whole"]
)
def test_store_and_rooms_and_accounts_on_postgres(suites):
    """The same tests, in a run of their own: their ids say `postgres`."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *suites]
    with postgres_url() as url:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=900,
        )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
