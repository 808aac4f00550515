"""Chores that beat sends: hourly tidying, and sealing the audit log."""

from __future__ import annotations

from io import StringIO

from celery import shared_task
from django.core.management import call_command

from accounts.audit.sealing import seal as seal_audit_log


@shared_task(name="tidy", ignore_result=True)
def tidy() -> None:
    call_command("tidy", stdout=StringIO())


@shared_task(name="seal", ignore_result=True)
def seal() -> None:
    """Seal the audit log where no web process of ours does it, such as under another server."""
    seal_audit_log()
