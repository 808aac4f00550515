"""Serve the site for development: it reloads when a file changes, and shows tracebacks."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatsite.ops import demo, preflight


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        preflight.upgrade(self.stdout.write)
        where = f"{settings.HOST}:{settings.PORT}"
        demo.fill_in_background()  # waits until the server answers
        command = [sys.executable, sys.argv[0], "runserver", where]
        os.execve(sys.executable, command, {**os.environ, "DEBUG": "1"})
