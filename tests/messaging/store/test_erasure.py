"""The contract of every message store: tombstones, references, and what is dropped."""

from __future__ import annotations

from hashlib import sha256

import pytest

from chatsite.lib import wire
from messaging.store.base import Appended, Rejected, Span
from tests.messaging.engines import ORM
from tests.messaging.senders import DEV, ROOM, UID, new_message

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("engine", [ORM, "mongo"], indirect=True),
]
OTHER = "c" * 32
SHA = wire.b64(sha256(b"ct").digest())
REFUSED = [Rejected("bad_erase")]


@pytest.fixture
def full(store):
    """Three messages, with tokens; the second is another person's."""
    tokens = {"generation": 1, "tokens": (1, 2)}
    store.append(
        [new_message(1, **tokens), new_message(1, uid=OTHER, **tokens), new_message(2, **tokens)]
    )
    return store


def row(store, seq):
    return store.page(ROOM, after=seq - 1, limit=1)[0].as_dict()


def test_what_is_erased_becomes_a_tombstone(full):
    assert full.append([new_message(3, refers_to=(1,), erase=(1,))]) == [Appended(4)]
    assert row(full, 1) == {
        "seq": 1, "h": "header 1", "iv": "iv", "sha": SHA, "sig": "sig", "del": 4,
    }  # fmt: skip
    assert [row(full, seq)["ct"] for seq in (2, 3, 4)] == ["Y3Q"] * 3


def test_a_tombstone_keeps_what_it_referred_to(full):
    full.append([new_message(3, refers_to=(1,))])
    full.append([new_message(4, erase=(4,))])
    assert row(full, 4)["re"] == [1]


def test_nothing_of_the_content_stays(engine, full):
    full.append([new_message(3, erase=(1, 3))])
    for seq in (1, 3):
        kept = engine.kept(seq)
        assert (kept["ct"], kept["g"], kept["tokens"]) == ("", 0, b"")
    assert full.stored(ROOM, 1).tokens == ()
    assert full.stored(ROOM, 1).size == 0


def test_another_persons_message_is_erased_by_who_leads_only(full):
    assert full.append([new_message(3, erase=(2,))]) == REFUSED
    assert "ct" in row(full, 2)
    assert full.append([new_message(3, erase=(1, 2), leads=True)]) == [Appended(4)]
    assert (row(full, 1)["del"], row(full, 2)["del"]) == (4, 4)


@pytest.mark.parametrize(
    "erase",
    [
        pytest.param((1, 2), id="one of them another person's"),
        pytest.param((1, 5), id="one to come"),
        pytest.param((4,), id="itself"),
    ],
)
def test_what_may_not_be_erased_refuses_the_whole_message(full, erase):
    assert full.append([new_message(3, erase=erase)]) == REFUSED
    assert full.heads([ROOM]) == {ROOM: 3}
    assert [row(full, seq)["ct"] for seq in (1, 2, 3)] == ["Y3Q"] * 3
    assert full.append([new_message(3)]) == [Appended(4)], "the chain waits for it"


def test_a_refused_erasure_takes_nobody_along(full):
    outcomes = full.append([new_message(3, erase=(2,)), new_message(2, uid=OTHER, erase=(2,))])
    assert outcomes == [Rejected("bad_erase"), Appended(4)]
    assert row(full, 2)["del"] == 4


def test_a_message_of_another_room_is_not_reached(full):
    full.append(
        [new_message(1, room=OTHER), new_message(2, room=OTHER), new_message(3, room=OTHER)]
    )
    assert full.append([new_message(4, room=OTHER, erase=(1,))]) == [Appended(4)]
    assert "ct" in row(full, 1)


def test_what_has_erased_is_not_erased(full):
    """Its tombstones would be without the message that explains them."""
    full.append([new_message(3, erase=(1,))])
    assert full.append([new_message(4, erase=(3, 4))]) == REFUSED
    assert full.append([new_message(4, erase=(4,), leads=True)]) == REFUSED
    assert "ct" in row(full, 4)


def test_what_is_erased_already_stays_as_it_is(full):
    full.append([new_message(3, erase=(1,))])
    before = row(full, 1)
    assert full.append([new_message(4, erase=(1, 3))]) == [Appended(5)]
    assert row(full, 1) == before
    assert row(full, 3)["del"] == 5


def test_what_was_dropped_from_the_beginning_is_passed_over(engine, full):
    engine.cut(3)
    assert full.append([new_message(3, erase=(1, 3))]) == [Appended(4)]
    assert row(full, 3)["del"] == 4


def test_sent_again_it_erases_nothing_more(engine, full):
    sent = new_message(3, erase=(1,))
    assert full.append([sent]) == [Appended(4)]
    assert full.append([sent]) == [Appended(4, fresh=False)]
    assert engine.another().append([sent, new_message(4)]) == [
        Appended(4, fresh=False),
        Appended(5),
    ]
    assert row(full, 1)["del"] == 4


def test_a_message_and_its_erasure_may_share_a_batch(engine, full):
    again = new_message(5, erase=(4,))
    outcomes = full.append([new_message(3), new_message(4, erase=(4, 1)), again])
    assert outcomes == [Appended(4), Appended(5), Appended(6)]
    assert (row(full, 4)["del"], row(full, 1)["del"]) == (5, 5)
    assert engine.kept(4)["ct"] == ""


@pytest.mark.parametrize("stored", [True, False], ids=["of a stored one", "of a fresh one"])
def test_an_eraser_of_the_same_batch_is_not_erased(full, stored):
    seq = 1 if stored else 4
    outcomes = full.append(
        [new_message(3), new_message(4, erase=(seq,)), new_message(5, erase=(5,))]
    )
    assert outcomes == [Appended(4), Appended(5), Rejected("bad_erase")]


def test_another_process_erases_what_this_one_wrote(engine, full):
    other = engine.another()
    assert other.append([new_message(3), new_message(4, erase=(1, 4))]) == [
        Appended(4),
        Appended(5),
    ]
    assert full.append([new_message(2, uid=OTHER, erase=(2,))]) == [Appended(6)]
    assert [row(full, seq)["del"] for seq in (1, 2, 4)] == [5, 6, 5]


def test_a_tombstone_is_not_unread(full):
    span = Span(ROOM, 0, 9)
    assert full.unread([span]) == {span: 3}
    full.append([new_message(3, refers_to=(1,), erase=(1,))])
    assert full.unread([span]) == {span: 2}


def test_a_tombstone_keeps_its_place_in_every_chain(engine, full):
    full.append([new_message(3, erase=(3,))])
    assert full.find(ROOM, UID, new_message(2).client_message_id) == (3, new_message(2).message_id)
    assert engine.another().append([new_message(4)]) == [Appended(5)]
    assert full.append([new_message(2)]) == [Appended(3, fresh=False)]


# --- references ----------------------------------------------------------------------------------


def referring(store, **asked):
    return store.referring(ROOM, **{"limit": 500, **asked})[::-1]


def test_later_messages_that_refer_into_a_page_are_found(store):
    store.append(
        [
            new_message(1),
            new_message(2),
            new_message(3, refers_to=(1,)),
            new_message(4, refers_to=(2, 1)),
            new_message(5, refers_to=(3,)),
            new_message(1, room=OTHER, refers_to=(1,)),
        ]
    )
    assert referring(store, first=1, last=2) == [3, 4]
    assert referring(store, first=2, last=2) == [4]
    assert referring(store, first=1, last=3) == [4, 5], "what is on the page is there already"
    assert referring(store, first=4, last=5) == []


def test_all_changes_of_a_room_are_found(store):
    store.append([new_message(n, refers_to=(1,) if n % 2 == 0 else ()) for n in range(1, 9)])
    store.append([new_message(1, room=OTHER), new_message(2, room=OTHER, refers_to=(1,))])
    assert store.changes(ROOM, limit=500) == [8, 6, 4, 2]
    assert store.changes(ROOM, limit=2) == [8, 6]
    assert store.changes(ROOM, limit=2, before=6) == [4, 2]
    assert store.changes("f" * 32, limit=2) == []


def test_a_change_of_several_messages_is_found_once(store):
    store.append([new_message(1), new_message(2), new_message(3, refers_to=(1, 2))])
    assert store.changes(ROOM, limit=500) == [3]


def test_of_many_that_refer_the_newest_are_found(store):
    store.append([new_message(1), *(new_message(n, refers_to=(1,)) for n in range(2, 9))])
    assert referring(store, first=1, last=1, limit=3) == [6, 7, 8]
    assert referring(store, first=1, last=1, limit=3, before=6) == [3, 4, 5]
    assert referring(store, first=1, last=1, limit=3, before=2) == []


def test_store_what_changes_some_messages_wherever_they_stand(store):
    named = [(), (), (1,), (2, 3), (2,), ()]
    store.append([new_message(n, refers_to=re) for n, re in enumerate(named, 1)])
    assert store.changing(ROOM, [1, 3], limit=9) == [4, 3]
    assert store.changing(ROOM, [1, 2], limit=2) == [5, 4]
    assert store.changing(ROOM, [6], limit=9) == []
    assert store.changing("e" * 32, [1], limit=9) == []
    assert [row.seq for row in store.rows(ROOM, [6, 2, 99])] == [2, 6]
    assert store.rows("e" * 32, [1]) == []


def test_a_number_named_twice_counts_once(store):
    store.append([new_message(1), new_message(2, refers_to=(1, 1))])
    assert referring(store, first=1, last=1) == [2]


def test_what_refers_comes_as_it_is_stored(store):
    store.append([new_message(1), new_message(2, refers_to=(1,)), new_message(3, erase=(2,))])
    [found] = store.rows(ROOM, store.referring(ROOM, first=1, last=1, limit=9))
    assert found.as_dict()["del"] == 3


# --- what the server sees, and what it drops -----------------------------------------------------


def test_everything_that_is_kept_of_a_message(store):
    store.append([new_message(1, refers_to=(7,), generation=2, tokens=(1, 70_000), stored_ms=99)])
    assert store.stored(ROOM, 1).as_dict() == {
        "seq": 1,
        "uid": UID,
        "dev": DEV,
        "n": 1,
        "cid": new_message(1).client_message_id,
        "id": new_message(1).message_id,
        "e": 1,
        "h": "header 1",
        "iv": "iv",
        "ct": "Y3Q",
        "sig": "sig",
        "at": 99,
        "re": [7],
        "files": [],
        "g": 2,
        "tokens": [1, 70_000],
        "size": 2,
        "token_version": 1,
    }
    assert store.stored(ROOM, 2) is store.stored(OTHER, 1) is None


def test_a_room_is_dropped_whole(full):
    full.append([new_message(3, refers_to=(1,)), new_message(1, room=OTHER, refers_to=(1,))])
    full.drop_room(ROOM)
    assert full.page(ROOM) == []
    assert full.heads([ROOM, OTHER]) == {ROOM: 0, OTHER: 1}
    assert full.append([new_message(1)]) == [Appended(1)], "nothing of it is remembered"


def test_a_rooms_tokens_are_dropped_and_its_messages_stay(full):
    full.append([new_message(1, room=OTHER, generation=1, tokens=(9,))])
    before = full.page(ROOM)
    full.drop_tokens(ROOM)
    assert full.page(ROOM) == before
    assert [full.stored(ROOM, seq).tokens for seq in (1, 2, 3)] == [()] * 3
    assert full.stored(OTHER, 1).tokens == (9,)
