"""Delete what nobody needs any more: files that no message names. Run it every hour or so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from messaging.files.removal import tidy_files


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Files deleted: {tidy_files()}")
