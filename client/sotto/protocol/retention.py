"""When a message that the server once had may honestly be absent: the one place that decides it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sotto.protocol.events import SignedEvent, parse_event

DAY = 24 * 3600 * 1000  # ms
HOUR = 3600 * 1000  # ms, by which a message may go early: clocks differ

Rule = tuple[int, int]
"""Since when (ms) messages are kept for how many days; 0 for ever."""


def honest_absence(
    events: Iterable[SignedEvent], *, ended: bool, first: int, now: int
) -> Callable[[int, int], bool]:
    """Tells which messages may be gone without a lie: all of a closed room, and those that the
    room's rules let expire.

    A deleted message leaves a tombstone, so it is never absent; what an account that left, was
    removed or was deleted has written stays.

    Args:
        events: the room's verified log, up to what the server has now.
        ended: whether the log says that the room was closed.
        first: the oldest message that the server says it has, 0 for none.
        now: ms.

    Returns:
        A predicate of a message's seq and when it was sealed (ms; 0 where that is unknown).
    """
    if ended:
        return lambda seq, at: True
    rules = rules_of(events) if first > 1 else []
    # Messages expire from the oldest on: none is gone that stands behind the first one left.
    return lambda seq, at: seq < first and has_expired(rules, at, now)


def has_expired(rules: list[Rule], at: int, now: int) -> bool:
    """Whether a message of that age was past its time at any moment until now: a rule that has
    been changed since may have ended it."""
    ends = [since for since, _ in rules[1:]] + [now]
    return any(
        ttl > 0 and end - at > ttl * DAY - HOUR for (_, ttl), end in zip(rules, ends, strict=True)
    )


def rules_of(events: Iterable[SignedEvent]) -> list[Rule]:
    """Every rule on expiry that a log has set, in its order."""
    parsed = (parse_event(signed["event"]) for signed in events)
    return [(event["ts"], event["policy"]["ttl"]) for event in parsed if "policy" in event]
