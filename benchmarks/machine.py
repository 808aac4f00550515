"""The machine that a measurement runs on."""

from __future__ import annotations

import os
import time
from typing import Any


def machine() -> dict[str, Any]:
    """The day, the cores, and the load before a run: called first, kept with its figures."""
    load = round(os.getloadavg()[0], 1)
    return {"date": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(), "load_before": load}
