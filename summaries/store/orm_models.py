"""The embedded engine's table. Only the engine (and the admin, to look) may import this."""

from django.db import models


class SealedSummary(models.Model):
    room = models.CharField(max_length=32)
    sid = models.CharField("id", max_length=43)
    uid = models.CharField(max_length=32)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    body = models.TextField()
    sig = models.CharField(max_length=86)
    box = models.TextField()
    at = models.PositiveBigIntegerField(help_text="ms since 1970")

    class Meta:
        app_label = "summaries"
        db_table = "chat_summaries"
        ordering = ("-at",)
        constraints = [models.UniqueConstraint(fields=["room", "sid"], name="summary_once")]
        indexes = [models.Index(fields=["room", "at"], name="summary_newest")]

    def __str__(self) -> str:
        return f"{self.room} {self.first}-{self.last}"
