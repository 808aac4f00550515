"""How a client comes back to a server that it has lost."""

from __future__ import annotations

import random

from sotto.stream import FIRST, MOST, MOST_BRIEFLY, SOON, SOON_TRIES, Reconnection, backoff


def test_waits_double_to_an_end_and_are_not_the_same_for_all(monkeypatch):
    waits = {backoff(0) for _ in range(100)}
    assert len(waits) > 50
    assert all(0 <= wait <= FIRST for wait in waits)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    assert [backoff(tries) for tries in (0, 1, 2, 3, 6, 99)] == [0.5, 1, 2, 4, MOST, MOST]
    assert backoff(99, SOON) == SOON


def test_fault_in_the_first_minute_of_an_absence_no_wait_is_long(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    now = 1000.0
    absence = Reconnection(lambda: now)
    waits = []
    while now < 1060.0:
        waits.append(absence.next_wait())
        now += waits[-1]
    assert waits[:5] == [0.5, 1, 2, 4, MOST_BRIEFLY]
    assert max(waits) == MOST_BRIEFLY
    assert absence.next_wait() == MOST, "a long absence is asked about less often"
    absence.end(restarting=False)
    assert absence.next_wait() == FIRST, "the next absence has a minute of its own"


def test_a_server_that_said_it_restarts_is_asked_every_two_seconds(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    absence = Reconnection(lambda: 0.0)
    absence.end(restarting=True)
    waits = [absence.next_wait() for _ in range(SOON_TRIES + 1)]
    assert max(waits[:-1]) == SOON
    assert waits[-1] == MOST_BRIEFLY
