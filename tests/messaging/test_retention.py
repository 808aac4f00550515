"""What goes with messages that have expired, and that only rooms that say so forget."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from messaging.files.models import File
from messaging.retention import DAY, forget_expired
from messaging.store import get_store
from summaries.store import get_store as get_summaries
from summaries.store.base import Sealed
from tests.messaging.senders import new_message

pytestmark = pytest.mark.django_db(transaction=True)
NOW = 100 * DAY


@pytest.fixture
def aged(room, ada):
    """Ten messages, one a day up to now."""
    room.took(room.policy(ada, ttl=3))
    get_store().append(
        [new_message(n, room=room.id, stored_ms=NOW - (10 - n) * DAY) for n in range(1, 11)]
    )
    return room


def left(room) -> list[int]:
    return [row.seq for row in get_store().page(room.id)]


def test_messages_go_after_the_room_s_days(aged):
    assert forget_expired(NOW) == 6
    assert left(aged) == [7, 8, 9, 10]
    assert forget_expired(NOW) == 0
    assert forget_expired(NOW + DAY) == 1


def test_a_room_without_a_limit_keeps_everything(aged, ada):
    aged.took(aged.policy(ada, ttl=0))
    assert forget_expired(NOW) == 0
    assert len(left(aged)) == 10


def test_files_and_summaries_go_with_their_messages(aged):
    for n in (0, 2, 8):
        File.objects.create(
            room=aged.id,
            file_id=f"{n:032x}",
            uploader="a" * 32,
            size=1,
            sha256="s",
            reserved_ms=1,
            message=n,
            content=f"sealed{n}",
        )
    for first in (6, 7):
        summary = Sealed(aged.id, str(first), "u", first, 10, "body", "sig", "box", 1)
        get_summaries().add(summary)
    forget_expired(NOW)
    left = set(File.objects.values_list("message", flat=True))
    assert left == {0, 8}, "the profile's stays"
    assert [one.first for one in get_summaries().of_room(aged.id, limit=5)[0]] == [7]


def test_the_chores_of_every_hour_do_it(aged):
    call_command("tidy")
    assert left(aged) == [10], "by now all are old; the newest stays"


def test_history_says_where_it_begins(aged, ada):
    forget_expired(NOW)
    answer = ada.client.get(f"/api/v1/chatrooms/{aged.id}/messages").json()
    assert (answer["first"], answer["head"]) == (7, 10)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("after=0&limit=2", [7, 8], id="from the beginning"),
        pytest.param("after=3&limit=3", [7, 8, 9], id="after one that expired"),
        pytest.param("after=7&limit=2", [8, 9], id="after the first"),
        pytest.param("around=2&limit=2", [7], id="around one that expired"),
        pytest.param("before=9&limit=9", [7, 8], id="before"),
        pytest.param("before=7&limit=2", [], id="before the first"),
    ],
)
def test_a_page_of_history_begins_with_what_is_left(aged, ada, query, expected):
    """However many have expired: a reader from the beginning finds the rest."""
    forget_expired(NOW)
    answer = ada.client.get(f"/api/v1/chatrooms/{aged.id}/messages?{query}").json()
    assert [row["seq"] for row in answer["messages"]] == expected
