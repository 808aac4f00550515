"""Rooms that forget: a client begins where the server's messages begin."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from functools import partial

import pytest

from messaging.retention import DAY
from sotto.exports.export import check_export, export_room
from sotto.log_api import Clock
from sotto.protocol.retention import is_over
from tests.client.acting import room_of_two


def age(server, room: str, days: float) -> None:
    """As if all but the newest message had come that long ago; then the server's chores."""
    with sqlite3.connect(server.data / "sotto.sqlite3") as database:
        database.execute(
            "UPDATE messages SET stored_ms = stored_ms - ? WHERE room = ? AND seq < "
            "(SELECT max(seq) FROM messages WHERE room = ?)",
            (int(days * DAY), room, room),
        )
    database.close()
    tidy = [sys.executable, "manage.py", "tidy"]
    subprocess.run(tidy, env=server.environment, check=True, capture_output=True)


@pytest.mark.slow
async def test_a_client_begins_where_the_messages_begin(sign_up, server):
    tag = f"{time.time_ns()}"
    ada, ben, room = await room_of_two(sign_up, tag, ttl=2)
    for n in range(5):
        await ben.messages.send(room, f"line {n}")
    age(server, room, 3)
    cleo = await sign_up("cleo", f"cleo.{tag}")
    await cleo.rooms.join(await ada.room_admin.invite(room))
    left = await cleo.messages.history(room)
    assert [(one.seq, one.text, one.missing) for one in left] == [(5, "line 4", False)]
    await ben.messages.send(room, "line 5")
    await ada.messages.send(room, "and I")
    assert [one.seq for one in await cleo.messages.history(room)] == [5, 6, 7]
    assert not any(one.missing for one in await cleo.messages.history(room))
    assert [one.seq for one in await ada.messages.history(room)] == list(range(1, 8)), (
        "what is read stays"
    )


@pytest.mark.slow
async def test_what_the_rules_have_ended_is_neither_shown_nor_found_nor_exported(sign_up, server):
    ada, ben, room = await room_of_two(sign_up, f"{time.time_ns()}", ttl=2)
    for text in ("first pears", "more pears", "pears again"):
        await ben.messages.send(room, text)
    held = await ada.rooms.open(room)
    assert len(await ada.messages.history(room)) == 3
    at = [message.ts for message in held.messages]
    for now, left in [(at[1] + 2 * DAY, 1), (at[2] + 2 * DAY, 0)]:
        held.now = partial(int, now)
        shown = ["pears again"][:left]
        assert [one.text for one in await ada.messages.history(room)] == shown
        assert [one.text for one in await ada.messages.around(room, 2)] == shown
        assert [hit.text async for hit in ada.search.messages(room, "pears")] == shown
        file = export_room(held, now)
        assert "more pears" not in json.dumps(file)
        assert [one.text for one in check_export(file).conversation()] == shown


def test_neither_clock_ends_a_message_by_itself():
    clock = Clock(lambda: 1000)
    clock.set(900_000)
    assert (clock.now(), clock.agreed()) == (900_000, 1000)
    clock.set(10)
    assert clock.agreed() == 10
    assert is_over(1, 5, 5 + DAY)
    assert not is_over(1, 5, 4 + DAY)
    assert not is_over(0, 5, 500 * DAY)
