"""The floor of free disk: below it nothing new is stored, and reading goes on."""

from __future__ import annotations

import os
import time

from django.conf import settings

from chatsite.lib.errors import ChatError

LOOK_EVERY = 1.0  # seconds
RETRY_AFTER = 60  # seconds


class StorageFull(ChatError):
    status = 503
    code = "storage"
    detail = (
        "The server's disk is almost full. Nothing was lost: what you sent is kept on your device. "
        "Try again later, or tell the administrator of this server."
    )

    retry_after = RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(retry_after=RETRY_AFTER)


def free_bytes() -> int:
    """Bytes that this process may still write where its data lie."""
    found = os.statvfs(settings.DATA_DIR)
    return found.f_bavail * found.f_frsize


class _Look:
    """The last answer, cached for LOOK_EVERY seconds."""

    at = float("-inf")
    free = 0


def check_floor(coming: int = 0) -> None:
    """Refuse to store anything new where too little disk is free.

    Args:
        coming: Bytes that are to be written.

    Raises:
        StorageFull: if less than `settings.DISK_FLOOR` bytes would be free after it.
    """
    if not settings.DISK_FLOOR:
        return
    now = time.monotonic()
    if now - _Look.at >= LOOK_EVERY or coming:
        _Look.at, _Look.free = now, free_bytes()
    if _Look.free - coming < settings.DISK_FLOOR:
        raise StorageFull


def look_again() -> None:
    """Forget what was found: the next check asks the disk."""
    _Look.at = float("-inf")
