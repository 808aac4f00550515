"""Reads of summaries, requests and the worker, for members."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from rooms.models import Member
from summaries.models import SummaryRequest, SummaryWorker
from summaries.store import get_store
from summaries.store.base import Mark

LOST = timedelta(minutes=3)  # at work, without a sign of life: a part takes a minute at most

HEARD_FOR = timedelta(minutes=5)  # a worker that was not heard for longer is not offered

SHOWN = 50  # or as many as fit into a page

INTERRUPTED = ("interrupted", "The work was interrupted. Nothing of it was kept: ask again.")

KEPT = timedelta(days=1)


def overview(member: Member, after: Mark | None) -> tuple[dict[str, Any], Mark | None]:
    """The worker, a page of the room's sealed summaries, and, with the first page, the member's
    own requests of the last day; and where the next page begins, None at the end.
    """
    found, last = get_store().of_room(member.room_id, limit=SHOWN, after=after)
    shown = {
        "worker": worker(),
        "summaries": [one.as_dict() for one in found],
        "requests": _recent(member) if after is None else [],
    }
    return shown, last


def _recent(member: Member) -> list[dict[str, Any]]:
    """The user's recent requests. The throttle limits their number."""
    recent = SummaryRequest.objects.filter(
        room=member.room_id, user=member.user, asked_at__gt=timezone.now() - KEPT
    ).defer("sealed_key", "box", "partial", "answer")
    return [described(one, whole=False) for one in recent.order_by("-asked_at")]


def worker() -> dict[str, Any] | None:
    """Whom one asks, as announced; None while no worker runs."""
    found = current_worker()
    if found is None:
        return None
    return {
        "spki": found.spki,
        "engine": found.engine,
        "models": [found.model],
        "embedded": found.embedded,
        "most_messages": settings.SUMMARY_MOST_MESSAGES,
        "most_bytes": settings.SUMMARY_MOST_BYTES,
    }


def current_worker() -> SummaryWorker | None:
    heard = SummaryWorker.objects.filter(heard_at__gt=timezone.now() - HEARD_FOR)
    return heard.order_by("-started_at").first()


def described(request: SummaryRequest, *, whole: bool = True) -> dict[str, Any]:
    """A request as its asker sees it; not `whole`: without its answer, which may be large."""
    state, code, detail = request.state, request.code, request.detail
    if is_lost(request):
        state, (code, detail) = SummaryRequest.FAILED, INTERRUPTED
    return {
        "rid": request.id,
        "state": state,
        "from": request.first,
        "to": request.last,
        "done": request.done,
        "total": request.total,
        "answer": (request.answer or None) if whole else None,
        "code": code,
        "detail": detail,
    }


def is_lost(request: SummaryRequest) -> bool:
    """True if a worker began the request and has given no sign since."""
    working = request.state == SummaryRequest.WORKING
    return working and request.moved_at < timezone.now() - LOST
