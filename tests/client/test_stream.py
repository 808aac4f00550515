"""How a client comes back to a server that it has lost."""

from __future__ import annotations

import random

from sotto.stream import FIRST, MOST, SOON, backoff


def test_waits_double_to_an_end_and_are_not_the_same_for_all(monkeypatch):
    waits = {backoff(0) for _ in range(100)}
    assert len(waits) > 50
    assert all(0 <= wait <= FIRST for wait in waits)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    assert [backoff(tries) for tries in (0, 1, 2, 3, 6, 99)] == [0.5, 1, 2, 4, MOST, MOST]
    assert backoff(99, SOON) == SOON
