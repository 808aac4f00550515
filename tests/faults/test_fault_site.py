"""Two web processes on PostgreSQL, MongoDB's protocol and Redis, and each of them fails in turn
while twenty people write: nothing that was acknowledged is lost, nothing is there twice.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.engines.site import Site, site_of_two
from tests.faults.storm import EACH, Trouble, storm

pytestmark = pytest.mark.slow

AWAY = 5.0  # seconds
TOKEN = secrets.token_urlsafe(24)
TIMES = 5  # that a trouble comes


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with site_of_two(tmp_path_factory.mktemp("site"), LOG_LEVEL="INFO") as running:
        yield running


def away(stop: Callable[[], object], start: Callable[[], object], seconds: float) -> Trouble:
    async def trouble() -> None:
        await asyncio.to_thread(stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(start)

    return trouble


async def test_fault_store_mongo_and_postgres_a_process_of_two_is_killed(site: Site):
    killed = [
        away(lambda one=server: one.stop(signal.SIGKILL), server.start, 0)  # type: ignore[misc]
        for server in (site.left, site.right)
    ]
    await storm(site.urls, EACH, *killed * TIMES)


async def test_fault_redis_restarts_empty(site: Site):
    restarted = away(site.redis.stop, site.redis.start, 1.0)
    await storm(site.urls, EACH, *[restarted, restarted] * TIMES)


async def test_fault_store_mongo_is_away(site: Site):
    killed = away(site.mongo.stop, site.mongo.start, AWAY)
    still = away(site.mongo.stand_still, site.mongo.go_on, AWAY)
    await storm(site.urls, EACH, *[killed, still] * TIMES)


async def test_fault_store_postgres_is_away(site: Site):
    cut_off = away(site.postgres.stop, site.postgres.start, AWAY)
    await storm(site.urls, EACH, *[cut_off] * TIMES)


async def test_fault_half_of_the_bus_events_are_lost(tmp_path):
    settings = {"DJANGO_SETTINGS_MODULE": "tests.faults.deaf", "METRICS_TOKEN": TOKEN}
    settings["LOG_LEVEL"] = "INFO"
    with site_of_two(tmp_path, **settings) as deaf:
        await storm(deaf.urls, EACH)
        assert all([await repairs(url) > 0 for url in deaf.urls]), "they did get lost"


async def repairs(url: str) -> float:
    """How often a process has read from the store what no event had brought."""
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        found = await http.get(f"{url}/metrics")
    (line,) = re.findall(r"^sotto_repairs_total (\S+)$", found.text, re.M)
    return float(line)
