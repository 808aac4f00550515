"""Numbers of summaries and of the bus: kinds and codes, no room, person or word in them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import DatabaseError

from chatsite.lib import metrics
from sotto.api import ApiError
from sotto.client import Client
from summaries import metrics as summary_metrics
from summaries.models import SummaryCount
from tests.client.acting import PASSWORD
from tests.engines.redis import RedisServer
from tests.live import LiveServer
from tests.ops.test_metrics import TOKEN, number, shown
from tests.summaries.acting import SAID, talk
from tests.vectors.making import cast

ENDED = "sotto_summaries_ended_total"


@pytest.fixture
def site(tmp_path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "data", METRICS_TOKEN=TOKEN) as server:
        yield server


def signing_up(site: LiveServer, people: list[Client]):
    async def sign_up(who: str, name: str, **options) -> Client:
        client = await Client(site.url, **options).__aenter__()
        people.append(client)
        await client.account.sign_up(name, PASSWORD, cast()[who].keys)
        return client

    return sign_up


@pytest.mark.slow
async def test_summaries_are_counted_by_what_became_of_them(site):
    people: list[Client] = []
    garden = await talk(signing_up(site, people))
    before = shown(site).text
    assert number(before, "sotto_summaries_asked_total") == 0
    await garden.ada.summaries.request(garden.room)
    with pytest.raises(ApiError, match="too_few"):
        await garden.ben.summaries.request(garden.room, 1, 1)
    after = shown(site).text
    me = garden.ada.me
    told = {garden.room, me.uid, me.name, *(text for _, text in SAID if len(text) > 20)}
    for client in people:
        await client.close()
    assert number(after, "sotto_summaries_asked_total") == 2
    assert number(after, ENDED + '{code="",state="done"}') == 1
    assert number(after, ENDED + '{code="too_few",state="failed"}') == 1
    assert number(after, "sotto_summary_seconds_count") == 2
    assert number(after, 'sotto_summary_seconds_bucket{le="+Inf"}') == 2
    assert number(after, "sotto_summary_seconds_sum") > 0
    lines = "\n".join(line for line in after.splitlines() if "summar" in line and line[0] != "#")
    labels = set(re.findall(r'(\w+)="', lines))
    assert labels <= {"code", "state", "le", "method", "route", "status"}
    assert not any(one in after for one in told)


@pytest.mark.slow
async def test_the_bus_that_does_not_take_events_is_counted(tmp_path: Path):
    with ExitStack() as stack:
        redis = RedisServer(tmp_path)
        redis.start()
        stack.callback(redis.stop)
        site = stack.enter_context(
            LiveServer(tmp_path / "data", METRICS_TOKEN=TOKEN, REDIS_URL=redis.url)
        )
        people: list[Client] = []
        ada = await signing_up(site, people)("ada", "ada.bus")
        room = await ada.rooms.create("Garden")
        await ada.messages.send(room, "one")
        name = 'sotto_failures_total{part="bus"}'
        assert number(shown(site).text, name) == 0
        redis.stop()
        async with asyncio.timeout(60):
            await ada.messages.send(room, "two")
            while number(shown(site).text, name) < 1:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        for client in people:
            await client.close()


@pytest.mark.django_db
def test_the_buckets_add_up():
    for seconds in (0.2, 1, 59.5, 10_000, -3):
        summary_metrics.count_ended("done", "", seconds)
    [histogram] = [
        m for m in summary_metrics.Counts().collect() if m.name == "sotto_summary_seconds"
    ]
    levels = {s.labels["le"]: s.value for s in histogram.samples if "le" in s.labels}
    assert (levels["1"], levels["20"], levels["60"], levels["600"], levels["+Inf"]) == (
        3,
        3,
        4,
        4,
        5,
    )
    [total] = [s.value for s in histogram.samples if s.name.endswith("_sum")]
    assert total == pytest.approx(10_060.7)


@pytest.mark.django_db
def test_numbers_that_cannot_be_read_cost_no_others(monkeypatch):
    def fails(*_, **__):
        raise DatabaseError("canary words of a driver")

    monkeypatch.setattr(SummaryCount.objects, "values_list", fails)
    monkeypatch.setattr(SummaryCount.objects, "get_or_create", fails)
    summary_metrics.count_asked()
    names = {family.name for family in metrics.registry.collect()}
    assert "sotto_messages" in names
    assert "sotto_summaries_asked" not in names
