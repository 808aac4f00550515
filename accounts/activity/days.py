"""Keeps the figures of days, and returns those of the last ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.activity.models import DayFigures

KEPT_FOR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of one day; None where nothing was counted."""

    day: date
    people: int | None = None
    messages: int | None = None
    sockets: int | None = None
    storage: int | None = None


def note(*, people: int, sockets: int, storage: int) -> None:
    """Add a sample to today's row: the most people and sockets, the newest storage."""
    day = _today()
    DayFigures.objects.get_or_create(day=day)
    DayFigures.objects.filter(day=day).update(
        people=Greatest(F("people"), people),
        sockets=Greatest(F("sockets"), sockets),
        storage=storage,
    )


def note_messages(total: int) -> None:
    """Note how many messages there have ever been, as counted now."""
    DayFigures.objects.update_or_create(day=_today(), defaults={"messages": total})


def last_days(many: int) -> list[Day]:
    """The last `many` days, the oldest first, today included.

    Messages of a day are the difference of two counts: where the day before has none, neither has
    this one.
    """
    today = _today()
    first = today - timedelta(days=many - 1)
    rows = {row.day: row for row in DayFigures.objects.filter(day__gte=first - timedelta(days=1))}
    return [_day(first + timedelta(days=at), rows) for at in range(many)]


def _day(day: date, rows: dict[date, DayFigures]) -> Day:
    row, before = rows.get(day), rows.get(day - timedelta(days=1))
    if row is None:
        return Day(day)
    counted = row.messages is not None and before is not None and before.messages is not None
    written = max(0, row.messages - before.messages) if counted else None  # type: ignore[operator, union-attr]
    return Day(day, row.people, written, row.sockets, row.storage)


def forget_old() -> int:
    """Delete rows of more than KEPT_FOR ago."""
    return DayFigures.objects.filter(day__lt=_today() - KEPT_FOR).delete()[0]


def _today() -> date:
    return timezone.now().date()
