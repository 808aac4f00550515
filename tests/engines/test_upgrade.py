"""An upgrade keeps the rows of an earlier version, in every table that has changed since."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from tests import programs
from tests.engines.postgres import empty_database, postgres_server
from tests.engines.upgrade import ADA, BEN
from tests.live import ROOT, SECRET_KEY


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as server:
        yield server.url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request, tmp_path) -> Iterator[dict[str, str]]:
    """The variables that name an empty database."""
    if request.param == "sqlite":
        yield {"DATABASE_URL": ""}
        return
    with empty_database(request.getfixturevalue("postgres")) as url:
        yield {"DATABASE_URL": url}


@pytest.mark.parametrize("how", [pytest.param("start", marks=pytest.mark.slow), "migrate"])
def test_every_row_of_an_earlier_version_is_kept(database, tmp_path, how):
    variables = {"SOTTO_DATA": str(tmp_path), "SECRET_KEY": SECRET_KEY, **database}
    done = programs.run(
        [sys.executable, "-m", "tests.engines.upgrade", how],
        ROOT,
        {**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "chatsite.settings"},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == {
        "users": 5,
        "deleted": [["dan", ""]],
        "identities": 2,
        "sign_in": ["5" * 64, 0, None],
        "protected": ["a" * 43, "b" * 43],
        "successor": "",
        "asked": [["cleo", ADA, True], ["eve", BEN, False]],
        "stored": {ADA: [5 + 7 + 1024, 0, 2 + 43], BEN: [0, 99, 2 * 43]},
        "arrived": True,
        "messages": [{"seq": 1, "h": "12345", "iv": "iv", "ct": "1234567", "sig": "s", "re": [9]}],
        "heard": True,
        "renamed": {
            "accounts.Identity": [1, "s" * 86, "00" * 32],
            "rooms.Room": [7, 6],
            "rooms.LogEvent": ["create", ADA, "", "s"],
            "rooms.Invitation": ["9" * 32, "p", 4],
            "rooms.InvitationItem": ["9" * 32, 2],
            "rooms.Knock": ["9" * 32, "s", "i"],
            "rooms.Wrap": [2, "b" * 43, "c"],
            "rooms.ProfileBox": [2],
            "messaging.Message": [
                *("d" * 32, 4, "1" * 32, "m" * 43, 2, "12345", "1234567", "s", 6, [9], 3, "x" * 43)
            ],
            "messaging.ChainEnd": ["e" * 32, 5, "n" * 43],
            "messaging.SearchSegment": [8, "0102"],
            "messaging.File": ["2" * 32, "t", 7],
            "summaries.SummaryWorker": ["w" * 43],
            "summaries.SummaryRequest": ["7" * 32, "w" * 43, "k", 3],
            "summaries.SealedSummary": ["y" * 43, "s", 5],
        },
        "strays": [],
    }
