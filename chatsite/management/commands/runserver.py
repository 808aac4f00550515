"""The same as `dev`. Django's own `runserver` has neither sockets nor the embedded worker."""

from __future__ import annotations

from chatsite.management.commands import dev


class Command(dev.Command):
    help = __doc__
