"""Tasks that are passed on from requests, with a broker that is there, silent, or away."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys

import pytest
from celery import current_app

from chatsite.lib.task_queue import AWAY, BrokerAway, TaskQueue
from tests.engines.redis import RedisServer
from tests.live import DATABASE, ROOT, empty_database

RECORDS = """
import chatsite.celery, django
django.setup()
from accounts.audit.recording import record
from accounts.models import AuditEntry, PendingEvent
from summaries.models import SummaryRequest
from chatsite.lib import task_queue
for _ in range(2):
    record("room.join", room="a" * 32)
print("kept", AuditEntry.objects.count(), PendingEvent.objects.count())
try:
    task_queue.queue.send("tidy", [])
    print("taken")
except task_queue.BrokerAway as error:
    print(error.code)
"""


def test_a_broker_that_failed_is_not_asked_again_at_once(monkeypatch):
    asked: list[str] = []

    def away(name: str, arguments: list[str], **_: object) -> None:
        asked.append(name)
        raise OSError("canary")

    now = 0.0
    monkeypatch.setattr(current_app, "send_task", away)
    queue = TaskQueue(clock=lambda: now)
    for _ in range(5):
        with pytest.raises(BrokerAway) as refused:
            queue.send("tidy", [])
        assert "canary" not in str(refused.value)
    assert len(asked) == 1
    now = AWAY
    monkeypatch.setattr(current_app, "send_task", lambda name, *_, **__: asked.append(name))
    queue.send("tidy", [])
    queue.send("tidy", [])
    assert len(asked) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "said"), [("there", "taken"), ("silent", "away"), ("gone", "away")]
)
def test_fault_a_broker_that_is_silent_or_gone_holds_nothing_up(tmp_path, state, said):
    """Without an end to its tries the process would never come to its end."""
    redis, data = RedisServer(tmp_path), tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copyfile(empty_database(), data / DATABASE)
    redis.start()
    environment = {
        **{key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"},
        "SOTTO_DATA": str(data),
        "REDIS_URL": redis.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "EVENT_WEBHOOK": "https://hook.example.org/",
        "EVENT_WEBHOOK_SECRET": secrets.token_urlsafe(32),
    }
    try:
        if state == "silent":
            redis.stand_still()
        elif state == "gone":
            redis.stop()
        done = subprocess.run(
            [sys.executable, "-c", RECORDS],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        redis.stop()
    assert done.stdout.split() == ["kept", "2", "2", said], done.stderr
