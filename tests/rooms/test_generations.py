"""The server's reading of the log's search generations is the clients'."""

from __future__ import annotations

import json

import pytest

from rooms.models import LogEvent, Room
from rooms.selectors import generations
from tests.vectors.making import load

pytestmark = pytest.mark.django_db
LOGS = load("log")["logs"]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_gives_each_epoch_the_generation_that_it_began_with(name):
    entries = LOGS[name]
    first = json.loads(entries[0]["event"])
    room = Room.objects.create(
        id=first["room"], kind=first["kind"], policy=first["policy"], head_ms=0, epoch_ms=0
    )
    wanted: dict[int, int] = {}
    for entry in entries:
        event = json.loads(entry["event"])
        LogEvent.objects.create(
            room=room, seq=event["seq"], type=event["t"], author=event["by"], kid=event["kid"],
            event=entry["event"], signature=entry["sig"], hash=entry["hash"],
        )  # fmt: skip
        wanted.setdefault(entry["state"]["e"], entry["state"]["g"])
        assert generations(room.pk) == wanted, event["t"]
