"""Bars of the charts in the admin, as numbers for an SVG in the page: no script, no style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.template.defaultfilters import filesizeformat

from accounts.activity.days import Day

WIDTH, HEIGHT, GAP = 600, 80, 4  # units of the SVG
DAYS = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: a place in the SVG, and what it says."""

    day: date
    shown: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    bars: list[Bar]
    newest: str
    most: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def known(self) -> list[Bar]:
        """Days on which something was counted, the newest first."""
        return [bar for bar in reversed(self.bars) if bar.shown != NOTHING]


NOTHING = "–"


def charts(days: Sequence[Day]) -> list[Chart]:
    """One for each figure."""
    return [
        _chart("People who were here", days, lambda day: day.people),
        _chart("Messages written", days, lambda day: day.messages),
        _chart("Most sockets at once in one process", days, lambda day: day.sockets),
        _chart("Bytes stored", days, lambda day: day.storage, filesizeformat),
    ]


def _chart(
    title: str,
    days: Sequence[Day],
    figure: Callable[[Day], int | None],
    shown: Callable[[int], str] = str,
) -> Chart:
    values = [figure(day) for day in days]
    most = max((value for value in values if value is not None), default=0)
    step = WIDTH // max(1, len(days))
    bars = []
    for at, (day, value) in enumerate(zip(days, values, strict=True)):
        height = _height(value or 0, most)
        words = NOTHING if value is None else shown(value)
        bars.append(Bar(day.day, words, at * step, HEIGHT - height, step - GAP, height))
    newest = bars[-1].shown if bars else NOTHING
    return Chart(title, bars, newest, shown(most))


def _height(value: int, most: int) -> int:
    """Something is seen of everything that is more than nothing."""
    return max(2, round(HEIGHT * value / most)) if value and most else 0
