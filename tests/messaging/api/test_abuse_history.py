"""What a greedy reader gets over REST: pages that end, all of them, and a limit on their number."""

from __future__ import annotations

from typing import Any

import pytest

from messaging.store import get_store
from tests.base import code, create_room
from tests.messaging.senders import new_message

LARGE = "A" * 87_000
MOST = 1024 * 1024 + 100_000  # a page, and what may stand around its rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(people):
    return create_room(people[0])


def get(person, room, what, **query):
    answer = person.client.get(f"/api/v1/chatrooms/{room.id}/{what}", query)
    assert answer.status_code == 200, answer.content
    assert len(answer.content) <= MOST
    return answer.json()


def put(room, person, many, **changes):
    """So many more messages in a room, all of them large."""
    there = get_store().heads([room.id])[room.id]
    about = {
        "room": room.id,
        "uid": person.uid,
        "ciphertext": LARGE,
        "generation": 1,
        "tokens": (7,),
        **changes,
    }
    get_store().append([new_message(n, **about) for n in range(there + 1, there + many + 1)])


def test_abuse_one_message_with_many_large_changes_comes_in_pages(ada, room):
    put(room, ada, 1)
    put(room, ada, 120, refers_to=(1,))
    page = get(ada, room, "messages", after=0, limit=1)
    assert [row["seq"] for row in page["messages"]] == [1]
    seen = [row["seq"] for row in page["refs"]]
    assert seen[-1] == 121, "the newest first: an older client reads no further"
    more = page["more_refs"]
    assert more == seen[0]
    while more is not None:
        page = get(ada, room, "refs", first=1, last=1, before=more)
        seen = [row["seq"] for row in page["refs"]] + seen
        more = page["more_refs"]
    assert seen == list(range(2, 122))


def test_abuse_small_changes_beyond_a_page_are_not_left_out(ada, room):
    put(room, ada, 1, ciphertext="Y3Q")
    put(room, ada, 700, refers_to=(1,), ciphertext="Y3Q")
    page = get(ada, room, "messages", after=0, limit=1)
    seen = [row["seq"] for row in page["refs"]]
    while page["more_refs"] is not None:
        page = get(ada, room, "refs", first=1, last=1, before=page["more_refs"])
        seen = [row["seq"] for row in page["refs"]] + seen
    assert seen == list(range(2, 702))


def test_a_page_without_more_says_so(ada, room):
    put(room, ada, 2, ciphertext="Y3Q")
    put(room, ada, 1, refers_to=(1,), ciphertext="Y3Q")
    page = get(ada, room, "messages", after=0, limit=1)
    assert ([row["seq"] for row in page["refs"]], page["more_refs"]) == ([3], None)
    assert get(ada, room, "refs", first=1, last=1) == {"refs": page["refs"], "more_refs": None}


def test_refs_are_for_members(ben, room):
    address = f"/api/v1/chatrooms/{room.id}/refs"
    assert ben.client.get(address, {"first": 1, "last": 1}).status_code == 404


@pytest.mark.parametrize(
    ("span", "named"),
    [({}, [4, 5]), ({"first": 1}, [4]), ({"first": 2}, [5]), ({"last": 2}, [4, 5])],
)
def test_refs_of_a_page_that_names_one_end(ada, room, span, named):
    put(room, ada, 3, ciphertext="Y3Q")
    put(room, ada, 1, refers_to=(1,), ciphertext="Y3Q")
    put(room, ada, 1, refers_to=(2,), ciphertext="Y3Q")
    assert [row["seq"] for row in get(ada, room, "refs", **span)["refs"]] == named


def test_abuse_a_page_of_hits_ends_by_bytes_and_nothing_is_missed(ada, room):
    put(room, ada, 60)
    address = f"/api/v1/chatrooms/{room.id}/search"
    for order in ("newest", "relevance"):
        asked: dict[str, Any] = {"tokens": [{"g": 1, "t": [7]}], "order": order, "limit": 100}
        seen, pages, more = list[int](), 0, True
        while more:
            answer = ada.client.post(address, asked)
            assert answer.status_code == 200, answer.content
            assert len(answer.content) <= MOST
            seen += [hit["seq"] for hit in answer.json()["hits"]]
            asked["cursor"], pages = answer.json()["cursor"], pages + 1
            more = asked["cursor"] is not None
        assert seen == list(range(60, 0, -1)), order
        assert pages > 4


def test_abuse_hits_whose_changes_are_large_are_not_whole(ada, room):
    put(room, ada, 1, ciphertext="Y3Q")
    put(room, ada, 20, refers_to=(1,), tokens=(), generation=0)
    asked = {"tokens": [{"g": 1, "t": [7]}]}
    answer = ada.client.post(f"/api/v1/chatrooms/{room.id}/search", asked)
    assert len(answer.content) <= MOST
    found = answer.json()
    assert ([hit["seq"] for hit in found["hits"]], found["refs"], found["whole"]) == (
        [1],
        [],
        False,
    )


def test_abuse_a_page_of_messages_without_tokens_ends_by_bytes(ada, room):
    put(room, ada, 30, tokens=(), generation=0)
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = get(ada, room, "tokens", after=after, limit=200)
        seen += [row["seq"] for row in page["rows"]]
        after = page["cursor"]
    assert seen == list(range(1, 31))


READS = ["messages", "refs?first=1&last=1", "messages/1/stored", "tokens", "log", "keys", "wraps",
         "invites", "knocks", "files", "summary", ""]  # fmt: skip


@pytest.mark.parametrize("what", READS)
def test_abuse_every_read_of_many_rows_has_a_limit(ada, room, settings, what):
    put(room, ada, 1)
    names = ("history", "rooms", "room_log", "room_reads", "account_reads")
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, **dict.fromkeys(names, (1, 60))}
    address = f"/api/v1/chatrooms/{room.id}/{what}".removesuffix("/")
    assert ada.client.get(address).status_code == 200
    refused = ada.client.get(address)
    assert (refused.status_code, code(refused)) == (429, "rate")
    assert int(refused["Retry-After"]) == refused.json()["error"]["retry_after"]
