"""A room's stream: each message once, in order, whatever the events do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from messaging.live.cursor import RoomCursor


def test_what_follows_goes_out():
    cursor = RoomCursor(4)
    assert cursor.take(5, 5)
    assert cursor.take(6, 9)
    assert (cursor.last, cursor.behind) == (9, False)


def test_what_came_before_does_not():
    cursor = RoomCursor(4)
    assert not cursor.take(4, 4)
    assert not cursor.take(1, 4)
    assert (cursor.last, cursor.behind) == (4, False)


def test_after_a_gap_nothing_goes_out_and_the_gap_is_known():
    cursor = RoomCursor(4)
    assert not cursor.take(6, 7)
    assert (cursor.last, cursor.head, cursor.behind) == (4, 7, True)


def test_what_overlaps_is_left_to_the_store():
    cursor = RoomCursor(4)
    assert not cursor.take(4, 6)
    assert cursor.behind


def test_an_older_head_is_no_news():
    cursor = RoomCursor(4)
    cursor.heard_of(3)
    assert (cursor.head, cursor.behind) == (4, False)


events = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=60)


@given(events)
def test_any_events_and_a_repair_give_every_message_once_and_in_order(rung):
    """Lost ones, doubled ones, in any order; repaired from the store where it is behind."""
    cursor = RoomCursor(0)
    out: list[int] = []
    for first, more in rung:
        if cursor.take(first, first + more):
            out += range(first, first + more + 1)
        if cursor.behind and more == 0:  # a repair that comes sooner or later
            out += range(cursor.last + 1, cursor.head + 1)
            cursor.move(cursor.head, 0)
    out += range(cursor.last + 1, cursor.head + 1)
    assert out == list(range(1, cursor.head + 1))
