"""Health checks for operators: whether the process lives, and whether it can do its work."""

from __future__ import annotations

import logging
from collections.abc import Callable

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatsite.ops.observability import may_see
from messaging.store import get_store

NO_ROOM = "0" * 32
log = logging.getLogger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _messages() -> None:
    get_store().heads([NO_ROOM])


def _redis() -> None:
    cache.get("health")


def probes() -> dict[str, Callable[[], None]]:
    """Probes of the engines that this site needs. Each raises soon if its engine is unreachable."""
    found = {"database": _database, "messages": _messages}
    return {**found, "redis": _redis} if settings.REDIS_URL else found


@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers, without a query: an unreachable database is no reason to restart it."""
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if every engine of the site is there, else 503.

    The parts are named only to holders of METRICS_TOKEN: strangers do not learn of the engines.
    """
    parts = working()
    parts["layer"] = get_channel_layer() is not None
    ok = all(parts.values())
    answer = {"ok": ok, "parts": parts} if may_see(request) else {"ok": ok}
    return JsonResponse(answer, status=200 if ok else 503)


def working() -> dict[str, bool]:
    """Which engines of this site answer."""
    return {name: _works(name, probe) for name, probe in probes().items()}


def _works(name: str, probe: Callable[[], None]) -> bool:
    try:
        probe()
    except Exception as error:  # any engine's; its text may name an address, and stays here
        log.warning("health.failed %s %s", name, type(error).__name__)
        return False
    return True
