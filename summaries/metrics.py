"""Counts requested summaries and their outcomes, for /metrics.

Workers are processes of their own, and what they count in memory nobody would ask for: the
numbers are the site's, in its database, and every web process shows the same. Kinds and codes
only: no room, no person, no word.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from django.db import DatabaseError, transaction
from django.db.models import F
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from chatsite.lib import metrics
from summaries.models import SummaryCount

ASKED, WITHIN, SECONDS = "asked", "within", "seconds"
BUCKETS = (1, 2, 5, 10, 20, 60, 120, 300, 600)  # seconds
BEYOND = "+Inf"
log = logging.getLogger(__name__)


def count_asked() -> None:
    _add({(ASKED, ""): 1})


def count_ended(state: str, code: str, seconds: float) -> None:
    """A request came to its end, so long after it was asked for."""
    bucket = next((str(most) for most in BUCKETS if seconds <= most), BEYOND)
    _add({(state, code): 1, (WITHIN, bucket): 1, (SECONDS, ""): max(0, round(seconds * 1000))})


def _add(numbers: dict[tuple[str, str], int]) -> None:
    """A number that cannot be kept costs nobody a summary."""
    try:
        with transaction.atomic():
            for (kind, code), many in sorted(numbers.items()):
                row, _ = SummaryCount.objects.get_or_create(kind=kind, code=code)
                SummaryCount.objects.filter(pk=row.pk).update(many=F("many") + many)
    except DatabaseError as error:
        log.warning("summary.not_counted %s", type(error).__name__)


class Counts(Collector):
    def describe(self) -> Iterable[Metric]:
        return []  # asked at the start, when there may be no tables yet

    def collect(self) -> Iterable[Metric]:
        try:
            rows = SummaryCount.objects.values_list("kind", "code", "many")
            found = {(kind, code): many for kind, code, many in rows}
        except DatabaseError as error:
            log.warning("summary.counts_unread %s", type(error).__name__)
            return []
        return [*_totals(found), _histogram(found)]


def _totals(found: dict[tuple[str, str], int]) -> list[Metric]:
    asked = CounterMetricFamily("sotto_summaries_asked", "Summaries asked for, of the whole site")
    asked.add_metric([], found.get((ASKED, ""), 0))
    ended = CounterMetricFamily(
        "sotto_summaries_ended",
        "What became of them, and of those that failed why",
        labels=["state", "code"],
    )
    for (kind, code), many in sorted(found.items()):
        if kind not in (ASKED, WITHIN, SECONDS):
            ended.add_metric([kind, code], many)
    return [asked, ended]


def _histogram(found: dict[tuple[str, str], int]) -> Metric:
    within = Counter({code: many for (kind, code), many in found.items() if kind == WITHIN})
    buckets, many = [], 0
    for bound in (*map(str, BUCKETS), BEYOND):
        many += within[bound]
        buckets.append((bound, float(many)))
    family = HistogramMetricFamily("sotto_summary_seconds", "From being asked for to the end")
    family.add_metric([], buckets, found.get((SECONDS, ""), 0) / 1000)
    return family


def show() -> None:
    metrics.registry.register(Counts())
