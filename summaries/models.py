"""Rows of a summary while it is made: sealed, and not kept for long."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from summaries.store.orm_models import SealedSummary

__all__ = ["SealedSummary", "Spending", "SummaryCount", "SummaryRequest", "SummaryWorker"]


class SummaryWorker(models.Model):
    """A worker's public key, announced by the worker again and again. Of those that were heard
    lately the newest counts.
    """

    key_hash = models.CharField(
        primary_key=True, max_length=43, help_text="b64 SHA-256 of the SPKI"
    )
    spki = models.TextField()
    engine = models.CharField(max_length=20)
    model = models.CharField(max_length=64)
    embedded = models.BooleanField(help_text="in the same process as the web server")
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField(
        db_default=Now(), help_text="the worker's last sign of life, from itself"
    )

    class Meta:
        db_table = "summary_workers"

    def __str__(self) -> str:
        return f"{self.engine} ({self.key_hash})"


class SummaryRequest(models.Model):
    """One request. `sealed_key`, `box` and `partial` go as soon as it has ended; `answer` goes when
    the asker has taken it, or after a day.
    """

    QUEUED, WORKING, DONE, FAILED, CANCELLED = "queued", "working", "done", "failed", "cancelled"
    STATES = [(one, one) for one in (QUEUED, WORKING, DONE, FAILED, CANCELLED)]
    ENDED = (DONE, FAILED, CANCELLED)

    id = models.CharField(primary_key=True, max_length=32)
    room = models.CharField(max_length=32, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="summary_requests"
    )
    worker_key_hash = models.CharField(max_length=43)
    sealed_key = models.TextField(blank=True)
    box = models.TextField(blank=True)
    partial = models.TextField(blank=True, help_text="what is done, under the request's own key")
    answer = models.TextField(blank=True)
    disclose_seq = models.PositiveIntegerField(help_text="seq of the disclose event")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    state = models.CharField(max_length=9, choices=STATES, default=QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=20, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "summary_requests"

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Spending(models.Model):
    """The cost of a room's summaries on one day (UTC), as the engine counted it."""

    room = models.CharField(max_length=32)
    day = models.DateField()
    tokens = models.PositiveBigIntegerField(default=0)
    cost = models.FloatField(default=0.0, help_text="in the currency of the prices set")

    class Meta:
        db_table = "summary_spending"
        constraints = [models.UniqueConstraint(fields=["room", "day"], name="spending_once")]

    def __str__(self) -> str:
        return f"{self.room} {self.day}: {self.tokens}"


class SummaryCount(models.Model):
    """One of the site's numbers (summaries.metrics)."""

    kind = models.CharField(max_length=9)
    code = models.CharField(max_length=20, blank=True)
    many = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "summary_counts"
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="summary_count_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}: {self.many}"
