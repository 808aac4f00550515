"""What Django starts with: the processes that answer, the worker and every command."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.live import ROOT

LIST = """
import django, sys
django.setup()
print(*sorted(name for name in sys.modules if name.endswith(".receivers")))
"""


def test_the_receivers_of_every_app_are_connected_once_django_is_set_up():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", LIST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    own = sorted(f"{path.parent.name}.receivers" for path in ROOT.glob("*/receivers.py"))
    assert len(own) >= 3
    assert set(own) <= set(done.stdout.split())
