"""History over REST, and what the list of rooms knows of messages."""

from __future__ import annotations

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import selectors
from messaging.store import get_store
from rooms.actions import move_read
from rooms.models import Room
from tests.base import api, code, create_room
from tests.messaging.senders import DEV, UID, new_message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full(room):
    """The room, with ten messages; the seventh refers to another."""
    get_store().append(
        [new_message(n, room=room.id, refers_to=(3,) if n == 7 else ()) for n in range(1, 11)]
    )  # fmt: skip
    return room


def page(who, room, query=""):
    return who.client.get(f"/api/v1/chatrooms/{room.id}/messages{query}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", range(1, 11), id="all"),
        pytest.param("?limit=2", range(9, 11), id="newest"),
        pytest.param("?before=5&limit=2", range(3, 5), id="before"),
        pytest.param("?after=5&limit=2", range(6, 8), id="after"),
        pytest.param("?around=5&limit=4", range(3, 7), id="around"),
        pytest.param("?around=1&limit=4", range(1, 3), id="around the first"),
        pytest.param("?around=99&limit=2", range(9, 11), id="around what is not there yet"),
        pytest.param("?limit=0", range(10, 11), id="at least one"),
        pytest.param("?limit=9999", range(1, 11), id="at most two hundred"),
    ],
)
def test_a_page_of_history(full, ada, query, expected):
    answer = page(ada, full, query).json()
    assert [row["seq"] for row in answer["messages"]] == list(expected)
    assert (answer["first"], answer["head"]) == (1, 10)


def test_a_page_holds_at_most_two_hundred(room, ada):
    get_store().append([new_message(n, room=room.id) for n in range(1, 252)])
    assert len(page(ada, room, "?limit=9999").json()["messages"]) == 200
    assert len(page(ada, room, "").json()["messages"]) == 50


def test_a_row_is_what_the_socket_brings(full, ada):
    row = page(ada, full, "?after=6&limit=1").json()["messages"][0]
    assert row == {
        "seq": 7, "h": "header 7", "iv": "iv", "ct": "Y3Q", "sig": "sig", "re": [3],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("many", "size", "encoding"),
    [
        pytest.param(10, 200, "gzip", id="a page"),
        pytest.param(10, 30_000, None, id="long ciphertext, which would take the processor's time"),
    ],
)
def test_a_page_goes_compressed_where_that_makes_it_smaller(room, ada, many, size, encoding):
    ct = "Y3Q" * (size // 3)
    get_store().append([new_message(n, room=room.id, ciphertext=ct) for n in range(1, many + 1)])
    address = f"/api/v1/chatrooms/{room.id}/messages"
    answer = ada.client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.get("Content-Encoding") == encoding
    content = gzip.decompress(answer.content) if encoding else answer.content
    assert content == page(ada, room).content
    assert "Content-Encoding" not in page(ada, room)


def test_an_empty_room(room, ada):
    assert page(ada, room).json() == {
        "messages": [], "refs": [], "more_refs": None, "around": None, "first": 0, "head": 0,
    }  # fmt: skip
    for query in ("?around=3", "?at=3"):
        answer = page(ada, room, query).json()
        assert (answer["messages"], answer["around"], answer["head"]) == ([], 0, 0)


def test_a_page_brings_along_what_refers_into_it(full, ada):
    answer = page(ada, full, "?after=2&limit=2").json()
    assert [row["seq"] for row in answer["messages"]] == [3, 4]
    assert answer["refs"] == page(ada, full, "?after=6&limit=1").json()["messages"]
    assert page(ada, full, "?after=3&limit=2").json()["refs"] == []
    assert page(ada, full).json()["refs"] == [], "it is on the page"


def test_a_page_around_a_message_brings_along_what_refers_into_it(full, ada):
    answer = page(ada, full, "?around=4&limit=3").json()
    assert [row["seq"] for row in answer["messages"]] == [3, 4, 5]
    assert ([row["seq"] for row in answer["refs"]], answer["more_refs"]) == ([7], None)
    assert (answer["around"], answer["first"], answer["head"]) == (4, 1, 10)
    assert page(ada, full, "?after=2&limit=3").json()["around"] is None


@pytest.mark.parametrize(
    ("at", "around"),
    [
        pytest.param(0, 1, id="before all"),
        pytest.param(3000, 3, id="at a message"),
        pytest.param(3001, 4, id="between"),
        pytest.param(9999, 5, id="after all: the newest"),
    ],
)
def test_a_page_around_a_moment(room, ada, at, around):
    get_store().append([new_message(n, room=room.id, stored_ms=n * 1000) for n in range(1, 6)])
    answer = page(ada, room, f"?at={at}&limit=1").json()
    assert answer["around"] == around
    assert [row["seq"] for row in answer["messages"]] == [around]


def test_all_changes_of_a_room_come_in_pages(full, ada, cleo):
    address = f"/api/v1/chatrooms/{full.id}/refs"
    answer = ada.client.get(address).json()
    assert ([row["seq"] for row in answer["refs"]], answer["more_refs"]) == ([7], None)
    assert ada.client.get(address, {"before": 7}).json() == {"refs": [], "more_refs": None}
    assert cleo.client.get(address).status_code == 404


def test_who_wrote_unread_messages_comes_in_pages(full, ada, cleo, monkeypatch):
    monkeypatch.setattr(selectors, "MOST_AUTHORS", 5)
    get_store().append([new_message(n, room=full.id, uid="e" * 32) for n in range(1, 4)])
    address = f"/api/v1/chatrooms/{full.id}/unread"
    assert ada.client.get(address, {"after": 4}).json() == {
        "authors": [{"uid": "e" * 32, "seqs": [13, 12, 11]}, {"uid": UID, "seqs": [10, 9]}],
        "more": 9,
    }
    assert ada.client.get(address, {"after": 4, "before": 9}).json() == {
        "authors": [{"uid": UID, "seqs": [8, 6, 5]}],
        "more": None,
    }
    assert cleo.client.get(address).status_code == 404


def test_who_wrote_many_unread_messages_costs_one_query(full, ada):
    get_store().append([new_message(n, room=full.id, uid="e" * 32) for n in range(1, 151)])
    room = Room.objects.get(pk=full.id)
    with CaptureQueriesContext(connection) as queries:
        found = selectors.unread_authors(room, 0, None)
    assert [len(one["seqs"]) for one in found["authors"]] == [150, 9]
    assert len(queries) == 1


BAD = ["before=x", "after=-1", "limit=1.0", "before=1&after=1", "around=x", "at=1.5", "around=-1"]


@pytest.mark.parametrize(
    "query", [*(f"?{bad}" for bad in BAD), "?around=1&at=1", "?around=1&after=1"]
)
def test_a_bad_page_is_refused(full, ada, query):
    assert page(ada, full, query).status_code == 400


def test_strangers_and_former_members_get_what_nobody_gets(full, ada, ben, cleo):
    nowhere = cleo.client.get(f"/api/v1/chatrooms/{'f' * 32}/messages")
    full.leave(ben)
    for answer in (page(cleo, full), page(ben, full)):
        assert answer.status_code == 404
        assert answer.json() == nowhere.json()


def test_nobody_reads_without_signing_in(full):
    assert api().get(f"/api/v1/chatrooms/{full.id}/messages").status_code == 401


# --- what the server sees -------------------------------------------------------------------------


def stored(who, room, seq):
    return who.client.get(f"/api/v1/chatrooms/{room.id}/messages/{seq}/stored")


def test_a_member_sees_everything_that_is_kept_of_a_message(full, ada, ben):
    answer = stored(ben, full, 7)
    assert answer.status_code == 200
    kept = answer.json()["stored"]
    row = page(ada, full, "?after=6&limit=1").json()["messages"][0]
    assert row.items() <= kept.items()
    assert (kept["uid"], kept["dev"], kept["n"]) == (UID, DEV, 7)
    assert (kept["tokens"], kept["size"], kept["at"]) == ([], 2, 1)


@pytest.mark.parametrize("seq", [0, 11, 2**53, 10**30])
def test_a_message_that_is_not_there_is_not_shown(full, ada, seq):
    answer = stored(ada, full, seq)
    assert (answer.status_code, code(answer)) == (404, "no_such_message")


def test_strangers_and_former_members_see_nothing(full, ben, cleo):
    full.leave(ben)
    answers = [stored(who, full, seq) for who in (ben, cleo) for seq in (7, 11)]
    assert {code(answer) for answer in answers} == {"not_found"}
    assert api().get(f"/api/v1/chatrooms/{full.id}/messages/7/stored").status_code == 401


# --- elsewhere ------------------------------------------------------------------------------------


def test_the_list_of_rooms_tells_the_newest_and_the_unread(full, ada):
    quiet = create_room(ada, bytes([1] * 16))
    move_read(ada.uid, full.id, 4)
    rooms = {item["id"]: item for item in ada.client.get("/api/v1/chatrooms").json()["rooms"]}
    loud = rooms[full.id]
    assert (loud["msg"], loud["read"], loud["unread"]) == (10, 4, 5)
    assert loud["last"]["seq"] == 10
    assert (rooms[quiet.id]["msg"], rooms[quiet.id]["unread"], rooms[quiet.id]["last"]) == (
        0,
        0,
        None,
    )
    assert ada.client.get(f"/api/v1/chatrooms/{full.id}").json() == loud
