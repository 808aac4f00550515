"""The table of signals. Without foreign keys, as the audit log: an entry outlives what it names."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.intrusion.kinds import KINDS, Kind, kind_of


class IntrusionSignal(models.Model):
    """One signal: its kind, whom or what network it concerns, and what was done."""

    NONE, WAITING, SENT, FAILED = "", "waiting", "sent", "failed"
    ALERT_STATES = ((NONE, "no receiver"), (WAITING, "waiting"), (SENT, "sent"), (FAILED, "failed"))

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(
        max_length=40, choices=[(name, kind.words) for name, kind in KINDS.items()]
    )
    severity = models.CharField(max_length=8)
    network = models.CharField(max_length=64, blank=True, help_text="never a whole address")
    person = models.CharField(max_length=32, blank=True, help_text="uid of the account")
    slowed_until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    webhook = models.CharField(
        "alert by webhook", max_length=7, choices=ALERT_STATES, blank=True, default=NONE
    )
    mail = models.CharField(
        "alert by mail", max_length=7, choices=ALERT_STATES, blank=True, default=NONE
    )

    class Meta:
        db_table = "intrusion_signals"
        verbose_name = "signal of intrusion"
        verbose_name_plural = "signals of intrusion"
        indexes = [models.Index(fields=["at"], name="signal_by_time")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.about.words}"

    @property
    def about(self) -> Kind:
        return kind_of(self.kind)

    @property
    def slows(self) -> bool:
        """True while the network is slowed down because of this."""
        return (
            self.slowed_until is not None
            and self.lifted_at is None
            and self.slowed_until > timezone.now()
        )
