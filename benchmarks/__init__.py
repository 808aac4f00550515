"""Measurements, never asserted in tests: see README.md."""

import sys
from pathlib import Path

CLIENT = str(Path(__file__).resolve().parent.parent / "client")
if CLIENT not in sys.path:  # the Python client, which is no package of the site
    sys.path.insert(0, CLIENT)
