"""Whether the site says truly what it can do."""

from __future__ import annotations

import httpx2
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.engines.mongo import MongoServer
from tests.engines.redis import RedisServer
from tests.live import LiveServer

TOKEN = "a-token-for-metrics"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.django_db
def test_the_embedded_site_is_alive_and_ready(client, settings):
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/healthz").json() == {"ok": True}
    parts = {"database": True, "messages": True, "layer": True}
    assert client.get("/readyz", headers=SHOWN).json() == {"ok": True, "parts": parts}
    assert "no-store" in client.get("/readyz")["Cache-Control"]
    assert client.post("/readyz").status_code == 405


@pytest.mark.django_db
def test_what_is_missing_is_named_and_nothing_else_is_said(client, settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN

    def away(wrapper: BaseDatabaseWrapper) -> None:
        raise OSError("db.internal:5432, password hunter2")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", away)
    answer = client.get("/readyz", headers=SHOWN)
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] is False
    assert b"hunter2" not in answer.content
    for stranger in ({}, {"Authorization": "Bearer guess"}):
        answer = client.get("/readyz", headers=stranger)
        assert (answer.status_code, answer.json()) == (503, {"ok": False})
    settings.METRICS_TOKEN = ""
    assert client.get("/readyz", headers={"Authorization": "Bearer "}).json() == {"ok": False}


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["web-1:8000", "10.2.3.4", "127.0.0.1:8000", "a b", ""])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_fault_probes_answer_whatever_the_host_and_without_tls(client, settings, host, path):
    """A proxy and Prometheus ask with the process's own address, and without TLS."""
    settings.METRICS_TOKEN = TOKEN
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(path, headers={**SHOWN, "Host": host})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


@pytest.mark.django_db
def test_without_its_token_metrics_are_as_any_unknown_address(client, settings):
    settings.METRICS_TOKEN = TOKEN
    metrics, unknown = client.get("/metrics"), client.get("/nothing")
    assert metrics.status_code == unknown.status_code == 404
    assert metrics.headers.keys() == unknown.headers.keys()


@pytest.mark.slow
def test_fault_engines_that_are_away_are_noticed_and_the_process_stays(tmp_path):
    redis, mongo = RedisServer(tmp_path), MongoServer(tmp_path)
    redis.start()
    mongo.start()
    try:
        variables = {"REDIS_URL": redis.url, "MONGODB_URL": mongo.url, "METRICS_TOKEN": TOKEN}
        with LiveServer(tmp_path / "data", **variables) as server:
            assert ready(server) == {
                "database": True,
                "messages": True,
                "redis": True,
                "layer": True,
            }
            redis.stop()
            assert ready(server)["redis"] is False
            mongo.stop()
            assert ready(server)["messages"] is False
            assert httpx2.get(f"{server.url}/healthz").json() == {"ok": True}
            redis.start()
            mongo.start()
            assert all(ready(server).values())
    finally:
        redis.stop()
        mongo.stop()


def ready(server: LiveServer) -> dict[str, bool]:
    answer = httpx2.get(f"{server.url}/readyz", headers=SHOWN, timeout=30)
    found: dict[str, bool] = answer.json()["parts"]
    assert (answer.status_code == 200) == all(found.values())
    return found
