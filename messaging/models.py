"""Django looks for models here; they are defined beside the code that uses them."""

from __future__ import annotations

from typing import Any

from messaging.files.models import File
from messaging.reports.models import Report, ReportKey, SealedReportKey
from messaging.store.orm.models import Message, Reference
from rooms.models import Room

__all__ = [
    "File",
    "Message",
    "Reference",
    "Report",
    "ReportKey",
    "RoomMessages",
    "SealedReportKey",
]


class RoomMessages(Room):
    """A room, as the admin's list of messages counts it. `newest` is the number of its newest
    message, `files` how `many` files it has and their `bytes`.
    """

    newest: int
    files: dict[str, Any]

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "messages"
