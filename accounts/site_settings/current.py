"""Values that count now: of the administrators' row, else of the environment's variables.

Each process reads the row at most every FRESH_FOR seconds, so a change is seen everywhere within
that time. While the database is unreachable, the last answer counts, and so it does on an event
loop, which must not wait for the database: the hub reads the row for it (`messaging/live/hub.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError

from accounts.site_settings.models import FIELDS, SiteSettings
from chatsite.lib import limit_lists

FRESH_FOR = 3.0  # seconds
NAME = "Sotto"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """The row as this process last read it."""

    at: float = float("-inf")
    row: SiteSettings = field(default_factory=SiteSettings)


held = Held()


def row() -> SiteSettings:
    """The row that administrators have set; an empty row where they have set nothing."""
    now = time.monotonic()
    if now - held.at >= FRESH_FOR and not _on_event_loop():
        held.at = now  # others that ask meanwhile take the last answer
        try:
            held.row = SiteSettings.objects.first() or SiteSettings()
        except DatabaseError as error:
            log.warning("site_settings.unread %s", type(error).__name__)
    return held.row


def read_again() -> None:
    """Forget the answer: the next question asks the database."""
    held.at = float("-inf")


def name() -> str:
    return row().name or NAME


def registration() -> str:
    """`open`, `invited` or `closed`; else REGISTRATION."""
    return row().registration or settings.REGISTRATION


def terms_url() -> str:
    """Else TERMS_URL."""
    return row().terms_url or settings.TERMS_URL


def storage_per_person() -> int:
    """Bytes; else STORAGE_PER_PERSON."""
    most = row().storage_per_person
    return settings.STORAGE_PER_PERSON if most is None else most


def rooms_per_person() -> int:
    """Open rooms of one owner; else ROOMS_PER_PERSON."""
    return row().rooms_per_person or settings.ROOMS_PER_PERSON


def file_most() -> int:
    """Bytes of a sealed file; else FILE_MOST."""
    return row().file_most or settings.FILE_MOST


def rate_limits() -> limit_lists.Limits:
    """Limits that count instead of those of RATE_LIMITS, by name."""
    return _parsed(row().rate_limits)


@lru_cache(maxsize=2)
def _parsed(text: str) -> limit_lists.Limits:
    try:
        return limit_lists.parse(text)
    except ValueError:  # written by other means than the action
        log.warning("site_settings.rate_limits_unreadable")
        return {}


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def changed_here() -> list[str]:
    """Names of the fields that are set in the admin."""
    return [one for one in FIELDS if getattr(row(), one) not in ("", b"", None)]
