"""Workers that start before the tables exist, and workers that are gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event

import httpx2
import pytest
from django.db import OperationalError

from summaries.models import SummaryWorker
from summaries.selectors import HEARD_FOR, current_worker
from summaries.worker import tasks
from tests.deploy.processes import Process
from tests.deploy.starting import CONFIG
from tests.engines.redis import RedisServer
from tests.live import SECRET_KEY, LiveServer


@pytest.fixture
def redis(tmp_path):
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["worker", "beat"])
def test_fault_a_worker_that_starts_before_the_tables_waits_for_them(tmp_path, redis, name):
    shared = {"REDIS_URL": redis.url, "SECRET_KEY": SECRET_KEY}
    server = LiveServer(tmp_path / "data", **shared)
    alive = tmp_path / "alive"
    early = Process(name, tmp_path, {**server.environment, "ALIVE_FILE": str(alive)})
    early.start()
    try:
        wait_for(lambda: "Waiting for a web process" in early.log.read_text())
        assert not alive.exists()
        with server:
            early.wait()  # its healthcheck finds it well
            if name == "worker":
                wait_for(lambda: announced(server) == 1)
    finally:
        early.stop()
    assert "Traceback" not in early.log.read_text()


def wait_for(true) -> None:
    """Until it is; the test's own patience is that of a start."""
    from tests.live import START_WITHIN

    for _ in range(START_WITHIN * 5):
        if true():
            return
        Event().wait(0.2)
    raise AssertionError("it did not come")


def announced(server: LiveServer) -> int:
    import sqlite3

    with sqlite3.connect(server.data / "sotto.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM summary_workers").fetchone()
    return int(count)


@pytest.mark.slow
def test_fault_a_worker_with_a_key_that_cannot_be_used_ends_with_one_line(tmp_path, redis):
    shared = {"REDIS_URL": redis.url, "SECRET_KEY": SECRET_KEY}
    with LiveServer(tmp_path / "data", **shared) as server:
        assert httpx2.get(f"{server.url}/healthz").status_code == 200
        process = Process("worker", tmp_path, {**server.environment, "SUMMARY_KEY": "no pem"})
        process.start()
        code = process.ended()
    assert code == CONFIG
    assert "SUMMARY_KEY is not an RSA key" in process.log.read_text()
    assert "no pem" not in process.log.read_text()


@pytest.mark.django_db
def test_a_worker_that_was_not_heard_lately_is_not_offered():
    now = datetime.now(UTC)
    tasks.announce(embedded=False, started_at=now - timedelta(days=30))
    assert current_worker() is not None
    SummaryWorker.objects.update(heard_at=now - HEARD_FOR - timedelta(seconds=1))
    assert current_worker() is None
    tasks.announce(embedded=False, started_at=now - timedelta(days=30))
    assert current_worker() is not None, "it announces itself again"


@pytest.mark.django_db
def test_of_two_workers_the_one_that_started_last_stays_in_front():
    now = datetime.now(UTC)
    SummaryWorker.objects.create(
        key_hash="n" * 43,
        spki="",
        engine="x",
        model="",
        embedded=False,
        started_at=now,
        heard_at=now,
    )
    tasks.announce(embedded=False, started_at=now - timedelta(hours=1))
    found = current_worker()
    assert found is not None
    assert found.key_hash == "n" * 43


@pytest.mark.django_db
def test_fault_a_database_that_is_away_is_told_later(monkeypatch):
    """The thread goes on; else summaries would be off until the worker is restarted."""
    told: list[bool] = []

    def announce(**kwargs: object) -> None:
        told.append(True)
        if len(told) == 1:
            raise OperationalError
        raise StopAsyncIteration

    monkeypatch.setattr(tasks, "announce", announce)
    monkeypatch.setattr(tasks, "sleep", lambda seconds: None)
    with pytest.raises(StopAsyncIteration):
        tasks.keep_announcing(embedded=False, started_at=datetime.now(UTC))
    assert len(told) == 2
