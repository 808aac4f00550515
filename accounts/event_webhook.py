"""Outgoing webhooks: what the audit log records is posted to the operator's receiver, signed.

The body has ids, a kind and a time: nothing that anybody wrote, no name and no network. Celery
delivers each by itself, with the tries of alerts; `chatsite.tasks` has the task. A row of
`PendingEvent` stands for each that is not delivered yet, so that one whose task got lost is passed
on again.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.models import AuditEntry, PendingEvent
from accounts.intrusion import webhook
from accounts.intrusion.alerts import AT_ONCE, GIVEN_UP_AFTER, LOST_AFTER, WAITS
from accounts.intrusion.webhook import Refused, TryAgain
from chatsite.lib import metrics
from chatsite.lib.task_queue import BrokerAway, queue

TASK = "event_webhook"
KINDS = ("account.", "bot.", "report.", "room.")
"""Beginnings of the kinds that are posted. Sign-ins are not: they would tell who is there when."""
log = logging.getLogger(__name__)


def send_later(entry: AuditEntry) -> None:
    """Pass an entry on to Celery once it is committed, where this site has a receiver for it. Call
    it in the transaction that writes the entry.
    """
    if settings.EVENT_WEBHOOK and entry.kind.startswith(KINDS) and _is_wanted(entry.room):
        PendingEvent.objects.create(entry=entry.pk)
        transaction.on_commit(partial(_pass_on, entry.pk))


def _is_wanted(room: str) -> bool:
    """True for all that concerns a room that is posted about; for everything without a list."""
    return not settings.EVENT_WEBHOOK_ROOMS or room in settings.EVENT_WEBHOOK_ROOMS


def _pass_on(pk: int) -> None:
    try:
        queue.send(TASK, [pk])
    except BrokerAway as error:  # `resume` finds it
        log.warning("event_webhook.late id=%d %s", pk, error.code)


def resume(lost_after: timedelta = LOST_AFTER) -> None:
    """Pass on again what has waited for `lost_after`, as `alerts.resume` does."""
    if not settings.EVENT_WEBHOOK:
        PendingEvent.objects.all().delete()
        return
    now = timezone.now()
    old = PendingEvent.objects.filter(at__lt=now - GIVEN_UP_AFTER)
    for pk in old.values_list("pk", flat=True):
        _failed(pk, "lost")
    lost = PendingEvent.objects.filter(at__lte=now - lost_after).order_by("pk")
    for pk in lost.values_list("pk", flat=True)[:AT_ONCE]:
        _pass_on(pk)


def deliver(pk: int, tries: int) -> int | None:
    """Post one entry. It may come twice: receivers take an id once.

    Args:
        tries: the number of tries before this one.

    Returns:
        Seconds after which to try again; None if it was sent, or will not be.
    """
    pending = PendingEvent.objects.filter(pk=pk)
    entry = AuditEntry.objects.filter(pk=pk).first() if pending.exists() else None
    if entry is None or not settings.EVENT_WEBHOOK:
        pending.delete()
        return None
    body = json.dumps(body_of(entry), separators=(",", ":")).encode()
    try:
        webhook.post(settings.EVENT_WEBHOOK, body, settings.EVENT_WEBHOOK_SECRET)
    except Refused as refusal:
        _failed(pk, refusal.code)
    except TryAgain as error:
        if tries < len(WAITS):
            return WAITS[tries]
        _failed(pk, error.code)
    else:
        pending.delete()
    return None


def _failed(pk: int, reason: str) -> None:
    """Give an event up; its entry stays in the audit log."""
    PendingEvent.objects.filter(pk=pk).delete()
    metrics.failures.labels("event_webhook").inc()
    log.warning("event_webhook.failed id=%d %s", pk, reason)


def body_of(entry: AuditEntry) -> dict[str, Any]:
    """The facts of an entry that leave the site: ids alone."""
    return {
        "v": 1,
        "id": entry.pk,
        "kind": entry.kind,
        "room": entry.room,
        "seq": entry.seq,
        "account": entry.account,
        "by": entry.actor,
        "at": entry.at.isoformat(timespec="seconds"),
        "site": settings.PUBLIC_URL,
    }
