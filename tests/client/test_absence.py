"""Which messages may honestly be absent, by the room's own log."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sotto.protocol.retention import DAY, has_expired, honest_absence, rules_of
from sotto.room_errors import Frozen
from tests.client.test_room import EVENTS, ROWS, read, room

__all__ = ["read", "room"]

NOW = 100 * DAY


@pytest.mark.parametrize(
    ("rules", "age", "expired"),
    [
        ([(0, 0)], 90, False),
        ([(0, 2)], 3, True),
        ([(0, 2)], 1, False),
        ([(0, 0), (NOW - DAY, 2)], 3, True),
        ([(0, 2), (NOW - 5 * DAY, 0)], 8, True),
        ([(0, 2), (NOW - 5 * DAY, 0)], 6, False),
        ([(0, 30), (NOW - 5 * DAY, 2), (NOW - 4 * DAY, 30)], 8, True),
    ],
)
def test_a_message_expires_under_any_rule_that_held_long_enough(rules, age, expired):
    assert has_expired(rules, NOW - age * DAY, NOW) is expired


def test_the_rules_are_those_of_the_log():
    first = json.loads(EVENTS[0]["event"])
    assert rules_of(EVENTS)[0] == (first["ts"], first["policy"]["ttl"])


def test_nothing_of_an_open_room_may_be_absent_behind_its_first_message():
    may = honest_absence(EVENTS, ended=False, first=1, now=NOW)
    assert not may(1, 0)
    assert honest_absence(EVENTS, ended=True, first=0, now=NOW)(1, 0)


def test_hostile_rewind_keeps_what_others_said(read):
    read.me = replace(read.me, uid="0" * 32)  # who has written nothing
    for row in ROWS:
        read.add(row)
    before = [message.text for message in read.conversation()]
    read.check_absences({}, 1, 1, NOW)
    assert read.last == 1
    assert [message.text for message in [*read.conversation(), *read.lost]] == before
    assert read.lost_count == len(before) - 1 > 0
    assert read.highest[0] == 1
    assert not read.frozen


def test_hostile_rewind_past_an_own_message_freezes(read):
    for row in ROWS:
        read.add(row)
    last = read.messages[-1]
    read.acknowledged(last.seq, last.id, last.ts)
    with pytest.raises(Frozen):
        read.check_absences(read.sent, 1, last.seq - 1, NOW)


def test_of_a_closed_room_everything_stays(read, monkeypatch):
    for row in ROWS:
        read.add(row)
    monkeypatch.setattr(type(read), "state", replace(read.state, ended=True))
    read.check_absences({1: read.messages[0].id, 999: "A" * 43}, 0, 0, NOW)
    assert (read.last, read.lost_count, read.frozen) == (len(ROWS), 0, "")
