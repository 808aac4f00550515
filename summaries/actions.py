"""Writes about summaries. Every action first looks the room up through the user."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Identity, User
from chatsite.lib import pubsub, signatures, wire
from chatsite.lib.bus_events import SummaryChanged
from chatsite.lib.errors import ChatError, Conflict, Forbidden, NotFound, Refused, Unavailable
from chatsite.lib.task_queue import BrokerAway, queue
from rooms.access import require_running
from rooms.events import WORKER_MAY_READ
from rooms.models import Member
from rooms.selectors import disclosure
from summaries.access import own_request
from summaries.metrics import count_asked, count_ended
from summaries.models import Spending, SummaryRequest
from summaries.selectors import INTERRUPTED, KEPT, LOST, current_worker, described
from summaries.store import get_store
from summaries.store.base import Sealed

TASK = "summaries.summarise"
WAITED = timedelta(hours=1)  # and no worker has taken it
AT_ONCE = 3  # requests of one person that have not ended
MOST_SHARED = 12 + 65_536 + 16  # bytes of a box: IV, the longest padded text, tag
BODY: wire.Schema = (
    ("v", wire.one_of(1)),
    ("room", wire.ident),
    ("uid", wire.ident),
    ("kid", wire.hash64),
    ("dis", wire.integer()),
    ("from", wire.integer(1)),
    ("to", wire.integer(1)),
    ("a", wire.integer(1)),
    ("b", wire.integer(1)),
    ("box", wire.hash64),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question as it came: `sealed_key` and `box` are b64 and opaque; `disclose_seq` is the
    number of a disclose event.
    """

    request_id: str
    worker_key_hash: str
    sealed_key: str
    box: str
    disclose_seq: int


class TooLong(ChatError):
    status = 413
    code = "too_long"
    detail = "That is more than the worker takes at once. Choose a shorter range."


class Spent(Conflict):
    code = "spent"
    detail = "This room has had its summaries for today. Try again tomorrow."


def ask(member: Member, asked: Ask) -> dict[str, Any]:
    """Take a sealed request and have it worked on; the same again gives what there is of it."""
    user, room_id = member.user, member.room_id
    require_running(member.room)
    if member.room.policy["ai"] not in WORKER_MAY_READ:
        raise Forbidden("This room's rules allow no summaries.", code="ai_off")
    known = SummaryRequest.objects.filter(id=asked.request_id, room=room_id, user=user).first()
    if known is not None:
        return described(known)
    first, last = _checked(user, room_id, asked)
    request = SummaryRequest(
        id=asked.request_id,
        room=room_id,
        user=user,
        worker_key_hash=asked.worker_key_hash,
        sealed_key=asked.sealed_key,
        box=asked.box,
        disclose_seq=asked.disclose_seq,
        first=first,
        last=last,
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        raise Conflict("Another request has this id.") from None
    _send(request)
    count_asked()
    return described(request)


def _checked(user: User, room_id: str, asked: Ask) -> tuple[int, int]:
    """The range that the request's disclosure names."""
    worker = current_worker()
    if worker is None:
        raise Unavailable("No summary worker has started here yet.", code="no_worker")
    if worker.key_hash != asked.worker_key_hash:
        raise Conflict("The worker has another key now. Look at it again.", code="wrong_worker")
    if len(asked.box) > settings.SUMMARY_MOST_BYTES * 4 // 3 + 64:
        raise TooLong
    event = disclosure(room_id, asked.disclose_seq)
    if event is None or event["by"] != user.pk:
        raise Refused("The room's log holds no disclosure of yours there.", code="no_disclosure")
    if event["model"] != worker.model:
        raise Conflict("The log names another model than the worker's.", code="other_model")
    if event["to"] - event["from"] >= settings.SUMMARY_MOST_MESSAGES:
        raise TooLong
    running = SummaryRequest.objects.filter(user=user).exclude(state__in=SummaryRequest.ENDED)
    if running.count() >= AT_ONCE:
        raise Conflict("You have asked for several summaries already.", code="busy")
    if is_spent(room_id):
        raise Spent
    return event["from"], event["to"]


def _send(request: SummaryRequest) -> None:
    """Only the request's id goes through the broker."""
    try:
        queue.send(TASK, [request.id])
    except BrokerAway:
        request.delete()
        raise Unavailable(
            "The server cannot pass this on just now. Nothing was kept: try again shortly."
        ) from None


def cancel(member: Member, rid: str) -> None:
    """Stop a request, or forget one that has ended; its boxes go either way."""
    request = own_request(member, rid)
    if request.state in SummaryRequest.ENDED:
        request.delete()
        return
    end(request, SummaryRequest.CANCELLED, "cancelled", "Cancelled.")


def end(request: SummaryRequest, state: str, code: str, detail: str, answer: str = "") -> bool:
    """Bring a request that has not ended to its end; what was sealed for the worker goes."""
    moved = (
        SummaryRequest.objects.filter(pk=request.pk)
        .exclude(state__in=SummaryRequest.ENDED)
        .update(
            state=state,
            code=code,
            detail=detail,
            answer=answer,
            sealed_key="",
            box="",
            partial="",
            moved_at=datetime.now(UTC),
        )
    )
    if moved:
        taken = datetime.now(UTC) - request.asked_at
        count_ended(state, code, taken.total_seconds())
        pubsub.publish(SummaryChanged(request.room, request.user_id, request.id))
    return bool(moved)


# --- what members share -----------------------------------------------------------------------


def share(member: Member, body: str, sig: str, box: str) -> None:
    """Keep a summary that its asker has sealed for the room.

    Only while the answer that it was made of is there: erasing a message drops the requests over
    it, so that nothing is kept that was read before and is shared afterwards.
    """
    user, room_id = member.user, member.room_id
    require_running(member.room)
    told = wire.parse_body(body, BODY)
    raw = wire.unb64(box)
    if len(raw) > MOST_SHARED:
        raise TooLong
    if wire.b64(sha256(raw).digest()) != told["box"]:
        raise wire.BadWire("the box is another one")
    if told["room"] != room_id or told["uid"] != user.pk or told["a"] > told["b"]:
        raise wire.BadWire("the summary is of another room or person")
    identity = Identity.objects.filter(kid=told["kid"], user=user).first()
    if identity is None:
        raise NotFound
    signatures.verify(bytes(identity.ed25519_key), "summary", body.encode("ascii"), sig)
    event = disclosure(room_id, told["dis"])
    named = (user.pk, told["from"], told["to"])
    if event is None or (event["by"], event["from"], event["to"]) != named:
        raise Refused("The room's log holds no such disclosure.", code="no_disclosure")
    summary = Sealed(
        room=room_id,
        id=told["box"],
        uid=user.pk,
        first=told["from"],
        last=told["to"],
        body=body,
        signature=sig,
        box=box,
        stored_ms=time.time_ns() // 1_000_000,
    )
    with transaction.atomic():
        _answered(user, room_id, told["dis"])
        if get_store().add(summary):
            pubsub.publish(SummaryChanged(room_id, uid="", rid=""))


def _answered(user: User, room_id: str, dis: int) -> None:
    """Lock the request that a summary comes from: who erases one of its messages waits, and then
    finds the summary.
    """
    answered = SummaryRequest.objects.select_for_update().filter(
        room=room_id, user=user, disclose_seq=dis, state=SummaryRequest.DONE
    )
    if answered.first() is None:
        raise Conflict("That request has no answer, or its answer was deleted.", code="no_answer")


# --- ceilings, and tidying ---------------------------------------------------------------------


def is_spent(room_id: str) -> bool:
    """True if a room has reached a ceiling today (UTC)."""
    spent = Spending.objects.filter(room=room_id, day=datetime.now(UTC).date()).first()
    if spent is None:
        return False
    tokens, cost = settings.SUMMARY_TOKENS_PER_DAY, settings.SUMMARY_COST_PER_DAY
    return bool((tokens and spent.tokens >= tokens) or (cost and spent.cost >= cost))


def forget_old() -> int:
    """End what was lost with its worker, delete what is a day old."""
    now = datetime.now(UTC)
    lost = Q(state=SummaryRequest.WORKING, moved_at__lt=now - LOST)
    waited = Q(state=SummaryRequest.QUEUED, moved_at__lt=now - WAITED)
    for request in SummaryRequest.objects.filter(lost | waited):
        end(request, SummaryRequest.FAILED, *INTERRUPTED)
    Spending.objects.filter(day__lt=(now - KEPT * 7).date()).delete()
    return SummaryRequest.objects.filter(asked_at__lt=now - KEPT).delete()[0]
