"""Prepare the message store: indexes, and what a crash left half done. `serve` does it, too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from messaging.store import get_store


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        get_store().prepare()
