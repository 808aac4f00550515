"""Reading that all engines share: the numbers of a page, and the number of a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from chatsite.lib.paging import fitting


class PageSpan(NamedTuple):
    """The range `low` … `high` of a page, and the number that it is nearest to."""

    low: int
    high: int
    nearest: int
    """The numbers most distant from this one are left out first where not all fit."""

    def fitting(self, sizes: Mapping[int, int], most: int) -> list[int]:
        """The numbers to load, without gaps: as many as fit, the nearest first."""
        return fitting(sorted(sizes, key=self._distance), sizes, most)

    def _distance(self, seq: int) -> tuple[int, int]:
        return (abs(seq - self.nearest), -seq)


def page_span(
    *,
    after: int | None,
    before: int | None,
    around: int | None,
    limit: int,
    newest: Callable[[], int],
) -> PageSpan:
    """The numbers of a page.

    Args:
        newest: Returns the room's newest number; called only if no position is given.
    """
    if after is not None:
        return PageSpan(after + 1, after + limit, after)
    if around is not None:
        low = around - limit // 2
        return PageSpan(max(low, 0), low + limit - 1, around)
    end = before if before is not None else newest() + 1
    return PageSpan(max(end - limit, 0), end - 1, end)


def first_since(at: int, first: int, last: int, moments: Callable[[int], int | None]) -> int:
    """The first number in `first` … `last` whose time is not before `at` (ms), 0 if there is none.

    Times ascend with numbers, as far as the clocks of the server's processes agree.

    Args:
        moments: Returns the time of a message in ms; None if it has expired, which counts as
        earliest.
    """
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        moment = moments(middle)
        if moment is not None and moment >= at:
            high = middle
        else:
            low = middle + 1
    return low if 0 < low <= last else 0
