"""Alerts about signals, by webhook and by mail: ids, a kind and a time; nothing that anybody wrote,
no name and no network.

Celery delivers each by itself, with bounded retries; `chatsite.tasks` has the task. The signal's
row says what waits, so that an alert whose task got lost is passed on again.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from accounts.intrusion import webhook
from accounts.intrusion.kinds import Kind
from accounts.intrusion.models import IntrusionSignal
from accounts.intrusion.webhook import Refused, TryAgain
from chatsite.lib import metrics, ratelimit
from chatsite.lib.task_queue import BrokerAway, queue

TASK = "alert"
WAITS = (10, 60, 300, 600, 600)  # seconds before each further try
MOST, SECONDS = 12, 3600
"""Alerts of one kind of signal in so many seconds: a flood of one mutes no other. Signals above
that are on the page in the admin alone."""
LOST_AFTER = timedelta(seconds=sum(WAITS)) + timedelta(minutes=10)
"""After this a task has sent what it had to send, given up, or is lost."""
GIVEN_UP_AFTER = timedelta(days=1)
AT_ONCE = 1000  # that are passed on again in one go

TEXT = """{about}

kind: {kind}
severity: {severity}
signal: {id}
account: {person}
at: {at}

{address}
"""
log = logging.getLogger(__name__)


def channels() -> list[str]:
    """The ways by which this site tells its operator: of `webhook` and `mail`."""
    given = {"webhook": settings.ALERT_WEBHOOK, "mail": settings.ALERT_MAIL}
    return [name for name, value in given.items() if value]


def first_states(kind: Kind) -> dict[str, str]:
    """The states in which a new signal's alerts begin, by channel."""
    to = channels()
    if to and ratelimit.allow(f"rate_limit:site:alerts:{kind.name}", MOST, SECONDS):
        metrics.limited.labels("alerts").inc()
        return {}
    return dict.fromkeys(to, IntrusionSignal.WAITING)


def send_later(raised: IntrusionSignal) -> None:
    """Pass the alerts of a signal on to Celery once it is committed."""
    for channel in channels():
        if getattr(raised, channel) == IntrusionSignal.WAITING:
            transaction.on_commit(partial(_pass_on, raised.pk, channel))


def _pass_on(pk: int, channel: str) -> None:
    try:
        queue.send(TASK, [pk, channel])
    except BrokerAway as error:  # `resume` finds it
        log.warning("alert.late channel=%s id=%d %s", channel, pk, error.code)


def resume(lost_after: timedelta = LOST_AFTER) -> None:
    """Pass on again what has waited for `lost_after`: a process or a broker ended before it was
    sent. What has waited for GIVEN_UP_AFTER has failed.
    """
    now = timezone.now()
    for channel in _SENDERS:
        waiting = IntrusionSignal.objects.filter(**{channel: IntrusionSignal.WAITING})
        for pk in waiting.filter(at__lt=now - GIVEN_UP_AFTER).values_list("pk", flat=True):
            _end(pk, channel, IntrusionSignal.FAILED, "lost")
        lost = waiting.filter(at__lte=now - lost_after).order_by("pk")
        for pk in lost.values_list("pk", flat=True)[:AT_ONCE]:
            _pass_on(pk, channel)


def deliver(pk: int, channel: str, tries: int) -> int | None:
    """Send one alert, once: a task may come twice.

    Args:
        tries: the number of tries before this one.

    Returns:
        Seconds after which to try again; None if it was sent, or will not be.
    """
    waiting = {channel: IntrusionSignal.WAITING}
    raised = IntrusionSignal.objects.filter(pk=pk, **waiting).first()
    if raised is None or channel not in channels():
        return None
    try:
        _SENDERS[channel](raised)
    except Refused as refusal:
        _end(pk, channel, IntrusionSignal.FAILED, refusal.code)
    except TryAgain as error:
        if tries < len(WAITS):
            return WAITS[tries]
        _end(pk, channel, IntrusionSignal.FAILED, error.code)
    else:
        _end(pk, channel, IntrusionSignal.SENT)
    return None


def _end(pk: int, channel: str, state: str, reason: str = "") -> None:
    IntrusionSignal.objects.filter(pk=pk).update(**{channel: state})
    if state == IntrusionSignal.FAILED:
        metrics.failures.labels("alert").inc()
        log.warning("alert.failed channel=%s id=%d %s", channel, pk, reason)


def body_of(raised: IntrusionSignal) -> dict[str, Any]:
    """The facts of an alert."""
    return {
        "v": 1,
        "id": raised.pk,
        "kind": raised.kind,
        "severity": raised.severity,
        "account": raised.person,
        "at": raised.at.isoformat(timespec="seconds"),
        "site": settings.PUBLIC_URL,
    }


def _post(raised: IntrusionSignal) -> None:
    body = json.dumps(body_of(raised), separators=(",", ":")).encode()
    webhook.post(settings.ALERT_WEBHOOK, body, settings.ALERT_WEBHOOK_SECRET)


def _mail(raised: IntrusionSignal) -> None:
    address = f"{settings.PUBLIC_URL}/admin/accounts/intrusionsignal/{raised.pk}/change/"
    facts = {**body_of(raised), "person": raised.person or "none", "about": raised.about.about}
    message = EmailMessage(
        f"Sotto: {raised.severity}: {raised.kind}",
        TEXT.format(address=address, **facts),
        to=settings.ALERT_MAIL,
    )
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        message.send()
    except Exception as error:  # its text may name addresses
        raise TryAgain(type(error).__name__) from None


_SENDERS = {"webhook": _post, "mail": _mail}
