"""Prepare the stores of messages and summaries: indexes, and what a crash left half done. `serve`
does it, too."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

import messaging.store
import summaries.store


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        messaging.store.get_store().prepare()
        summaries.store.get_store().prepare()
