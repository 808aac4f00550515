"""The embedded engine's table. Only the engine (and the admin, to look) may import this."""

from django.db import models


class SealedSummary(models.Model):
    room = models.CharField(max_length=32)
    summary_id = models.CharField(max_length=43, help_text="b64 SHA-256 of the box")
    uid = models.CharField(max_length=32)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    body = models.TextField()
    signature = models.CharField(max_length=86)
    box = models.TextField()
    stored_ms = models.PositiveBigIntegerField(help_text="ms since 1970")

    class Meta:
        app_label = "summaries"
        db_table = "chat_summaries"
        ordering = ("-stored_ms",)
        constraints = [models.UniqueConstraint(fields=["room", "summary_id"], name="summary_once")]
        indexes = [models.Index(fields=["room", "stored_ms"], name="summary_newest")]

    def __str__(self) -> str:
        return f"{self.room} {self.first}-{self.last}"
