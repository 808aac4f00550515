"""Whether the site says truly what it can do."""

from __future__ import annotations

import httpx
import pytest

from tests.engines.mongo import MongoServer
from tests.engines.redis import RedisServer
from tests.live import LiveServer


@pytest.mark.django_db
def test_the_embedded_site_is_alive_and_ready(client):
    assert client.get("/healthz").json() == {"ok": True}
    parts = {"database": True, "messages": True, "layer": True}
    assert client.get("/readyz").json() == {"ok": True, "parts": parts}
    assert "no-store" in client.get("/readyz")["Cache-Control"]
    assert client.post("/readyz").status_code == 405


@pytest.mark.django_db
def test_what_is_missing_is_named_and_nothing_else_is_said(client, monkeypatch):
    def away() -> None:
        raise OSError("db.internal:5432, password hunter2")

    monkeypatch.setattr("chatsite.health._database", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] is False
    assert b"hunter2" not in answer.content


def test_fault_engines_that_are_away_are_noticed_and_the_process_stays(tmp_path):
    redis, mongo = RedisServer(tmp_path), MongoServer(tmp_path)
    redis.start()
    mongo.start()
    try:
        variables = {"REDIS_URL": redis.url, "MONGODB_URL": mongo.url}
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
            assert httpx.get(f"{server.url}/healthz").json() == {"ok": True}
            redis.start()
            mongo.start()
            assert all(ready(server).values())
    finally:
        redis.stop()
        mongo.stop()


def ready(server: LiveServer) -> dict[str, bool]:
    answer = httpx.get(f"{server.url}/readyz", timeout=30)
    found: dict[str, bool] = answer.json()["parts"]
    assert (answer.status_code == 200) == all(found.values())
    return found
