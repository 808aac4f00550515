"""One row a day."""

from __future__ import annotations

from django.db import models


class DayFigures(models.Model):
    """Counts of one day (UTC). The row names no person, room or address."""

    day = models.DateField(primary_key=True)
    people = models.PositiveIntegerField(default=0, help_text="people who were here")
    sockets = models.PositiveIntegerField(
        default=0, help_text="open at once, in the process that had the most"
    )
    messages = models.PositiveBigIntegerField(
        null=True, help_text="numbers of the newest messages of all rooms, added up"
    )
    storage = models.PositiveBigIntegerField(default=0, help_text="bytes, as last counted")

    class Meta:
        db_table = "day_figures"

    def __str__(self) -> str:
        return self.day.isoformat()
