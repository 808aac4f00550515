"""The base of the three commands: one line for every failure."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from redis import RedisError

from chatsite.ops.backup import journal, mongo
from chatsite.ops.backup.errors import BackupError
from chatsite.ops.preflight import NotStarted

ENGINE = "An engine failed while it was read or written ({kind})."
DISK = "A file could not be read or written ({reason})."
NOTHING_DONE = "Nothing was completed: correct that, then run the command again."


class BackupCommand(BaseCommand):
    """A command whose refusals are one line and exit code 1 (75, 78: see docs/operations.md)."""

    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            self.run(**options)
        except NotStarted:
            raise
        except BackupError as error:
            raise CommandError(str(error)) from None
        except (DatabaseError, psycopg.Error, mongo.Failure, RedisError) as error:
            raise _failed(ENGINE.format(kind=type(error).__name__)) from None
        except OSError as error:
            raise _failed(DISK.format(reason=error.strerror or type(error).__name__)) from None

    def run(self, **options: Any) -> None:
        """The command's work."""
        raise NotImplementedError


def _failed(what: str) -> CommandError:
    """A restore that had begun to exchange things is another matter than one that had not."""
    then = journal.UNFINISHED if journal.is_open() else NOTHING_DONE
    return CommandError(f"{what} {then}")
