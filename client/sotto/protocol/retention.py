"""Decides when a message that the server once had may be absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sotto.protocol.events import SignedEvent, parse_event

DAY = 24 * 3600 * 1000  # ms
HOUR = 3600 * 1000  # ms by which a message may expire early: clocks differ

Rule = tuple[int, int]
"""An expiry rule: its start (ms), and the days after which messages expire, 0 for never."""


def honest_absence(
    events: Iterable[SignedEvent], *, ended: bool, first: int, now: int
) -> Callable[[int, int], bool]:
    """Tell which messages may be absent: all of a closed room, and those that expired by its
    policy.

    A deleted message leaves a tombstone, so it is never absent. Messages of former members and
    ended accounts stay.

    Args:
        events: the room's verified log, up to what the server has now.
        ended: whether the log says that the room was closed.
        first: the oldest message that the server says it has, 0 for none.
        now: ms.

    Returns:
        A predicate of a message's seq and when it was sealed (ms; 0 if unknown).
    """
    if ended:
        return lambda seq, at: True
    rules = rules_of(events) if first > 1 else []
    # Messages expire from the oldest on: none after the first remaining one is absent.
    return lambda seq, at: seq < first and has_expired(rules, at, now)


def has_expired(rules: list[Rule], at: int, now: int) -> bool:
    """True if a message sealed at `at` had expired at any moment until now, under the rule of that
    moment.
    """
    ends = [since for since, _ in rules[1:]] + [now]
    return any(
        ttl > 0 and end - at > ttl * DAY - HOUR for (_, ttl), end in zip(rules, ends, strict=True)
    )


def is_over(ttl: int, at: int, now: int) -> bool:
    """True if a message sealed at `at` (ms) has ended under a rule of `ttl` days, 0 for never: it
    is not shown, whether or not the server still has it.
    """
    return ttl > 0 and at + ttl * DAY <= now


def rules_of(events: Iterable[SignedEvent]) -> list[Rule]:
    """Every expiry rule that a log has set, in order."""
    parsed = (parse_event(signed["event"]) for signed in events)
    return [(event["ts"], event["policy"]["ttl"]) for event in parsed if "policy" in event]
