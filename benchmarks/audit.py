"""The cost of audit entries, for the events of a room: `python -m benchmarks.audit`.

One run, side by side: events of one room (bans, on and off), every second one without its audit
entry, in an order that changes. All that a server does for an event is in it, from the parsed
submission to the commit on disk, and no network. The sealer runs beside it as in a web process,
once a second.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.machine import machine

HERE = Path(__file__).resolve().parent
OUT = HERE / "audit.json"
PAIRS, WARM = 600, 50


def _prepare(folder: Path) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="chatsite.settings",
        DATABASE_URL="",
        REDIS_URL="",
        SOTTO_DATA=str(folder),
        LOG_LEVEL="ERROR",
        DEBUG="0",
    )
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=HERE.parent, check=True)
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()


def measured(pairs: int = PAIRS) -> dict[str, Any]:
    """Milliseconds of an event with its audit entry and without, and the ratio of their rates."""
    from rooms import actions
    from rooms.submissions import EventSubmission
    from tests.base import Person, create_room, make_user, membership

    ada, ben = (Person(name, make_user(name)).publish() for name in ("ada", "ben"))
    room = create_room(ada)
    room.admit(ada, ben)
    room.took(room.remove(ada, ben, [ada]))
    member = membership(ada, room)
    times: dict[bool, list[float]] = {True: [], False: []}
    for at in range(pairs + WARM):
        order = [True, False]
        random.shuffle(order)
        for on, audited in zip((1, 0), order, strict=True):
            signed = ada.signed(room.event(ada, "ban", uid=ben.uid, on=on))
            sent = EventSubmission(event=signed["event"], signature=signed["sig"])
            with nullcontext() if audited else patch("rooms.actions.record"):
                begun = time.perf_counter()
                room.head = actions.append_event(member, sent, allowed={"ban"}).head
                took = time.perf_counter() - begun
            if at >= WARM:
                times[audited].append(took)
    return _shown(times)


def _shown(times: dict[bool, list[float]]) -> dict[str, Any]:
    with_, without = (statistics.median(times[one]) for one in (True, False))
    return {
        "pairs": len(times[True]),
        "with_audit_ms": round(1000 * with_, 3),
        "without_ms": round(1000 * without, 3),
        "ratio_of_medians": round(without / with_, 3),
    }


def _seal(stop: threading.Event) -> None:
    from django.db import connection

    from accounts.audit.sealing import seal

    while not stop.wait(1):
        seal()
    connection.close()


def main() -> None:
    about = machine()
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder))
        stop = threading.Event()
        sealer = threading.Thread(target=_seal, args=(stop,))
        sealer.start()
        try:
            found = measured()
        finally:
            stop.set()
            sealer.join()
    print(json.dumps(found, indent=2))
    OUT.write_text(json.dumps({**about, **found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
