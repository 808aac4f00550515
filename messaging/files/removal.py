"""Deletes files: with their message or room, or if no message ever named them.

Rows are deleted first and bytes after the commit: a crash leaves only bytes without a row, which
`tidy_files` finds.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from django.core.files.storage.base import Storage
from django.db import transaction
from django.db.models import QuerySet

from accounts.storage import give_back
from messaging.files.models import File, sealed_files

UNCLAIMED = timedelta(hours=24)
COMING = timedelta(hours=6)  # for an upload: longer than any may take
log = logging.getLogger(__name__)


def remove(files: QuerySet[File]) -> int:
    """Delete rows now and their bytes after the commit; returns the number of files."""
    with transaction.atomic():
        about = files.select_for_update().order_by("pk")
        found = list(about.values_list("pk", "content", "uploader", "size"))
        File.every.filter(pk__in=[pk for pk, *_ in found]).delete()
        freed: dict[str, int] = {}
        for _, _, uploader, size in found:
            freed[uploader] = freed.get(uploader, 0) + size
        give_back("files", freed)
        names = [name for _, name, *_ in found if name]
        if names:
            transaction.on_commit(partial(remove_bytes, names))
    return len(found)


def remove_bytes(names: Iterable[str]) -> None:
    storage = sealed_files()
    for name in names:
        try:
            storage.delete(name)
        except OSError as error:  # they have no row: `tidy_files` tries again
            log.warning("files.remove_failed %s", type(error).__name__)


def drop_files(room_id: str) -> None:
    """Delete every file of a room."""
    remove(File.every.filter(room=room_id))


def tidy_files(now: datetime | None = None) -> int:
    """Delete files that no message has named for a day, and bytes without a row; returns how
    many.
    """
    before = (now or datetime.now(UTC)) - UNCLAIMED
    edge = int(before.timestamp() * 1000)
    unclaimed = remove(File.objects.filter(message=None, reserved_ms__lt=edge))
    given_up = int((before + UNCLAIMED - COMING).timestamp() * 1000)
    unclaimed += remove(File.every.filter(arrived=False, reserved_ms__lt=given_up))
    storage = sealed_files()
    rooms = storage.listdir("")[0] if storage.exists("") else []
    unknown = [
        name for room in rooms for name in _unknown(storage, room, storage.listdir(room)[1], before)
    ]
    remove_bytes(unknown)
    return unclaimed + len(unknown)


def _unknown(storage: Storage, room: str, here: Collection[str], before: datetime) -> list[str]:
    """Names in one folder without a row. New ones are left out: their row may follow."""
    known = set(File.objects.filter(room=room).values_list("content", flat=True))
    lost = {f"{room}/{name}" for name in here} - known
    return [name for name in sorted(lost) if storage.get_modified_time(name) < before]
