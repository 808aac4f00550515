"""The sealed summaries that members share with their room. Chosen by settings.SUMMARY_STORE."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from summaries.store.base import SummaryStore


@lru_cache(maxsize=1)
def get_store() -> SummaryStore:
    """The store of this process; safe to call from any thread."""
    configured: dict[str, Any] = settings.SUMMARY_STORE
    store: SummaryStore = import_string(configured["BACKEND"])(**configured["OPTIONS"])
    return store
