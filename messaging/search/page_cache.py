"""Caches result pages for a while. An unreachable cache costs time, never a result."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.core.cache import cache
from redis import RedisError

KEPT = 300  # seconds
log = logging.getLogger(__name__)


def kept(key: str) -> Any:
    try:
        return cache.get(key)
    except RedisError as error:
        log.warning("search.cache_failed %s", type(error).__name__)
        return None


def keep(key: str, value: Any, seconds: int | None = KEPT) -> None:
    try:
        cache.set(key, value, seconds)
    except RedisError as error:
        log.warning("search.cache_failed %s", type(error).__name__)


def mark_of(room: str) -> str:
    """A part of every key that changes when a room changed without new numbers."""
    return kept(f"search_mark:{room}") or ""


def mark_anew(room: str) -> None:
    keep(f"search_mark:{room}", secrets.token_hex(8), None)
