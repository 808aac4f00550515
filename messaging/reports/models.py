"""Reports of abuse, their sealed keys, and the site's report keys."""

from __future__ import annotations

from typing import Any

from django.db import models

ROOM = "room"
"""`receiver` of a report to a room's leaders; of others it is the hash of a report key."""


class ReportKey(models.Model):
    """The public half of a key that administrators hold in their browsers. The newest is in use; a
    browser that has an older one opens what was sealed to it.
    """

    key_hash = models.CharField(primary_key=True, max_length=43)
    spki = models.CharField(max_length=563)
    maker = models.CharField(max_length=32, help_text="uid")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "messaging"
        db_table = "report_keys"

    def __str__(self) -> str:
        return self.key_hash


class Report(models.Model):
    """A report as it was signed, with the row that it is about. People are uids only: a report
    outlives their accounts, their membership and the message.
    """

    OPEN, DISMISSED = "open", "dismissed"
    IN_ROOM = (DISMISSED, "erased", "removed", "banned")
    AT_SITE = (DISMISSED, "disabled", "stopped")
    STATES = tuple(
        (one, one)
        for one in (OPEN, DISMISSED, "erased", "removed", "banned", "disabled", "stopped")
    )

    id = models.CharField(primary_key=True, max_length=32)
    room = models.CharField(max_length=32, help_text="id")
    receiver = models.CharField(max_length=43, help_text="`room`, or the hash of a report key")
    reporter = models.CharField(max_length=32, help_text="uid")
    author = models.CharField(max_length=32, help_text="uid, of the message")
    seq = models.PositiveBigIntegerField("message", help_text="its number in the room")
    message_id = models.CharField(max_length=43)
    body = models.TextField()
    signature = models.CharField(max_length=86)
    box = models.TextField()
    row = models.JSONField(help_text="the message, sealed as it was sent")
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    made_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handler = models.CharField(max_length=32, blank=True, help_text="uid")

    class Meta:
        app_label = "messaging"
        db_table = "reports"
        indexes = [
            models.Index(fields=["room", "receiver", "made_at"], name="report_of_room"),
            models.Index(fields=["made_at"], name="report_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "message_id", "receiver"], name="report_once"
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def to_room(self) -> bool:
        return self.receiver == ROOM

    def as_dict(self, key: str) -> dict[str, Any]:
        """The report as its reader gets it. `key`: the one that is sealed to them."""
        told = {"body": self.body, "sig": self.signature, "box": self.box}
        return {**told, "key": key, "row": self.row}


class SealedReportKey(models.Model):
    """The key of a report's box, sealed to one reader."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="keys")
    to = models.CharField(max_length=43, help_text="kid of a leader, or the hash of a report key")
    ciphertext = models.CharField(max_length=512)

    class Meta:
        app_label = "messaging"
        db_table = "report_sealed_keys"
        constraints = [models.UniqueConstraint(fields=["report", "to"], name="report_key_once")]
