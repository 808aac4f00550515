"""Fill a development server with the demo: six accounts with real keys, three rooms.

The server must be running. Rooms and messages are made by the Python client, as its users make
them: this program only starts it. What is there already is not made again.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accounts.models import User

NICENESS = 10  # a page that somebody opens meanwhile comes first


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="default: PUBLIC_URL")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
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
        command = [sys.executable, "-m", "scripts.demo", url, str(folder)]
        path = os.pathsep.join([str(settings.BASE_DIR), str(settings.BASE_DIR / "client")])
        # In this process's place, so that a server that stops takes the player along.
        os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})


def _known_here(folder: Path) -> bool:
    """Whether the accounts in the folder, if any, are this database's: it may have been removed."""
    paths = folder.glob("*/account.json")
    uids = {json.loads(path.read_text("utf-8"))["uid"] for path in paths}
    return User.objects.filter(pk__in=uids).count() == len(uids)
