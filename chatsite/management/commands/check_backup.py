"""Read the backup in FOLDER whole and say what is wrong with it: nothing, or a line a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from chatsite.ops.backup.check import check
from chatsite.ops.backup.command import BackupCommand
from chatsite.ops.backup.manifest import Manifest


class Command(BackupCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="one backup's folder")

    def run(self, **options: Any) -> None:
        folder: Path = options["folder"]
        faults = check(folder)
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{folder} is not whole: do not rely on it.")
        manifest = Manifest.read(folder)
        for title in manifest.lost:
            self.stderr.write(f"attachment {title}: the site had lost it before the backup")
        self.stdout.write(
            f"{folder} is whole: {manifest.made}, {manifest.tables['users'].rows} accounts, "
            f"{len(manifest.heads)} rooms, {sum(manifest.newest.values())} messages at most, "
            f"{manifest.files} attachments."
        )
