"""A cache of where a person is signed in, as the settings list it: `session:{user_id}`.

It is made again when it is missing, and forgotten when a sign-in begins or ends. Nothing asks it
whether somebody may do something: that is read from the sign-in's own row each time. An unreachable
cache costs time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from redis import RedisError

KEPT = 60  # seconds
CHANGED, CHANGING = "changed", 5
"""The mark of a change, and its seconds: meanwhile no list is kept that was read before."""
log = logging.getLogger(__name__)


def sign_ins_kept(uid: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The list as it is kept, or as `make` reads it."""
    try:
        kept = cache.get(_key(uid))
        if isinstance(kept, dict):
            return kept
        made = make()
        cache.add(_key(uid), made, KEPT)
    except RedisError as error:
        log.warning("session.cache_failed %s", type(error).__name__)
        return make()
    return made


def forget_sign_ins(uid: str) -> None:
    """Forget the list of a person once the surrounding transaction has committed."""
    transaction.on_commit(partial(_forget, uid))


def _forget(uid: str) -> None:
    try:
        cache.set(_key(uid), CHANGED, CHANGING)
    except RedisError as error:  # then there is no list either, or one of at most KEPT seconds
        log.warning("session.cache_failed %s", type(error).__name__)


def _key(uid: str) -> str:
    return f"session:{uid}"
