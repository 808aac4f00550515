"""What the three commands have in common: one line for whatever goes wrong."""

from __future__ import annotations

import os
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from redis import RedisError

from chatsite.ops.backup import mongo
from chatsite.ops.backup.errors import BackupError
from chatsite.starting import NotStarted

ENGINE = "An engine failed while it was read or written ({kind}): nothing was completed. {what}"
TRY_AGAIN = "See that it runs, then run the command again."
DISK = "The disk failed ({reason}): nothing was completed."


class BackupCommand(BaseCommand):
    """A command whose refusals are one line and exit code 1 (75, 78: see docs/operations.md)."""

    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        try:
            self.run(**options)
        except (BackupError, NotStarted) as error:
            raise _as_command_error(error) from None
        except (DatabaseError, psycopg.Error, mongo.Failure, RedisError) as error:
            problem = ENGINE.format(kind=type(error).__name__, what=TRY_AGAIN)
            raise CommandError(problem) from None
        except OSError as error:
            raise CommandError(DISK.format(reason=error.strerror or type(error).__name__)) from None

    def run(self, **options: Any) -> None:
        """The command's work."""
        raise NotImplementedError


def _as_command_error(error: Exception) -> CommandError:
    return error if isinstance(error, CommandError) else CommandError(str(error))
