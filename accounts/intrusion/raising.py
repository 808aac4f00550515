"""Counts what may be an attack, and raises a signal where a threshold is reached."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.audit.recording import record
from accounts.intrusion import alerts, slow_down
from accounts.intrusion.kinds import Kind
from accounts.intrusion.models import IntrusionSignal
from chatsite.lib import metrics
from chatsite.lib.windows import get_windows

log = logging.getLogger(__name__)


def signal(kind: Kind, *, network: str = "", person: str = "", member: str = "") -> None:
    """Count one thing that happened, outside of transactions that may be rolled back.

    It is counted for the person, if there is one, else for the network.

    Args:
        network: as `accounts.user_agents` cuts addresses; empty if it is not known.
        person: uid of the account.
        member: equal for things that count as one, such as failures of one user name; the
            counter keeps it for the window: a secret or a name has to be hashed before.
    """
    many, seconds = settings.SIGNALS[kind.name]
    member = member or secrets.token_hex(8)
    key = f"{kind.name}:{person or network}"
    if many == 1:  # each counts, and the same one once
        key = f"{key}:{member}"
    if get_windows().reached(key, member, many, seconds):
        _raise(kind, network, person)


def _raise(kind: Kind, network: str, person: str) -> None:
    """Whatever fails here, the request goes on."""
    metrics.signals.labels(kind.name).inc()
    try:
        raised = _keep(kind, network, person)
    except DatabaseError as error:
        metrics.failures.labels("signals").inc()
        log.warning("signal.lost kind=%s %s", kind.name, type(error).__name__)
        return
    log.warning("signal.raised kind=%s severity=%s id=%d", kind.name, kind.severity, raised.pk)
    if raised.slowed_until is not None:
        slow_down.publish()


@transaction.atomic
def _keep(kind: Kind, network: str, person: str) -> IntrusionSignal:
    slows = kind.slows and not person and slow_down.may_be_slowed(network)
    until = timezone.now() + timedelta(seconds=kind.slows) if slows else None
    raised = IntrusionSignal.objects.create(
        kind=kind.name,
        severity=kind.severity,
        network=network,
        person=person,
        slowed_until=until,
        **alerts.first_states(kind),
    )
    if until is not None:
        record("network.slowed", network=network, signal=raised.pk, seconds=kind.slows)
    alerts.send_later(raised)
    return raised
