"""Summaries that members may see. A room is found through the user, as everywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chatsite.lib.errors import Forbidden, NotFound
from rooms.access import room_for_active_member, room_for_member
from summaries.models import SummaryRequest, SummaryWorker
from summaries.store import get_store

KEPT = timedelta(days=1)
LOST = timedelta(minutes=3)  # at work, without a sign of life: a part takes a minute at most
WAITED = timedelta(hours=1)  # and no worker has taken it
HEARD_FOR = timedelta(minutes=5)  # a worker that was not heard for longer is not offered
SHOWN = 50  # or as many as fit into a page
INTERRUPTED = ("interrupted", "The work was interrupted. Nothing of it was kept: ask again.")


def overview(user: User, room_id: str) -> dict[str, Any]:
    """The worker, the room's sealed summaries, and the user's own requests of the last day."""
    room_for_member(user, room_id)
    recent = SummaryRequest.objects.filter(
        room=room_id, user=user, asked_at__gt=timezone.now() - KEPT
    ).defer("ek", "box", "partial", "answer")
    return {
        "worker": worker(),
        "summaries": [one.as_dict() for one in get_store().of_room(room_id, limit=SHOWN)],
        "requests": [described(one, whole=False) for one in recent.order_by("-asked_at")],
    }


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


def own_request(user: User, room_id: str, rid: str) -> SummaryRequest:
    room_for_member(user, room_id)
    found = SummaryRequest.objects.filter(rid=rid, room=room_id, user=user).first()
    if found is None:
        raise NotFound
    return found


def described(request: SummaryRequest, *, whole: bool = True) -> dict[str, Any]:
    """A request as its asker sees it; not `whole`: without its answer, which may be large."""
    state, code, detail = request.state, request.code, request.detail
    if is_lost(request):
        state, (code, detail) = SummaryRequest.FAILED, INTERRUPTED
    return {
        "rid": request.rid,
        "state": state,
        "from": request.first,
        "to": request.last,
        "done": request.done,
        "total": request.total,
        "answer": (request.answer or None) if whole else None,
        "code": code,
        "detail": detail,
    }


def still_allowed(request: SummaryRequest) -> bool:
    """True if the asker is still a member of a room whose rules allow summaries: the request may
    have waited for long."""
    try:
        member = room_for_active_member(request.user, request.room)
    except (Forbidden, NotFound):
        return False
    return member.room.closed_at is None and member.room.policy["ai"] != "off"


def is_lost(request: SummaryRequest) -> bool:
    """True if a worker began the request and has given no sign since."""
    working = request.state == SummaryRequest.WORKING
    return working and request.moved_at < timezone.now() - LOST
