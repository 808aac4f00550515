"""Bring the database up to date and serve the site, embedded, in one process."""

from __future__ import annotations

import signal
import socket
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from chatsite.lib.database import give_back
from chatsite.ops import database_connections, descriptors, preflight
from chatsite.ops.listener import listen
from chatsite.ops.server import Server, site_config

NO_ADMINISTRATOR = (
    "This site has no administrator yet: `manage.py people invite --administrator` makes a "
    "one-time link for the first one."
)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []  # run below: a line each, before anything is touched

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--listener", type=int, metavar="FD", help="a socket that listens already, as for `dev`"
        )

    def handle(self, *args: Any, listener: int | None = None, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _end)  # the server, once it is down, raises it again
        descriptors.raise_limit()
        preflight.check_settings(self.stderr.write)
        # Before anything is changed: a port that is taken is said at once.
        on = (
            listen(settings.HOST, settings.PORT)
            if listener is None
            else socket.socket(fileno=listener)
        )
        preflight.check_engines(self.stderr.write)
        with preflight.among_processes(database_connections.of_server()):
            preflight.upgrade(self.stdout.write)
            if not User.objects.administrators().exists():
                self.stdout.write(NO_ADMINISTRATOR)
            give_back()  # this thread asks nothing more
            Server(site_config(), settings.PUBLIC_URL).run(sockets=[on])


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Not at once: a process takes leave of the others."""
    raise SystemExit(128 + number)
