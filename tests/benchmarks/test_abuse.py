"""What the measurement of abuse plays is what it says, and others are served meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from benchmarks.abuse import MOST_MIB
from benchmarks.contenders import ROOT

SMALL = """
import json, os, sys
from pathlib import Path
import django
from benchmarks.abuse import Shipped, Size, measured
folder = Path(sys.argv[1])
sys.path.insert(0, "client")
django.setup()
with Shipped(folder / "data", HEADERS_WITHIN="1", SOCKETS_PER_PERSON="3") as server:
    print(json.dumps(measured(folder, server, Size(4, 4, 4, 2, 12), 6, 1)))
"""


@pytest.mark.slow
def test_every_kind_of_abuser_meets_what_it_is_for(tmp_path):
    """In a process of its own, since it needs Django on the server's data."""
    ours = {"SOTTO_DATA": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SMALL, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, **ours, "LOG_LEVEL": "WARNING"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    met = found["abusers"]
    assert set(met["logins"]) <= {"401", "503"}
    assert met["logins"]["401"] > 0
    assert met["halves"]["408"] > 0
    assert met["uploads"]["401"] > 0
    assert met["uploads"]["201"] > 0
    assert met["readers"]["200"] > 0
    assert met["sockets"]["held"] > 0
    assert found["second_person"]["outcomes"] == {"200": found["second_person"]["requests"]}
    assert 0 < found["peak_mib_before"] <= found["peak_mib"] < MOST_MIB
