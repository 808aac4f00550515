"""Put the backup in FOLDER in the place of this site's data. Stop the site first; what is there is
kept, and the command says where.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import DatabaseError, connection

from accounts.audit.recording import record
from chatsite.ops import cluster, preflight
from chatsite.ops.backup.command import BackupCommand
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.backup.restore import Restored, restore

DONE = (
    "Restored: the backup of {made}. What it replaced is kept under {kept}. Start the site: people "
    "sign in again, and rooms that went on since will stop for those who saw it."
)
CONTINUED = "Completed the interrupted restore of {made} first; what that replaced: {kept}."


class Command(BackupCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="FOLDER", type=Path, help="one backup's folder")

    def run(self, **options: Any) -> None:
        if connection.vendor != "sqlite":
            preflight.check_engines(self.stderr.write)
        try:
            done = restore(options["folder"])
        except cluster.Misfit as error:
            raise BackupError(str(error)) from None
        _record()
        for one in done:
            text = CONTINUED if one.continued else DONE
            self.stdout.write(text.format(made=one.made, kept=_kept(one)))


def _record() -> None:
    """On the log of what is in place now. A backup of an early version has none yet."""
    connection.close()  # it may be of the database that was replaced
    with suppress(DatabaseError):
        record("site.restored")


def _kept(done: Restored) -> str:
    """The places of the replaced data, for the operator."""
    places = [f"{settings.DATA_DIR}/replaced-{done.stamp}"]
    if connection.vendor != "sqlite":
        places.append(f"the schema replaced_{done.stamp.lower()}")
    if settings.MONGODB_URL:
        places.append(f"MongoDB's collections replaced_{done.stamp.lower()}.*")
    return ", ".join(places)
