"""Chores that beat sends, hourly tidying and sealing the audit log; and alerts to the operator."""

from __future__ import annotations

from io import StringIO
from typing import Any

from celery import Task, shared_task
from django.core.management import call_command
from django.db import close_old_connections

from accounts import event_webhook
from accounts.audit.sealing import seal as seal_audit_log
from accounts.intrusion import alerts
from accounts.sso.checking import check_due


@shared_task(name="tidy", ignore_result=True)
def tidy() -> None:
    call_command("tidy", stdout=StringIO(), by_hand=False)


@shared_task(name="seal", ignore_result=True)
def seal() -> None:
    """Seal the audit log where no web process of ours does it, such as under another server."""
    seal_audit_log()


@shared_task(name="sso", ignore_result=True)
def check_sso() -> None:
    """Ask the provider about people again where no web process of ours does it."""
    try:
        check_due()
    finally:
        close_old_connections()


@shared_task(name=alerts.TASK, bind=True, ignore_result=True, max_retries=len(alerts.WAITS))
def alert(task: Task[Any, None], pk: int, channel: str) -> None:
    """Send the alert about a signal. Only its id goes through the broker."""
    try:
        again = alerts.deliver(pk, channel, task.request.retries)
    finally:
        close_old_connections()
    if again is not None:
        raise task.retry(countdown=again)


@shared_task(name=event_webhook.TASK, bind=True, ignore_result=True, max_retries=len(alerts.WAITS))
def post_event(task: Task[Any, None], pk: int) -> None:
    """Post an entry of the audit log to the operator's receiver. Only its id goes through the
    broker.
    """
    try:
        again = event_webhook.deliver(pk, task.request.retries)
    finally:
        close_old_connections()
    if again is not None:
        raise task.retry(countdown=again)
