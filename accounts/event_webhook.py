"""Outgoing webhooks: what the audit log records is posted to the operator's receiver, signed.

The body has ids, a kind and a time: nothing that anybody wrote, no name and no network. Celery
delivers each by itself, with the tries of alerts; `chatsite.tasks` has the task.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

from accounts.audit.models import AuditEntry
from accounts.intrusion import webhook
from accounts.intrusion.alerts import WAITS
from accounts.intrusion.webhook import Refused, TryAgain
from chatsite.lib import metrics

TASK = "event_webhook"
KINDS = ("account.", "bot.", "report.", "room.")
"""Beginnings of the kinds that are posted. Sign-ins are not: they would tell who is there when."""
log = logging.getLogger(__name__)


def send_later(entry: AuditEntry) -> None:
    """Pass an entry on to Celery once it is committed, where this site has a receiver for it."""
    if settings.EVENT_WEBHOOK and entry.kind.startswith(KINDS) and _is_wanted(entry.room):
        transaction.on_commit(partial(_pass_on, entry.pk))


def _is_wanted(room: str) -> bool:
    """True for all that concerns a room that is posted about; for everything without a list."""
    return not settings.EVENT_WEBHOOK_ROOMS or room in settings.EVENT_WEBHOOK_ROOMS


def _pass_on(pk: int) -> None:
    try:
        current_app.send_task(TASK, [pk])
    except Exception as error:  # any broker's: the entry stands in the audit log
        _failed(pk, type(error).__name__)


def deliver(pk: int, tries: int) -> int | None:
    """Post one entry. It may come twice: receivers take an id once.

    Args:
        tries: the number of tries before this one.

    Returns:
        Seconds after which to try again; None if it was sent, or will not be.
    """
    entry = AuditEntry.objects.filter(pk=pk).first()
    if entry is None or not settings.EVENT_WEBHOOK:
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
    return None


def _failed(pk: int, reason: str) -> None:
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
