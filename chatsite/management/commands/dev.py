"""Serve the site for development: as `serve` does, with tracebacks and the demo, and again from the
beginning whenever a Python file changes.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chatsite.ops.listener import listen
from chatsite.ops.reload import serve_and_reload


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []  # the serving process runs them

    def handle(self, *args: Any, **options: Any) -> None:
        os.environ["DEBUG"] = "1"  # of the serving process
        sys.exit(serve_and_reload(listen(settings.HOST, settings.PORT)))
