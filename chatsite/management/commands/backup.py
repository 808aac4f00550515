"""Back up this site into a new folder in FOLDER, also while people write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from accounts.audit.recording import record
from chatsite.lib import moments
from chatsite.ops import preflight, schema
from chatsite.ops.backup.command import BackupCommand
from chatsite.ops.backup.create import create


class Command(BackupCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="where backups are kept")
        parser.add_argument(
            "--without-lost-files",
            action="store_true",
            help="go on where the site itself has lost attachments; the backup names them",
        )

    def run(self, **options: Any) -> None:
        if connection.vendor != "sqlite":
            preflight.check_engines(self.stderr.write)
        made = create(options["folder"], without_lost_files=options["without_lost_files"])
        moments.note("backup")
        if schema.is_current():  # one that an older version has left may have no audit log yet
            record("site.backup")
        self.stdout.write(str(made))
