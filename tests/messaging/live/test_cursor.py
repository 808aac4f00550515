"""A room's stream: each message once, in order, whatever the doorbells do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from messaging.live.cursor import Feed


def test_what_follows_goes_out():
    feed = Feed(4)
    assert feed.take(5, 5)
    assert feed.take(6, 9)
    assert (feed.last, feed.behind) == (9, False)


def test_what_came_before_does_not():
    feed = Feed(4)
    assert not feed.take(4, 4)
    assert not feed.take(1, 4)
    assert (feed.last, feed.behind) == (4, False)


def test_after_a_gap_nothing_goes_out_and_the_gap_is_known():
    feed = Feed(4)
    assert not feed.take(6, 7)
    assert (feed.last, feed.head, feed.behind) == (4, 7, True)


def test_what_overlaps_is_left_to_the_store():
    feed = Feed(4)
    assert not feed.take(4, 6)
    assert feed.behind


def test_an_older_head_is_no_news():
    feed = Feed(4)
    feed.heard_of(3)
    assert (feed.head, feed.behind) == (4, False)


doorbells = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=60)


@given(doorbells)
def test_any_doorbells_and_a_repair_give_every_message_once_and_in_order(rung):
    """Lost ones, doubled ones, in any order; repaired from the store where it is behind."""
    feed = Feed(0)
    out: list[int] = []
    for first, more in rung:
        if feed.take(first, first + more):
            out += range(first, first + more + 1)
        if feed.behind and more == 0:  # a repair that comes sooner or later
            out += range(feed.last + 1, feed.head + 1)
            feed.last = feed.head
    out += range(feed.last + 1, feed.head + 1)
    assert out == list(range(1, feed.head + 1))
