"""Prepare the stores of messages and summaries: all indexes, and what a crash left half done.
Returns when that is done. `serve` does it, too, but builds most indexes in the background.
"""

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
