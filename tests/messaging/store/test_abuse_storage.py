"""Nobody fills the server: messages, files and room logs share one budget a person, and the disk
has a floor.
"""

from __future__ import annotations

import pytest

from accounts import storage
from accounts.models import StorageUse
from messaging.store.base import Appended, Rejected
from messaging.store.budget import FOR_ERASING, cost
from tests.messaging.engines import MONGO_IF_SLOW, ORM
from tests.messaging.filing import FID
from tests.messaging.senders import ROOM, UID, new_message

BEN = "c" * 32
KINDS = pytest.mark.parametrize("engine", MONGO_IF_SLOW, indirect=True)
QUOTA = Rejected("quota")

pytestmark = pytest.mark.django_db(transaction=True)


def used(uid: str = UID) -> int:
    found = StorageUse.objects.filter(pk=uid).first()
    return found.messages if found else 0


def all_of(*messages) -> int:
    return sum(cost(one) for one in messages)


# --- messages -------------------------------------------------------------------------------------


@KINDS
def test_abuse_messages_end_where_the_budget_does(store, settings):
    settings.STORAGE_PER_PERSON = all_of(new_message(1), new_message(2), new_message(3))
    batch = [*(new_message(n) for n in range(1, 5)), new_message(1, uid=BEN)]
    assert store.append(batch) == [
        Appended(1), Appended(2), Appended(3), QUOTA, Appended(4),
    ]  # fmt: skip
    assert store.append([new_message(4)]) == [QUOTA]
    assert (used(), used(BEN)) == (settings.STORAGE_PER_PERSON, cost(new_message(1)))
    assert store.append([new_message(2)]) == [Appended(2, fresh=False)], "it is there already"
    settings.STORAGE_PER_PERSON *= 2
    assert store.append([new_message(4)]) == [Appended(5)], "the same bytes, once there is room"


@KINDS
def test_a_person_may_have_a_limit_of_their_own(store, settings):
    settings.STORAGE_PER_PERSON = all_of(new_message(1), new_message(2))
    StorageUse.objects.create(uid=BEN, most=all_of(new_message(1)))
    batch = [new_message(1, uid=BEN), new_message(2, uid=BEN), new_message(1), new_message(2)]
    assert store.append(batch) == [Appended(1), QUOTA, Appended(2), Appended(3)]
    assert store.append([new_message(3)]) == [QUOTA], "the others have that of everybody"
    StorageUse.objects.filter(pk=BEN).update(most=settings.STORAGE_PER_PERSON)
    assert store.append([new_message(2, uid=BEN)]) == [Appended(4)], "raised, and seen at once"
    StorageUse.objects.filter(pk=BEN).update(most=0)
    assert store.append([new_message(3, uid=BEN)]) == [QUOTA], "lowered: what is there stays"


@KINDS
def test_abuse_processes_that_know_little_of_each_other_share_the_budget(engine, settings):
    one, two = engine.another(), engine.another()
    settings.STORAGE_PER_PERSON = all_of(*(new_message(n) for n in range(1, 9)))
    assert one.append([new_message(1), new_message(2)]) == [Appended(1), Appended(2)]
    elsewhere = [new_message(n, room="e" * 32) for n in range(1, 6)]
    assert all(isinstance(outcome, Appended) for outcome in two.append(elsewhere))
    assert one.append([new_message(3), new_message(4)]) == [Appended(3), QUOTA]
    assert used() == settings.STORAGE_PER_PERSON
    assert storage.left_for(UID) == 0


@KINDS
def test_what_is_erased_is_given_back(store):
    large = "A" * 4000
    store.append(
        [
            new_message(1, ciphertext=large),
            new_message(1, uid=BEN, ciphertext=large),
            new_message(2),
        ]
    )
    before = used(), used(BEN)
    store.append([new_message(3, erase=(1, 2), leads=True)])
    assert used() == before[0] - len(large) + cost(new_message(3))
    assert used(BEN) == before[1] - len(large)
    store.append([new_message(4, erase=(1, 2), leads=True)])
    assert used(BEN) == before[1] - len(large), "once"
    store.append([new_message(5, ciphertext=large), new_message(6, erase=(6,))])
    assert store.usage() == {UID: used(), BEN: used(BEN)}


@KINDS
def test_who_has_reached_the_budget_can_still_erase_for_a_while(store, settings):
    store.append([new_message(1, ciphertext="A" * 4000)])
    settings.STORAGE_PER_PERSON = used()
    assert store.append([new_message(2)]) == [QUOTA]
    assert store.append([new_message(2, erase=(1,))]) == [Appended(2)]
    assert store.append([new_message(3)]) == [Appended(3)], "there is room again"
    settings.STORAGE_PER_PERSON = 0
    huge = new_message(4, erase=(1,), ciphertext="A" * FOR_ERASING)
    assert store.append([huge]) == [QUOTA], "and not without an end"


@KINDS
def test_what_expires_is_given_back(store):
    store.append([new_message(1), new_message(2, stored_ms=50), new_message(1, uid=BEN)])
    store.expire(ROOM, 40)
    assert used() == all_of(new_message(2)), "the newest stay, and what came after"
    assert store.usage() == {UID: used(), BEN: used(BEN)}


@KINDS
def test_what_goes_with_a_room_is_given_back_once(store):
    store.append(
        [
            new_message(1),
            new_message(2, erase=(1,)),
            new_message(1, uid=BEN),
            new_message(1, room="e" * 32),
        ]
    )
    store.drop_room(ROOM)
    assert (used(), used(BEN)) == (cost(new_message(1)), 0)
    store.drop_room(ROOM)
    assert (used(), used(BEN)) == (cost(new_message(1)), 0)


@KINDS
def test_a_message_that_is_refused_costs_nothing(store):
    store.append([new_message(1)])
    before = used()
    refused = [
        new_message(3),
        new_message(1, message_id="x" * 43),
        new_message(2, erase=(9,)),
        new_message(2, files=(FID,)),
    ]
    assert all(isinstance(outcome, Rejected) for outcome in store.append(refused))
    assert used() == before


@KINDS
def test_counting_anew_finds_what_is_there(store):
    store.append([new_message(n) for n in range(1, 4)])
    right = used()
    StorageUse.objects.filter(pk=UID).update(messages=7, files=9, log=5)
    storage.recount("messages", store.usage)
    found = StorageUse.objects.get(pk=UID)
    assert (found.messages, found.files, found.log) == (right, 9, 5)


@pytest.mark.parametrize("engine", [ORM], indirect=True)
@pytest.mark.parametrize("many", [1, 100])
def test_counting_costs_one_statement_a_batch(store, django_assert_num_queries, many):
    people = [f"{n:032x}" for n in range(many)]
    store.append([new_message(1, uid=uid) for uid in people])
    with django_assert_num_queries(4):  # BEGIN, INSERT, counting, COMMIT
        store.append([new_message(2, uid=uid) for uid in people])


@KINDS
def test_abuse_nobody_begins_chains_without_end(store, settings):
    settings.DEVICES_PER_ROOM = 3
    first = [new_message(1, device=f"{n:032x}") for n in range(5)]
    outcomes = store.append(first)
    assert outcomes[:3] == [Appended(1), Appended(2), Appended(3)]
    assert outcomes[3:] == [Rejected("devices"), Rejected("devices")]
    assert store.append([first[4]]) == [Rejected("devices")]
    assert store.append([new_message(2, device=f"{0:032x}"), new_message(1, uid=BEN)]) == [
        Appended(4), Appended(5),
    ]  # fmt: skip
