"""Count anew how many bytes of messages and files everybody has stored. A crash between two engines
can leave a difference; with MongoDB do this once after the upgrade that began to count.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Sum

from accounts.audit.recording import record
from accounts.storage import recount
from messaging.files.models import File
from messaging.store import get_store


def files_by_person() -> dict[str, int]:
    """Bytes of files by uid, also of those on their way in."""
    return dict(File.every.order_by().values_list("uploader").annotate(size=Sum("size")))


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for kind, count in (("messages", get_store().usage), ("files", files_by_person)):
            with transaction.atomic():
                total = recount(kind, count)  # type: ignore[arg-type]
                record("site.storage_recounted", what=kind, bytes=total)
            self.stdout.write(f"{kind}: {total} bytes")
