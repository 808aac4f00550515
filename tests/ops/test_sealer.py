"""A server seals the audit log by itself, and at its end what was written until then."""

from __future__ import annotations

import json
from threading import Event

import httpx2
import pytest

from accounts import event_webhook
from accounts.intrusion import alerts
from chatsite.ops import sealer
from tests.base import PASSWORD
from tests.live import LiveServer


def test_a_sealer_goes_on_after_a_failure_and_seals_at_its_end(monkeypatch, caplog):
    again, tries = Event(), []

    def seal() -> None:
        tries.append("seal")
        if len(tries) < 3:
            raise OSError("gone")
        again.set()

    monkeypatch.setattr(sealer, "EVERY", 0.01)
    monkeypatch.setattr(sealer, "seal", seal)
    monkeypatch.setattr(sealer, "record_settings", lambda: None)
    monkeypatch.setattr("chatsite.ops.activity.sample", lambda: None)
    monkeypatch.setattr("accounts.intrusion.slow_down.publish", lambda: None)
    for sender in (alerts, event_webhook):
        monkeypatch.setattr(sender, "resume", lambda **_: None)
    running = sealer.Sealer()
    running.start()
    assert again.wait(10)
    before = len(tries)
    running.stop()
    assert len(tries) > before
    said = [entry.getMessage() for entry in caplog.records if entry.name == sealer.__name__]
    assert said == ["audit.not_sealed OSError"], "once for failures in a row"


@pytest.mark.slow
def test_a_site_that_was_stopped_has_sealed_all_entries(tmp_path):
    with LiveServer(tmp_path / "data") as server:
        sent = {"name": "zoe", "password": PASSWORD}
        answer = httpx2.post(f"{server.url}/api/v1/auth/register", json=sent)
        assert answer.status_code == 201
        server.stop()
        found = json.loads(server.manage("audit", "verify", "--json"))
        assert (found["findings"], found["unsealed"]) == ([], 0)
        lines = server.manage("audit", "export").splitlines()
    kinds = {json.loads(line)["kind"] for line in lines}
    assert {"account.registered", "sign_in"} <= kinds
    assert "zoe" not in "".join(lines)
