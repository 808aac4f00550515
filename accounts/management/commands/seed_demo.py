"""Fill a development site with the demo: six accounts with real keys, three rooms, nine days.

Rooms and messages are made by the Python client, as its users make them: this program only starts
it. What is there already is not made again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from accounts.models import User

NICENESS = 10  # a page that somebody opens meanwhile comes first


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for development: set DEBUG=1.")
        folder: Path = settings.DEMO_DIR
        if not _known_here(folder):
            shutil.rmtree(folder)
        connection.close()
        if (folder / "kit.json").exists():
            self.stdout.write("The demo is there already.")
            return
        os.nice(NICENESS)
        os.chdir(settings.BASE_DIR)
        command = [sys.executable, "-m", "scripts.demo"]
        # In this process's place, so that a server that stops takes the player along.
        os.execve(sys.executable, command, _environment())


def _environment() -> dict[str, str]:
    """The player's. Nine days pass in seconds there: limits that count real minutes do not fit, and
    Redis, whose clock is the real one and which other processes share, stays out of it.
    """
    path = os.pathsep.join([str(settings.BASE_DIR), str(settings.BASE_DIR / "client")])
    changed = {
        "PYTHONPATH": path,
        "REDIS_URL": "",
        "RATE_LIMITS": ",".join(f"{name}=100000/60" for name in settings.RATE_LIMITS),
        "LOG_LEVEL": "WARNING",
    }
    files = {f"{name}_FILE" for name in changed}
    kept = {name: value for name, value in os.environ.items() if name not in files}
    return kept | changed


def _known_here(folder: Path) -> bool:
    """True unless the folder has accounts that this database lacks: it may have been removed."""
    paths = folder.glob("*/account.json")
    uids = {json.loads(path.read_text("utf-8"))["uid"] for path in paths}
    return User.objects.filter(pk__in=uids).count() == len(uids)
