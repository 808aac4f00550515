"""Tables of the audit log. They have no foreign keys: an entry outlives what it names."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

NOTHING_BEFORE = "0" * 64
"""The hash before the first entry."""


class AuditEntry(models.Model):
    """One thing that happened, told in ids, numbers and words of fixed lists.

    It is written unsealed, in the transaction of what it records. `accounts.audit.sealing` gives it
    its `number` and `hash` once; nothing changes it afterwards.
    """

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=40)
    actor = models.CharField(
        max_length=32, blank=True, help_text="uid of who did it; empty for a command"
    )
    account = models.CharField(max_length=32, blank=True, help_text="uid of whom it concerns")
    room = models.CharField(max_length=32, blank=True, help_text="id")
    seq = models.PositiveBigIntegerField(
        "event of the room's log", null=True, blank=True, help_text="its number there"
    )
    network = models.CharField(max_length=64, blank=True, help_text="never a whole address")
    facts = models.JSONField(default=dict)
    number = models.PositiveBigIntegerField(
        null=True, blank=True, unique=True, help_text="place in the chain; empty until sealed"
    )
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_entries"
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(number=None, hash="")
                | (Q(number__isnull=False, number__gte=1) & ~Q(hash="")),
                name="audit_entry_has_number_and_hash_or_neither",
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(number=None), name="audit_unsealed"),
            models.Index(fields=["account", "at"], name="audit_by_account"),
            models.Index(fields=["kind", "at"], name="audit_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.number or 'unsealed'}: {self.kind}"


class PendingEvent(models.Model):
    """An entry that `accounts.event_webhook` has yet to deliver, written beside it."""

    entry = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "pending_events"


class AuditHead(models.Model):
    """Both ends of the chain: the newest sealed entry, and the newest that retention deleted.

    There is one row. The sealer locks it, so that one process seals at a time.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=NOTHING_BEFORE)
    base_number = models.PositiveBigIntegerField(default=0)
    base_hash = models.CharField(max_length=64, default=NOTHING_BEFORE)

    class Meta:
        db_table = "audit_head"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="audit_head_is_one_row"),
            models.CheckConstraint(
                condition=Q(base_number__lte=models.F("number")), name="audit_base_before_head"
            ),
        ]

    @classmethod
    def locked(cls) -> AuditHead:
        """The row, locked until the transaction ends."""
        cls.objects.get_or_create(pk=cls.ONLY)
        return cls.objects.select_for_update().get(pk=cls.ONLY)


class FailedSignIns(models.Model):
    """Failed sign-ins from one network in one hour, counted until the hour is over: then they
    become one entry.
    """

    network = models.CharField(max_length=64)
    hour = models.DateTimeField()
    many = models.PositiveIntegerField()

    class Meta:
        db_table = "audit_failed_sign_ins"
        constraints = [
            models.UniqueConstraint(fields=["network", "hour"], name="failed_sign_ins_once")
        ]
