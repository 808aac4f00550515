"""Chores that beat sends every hour."""

from __future__ import annotations

from io import StringIO

from celery import shared_task
from django.core.management import call_command


@shared_task(name="tidy", ignore_result=True)
def tidy() -> None:
    call_command("tidy", stdout=StringIO())
