"""The message store: the truth about messages. Chosen by settings.MESSAGE_STORE, like CACHES."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.store.base import MessageStore


@lru_cache(maxsize=1)
def get_store() -> MessageStore:
    """The store of this process. Engines are safe to call from any thread."""
    configured: dict[str, Any] = settings.MESSAGE_STORE
    engine: MessageStore = import_string(configured["BACKEND"])(**configured["OPTIONS"])
    return engine
