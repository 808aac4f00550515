"""Former members read the log up to the event that took them out, and nothing else."""

from __future__ import annotations

import json

import pytest

from accounts.actions import block, unblock
from tests.base import RoomScript, create_room

pytestmark = pytest.mark.django_db


def log_of(who, room: RoomScript, after: int = -1):
    return who.client.get(f"/api/v1/chatrooms/{room.id}/log?after={after}")


def last_event(page) -> dict:
    return json.loads(page["events"][-1]["event"])


@pytest.mark.parametrize("ban", [0, 1])
def test_a_removed_member_reads_who_removed_them_and_no_later_event(people, three, ban):
    ada, ben, cleo = people
    three.took(three.remove(ada, ben, [ada, cleo], ban=ban))
    three.took(three.policy(ada, ttl=7))
    page = log_of(ben, three).json()
    end = last_event(page)
    assert (end["t"], end["by"], end["uid"], end["ban"]) == ("remove", ada.uid, ben.uid, ban)
    assert page["head"][0] == end["seq"]
    assert not page["more"]
    assert log_of(ben, three, end["seq"]).json()["events"] == []
    assert log_of(ada, three).json()["head"][0] == end["seq"] + 1


def test_who_left_reads_up_to_their_leave(people, three):
    ada, ben, cleo = people
    three.leave(ben)
    three.rotate(cleo, [ada, cleo])
    end = last_event(log_of(ben, three).json())
    assert (end["t"], end["by"]) == ("leave", ben.uid)


def test_only_the_last_exit_counts(people, three):
    ada, ben, cleo = people
    three.took(three.remove(ada, ben, [ada, cleo]))
    three.took(three.add(ada, ben))
    assert log_of(ben, three).json()["head"] == log_of(ada, three).json()["head"]
    three.leave(ben)
    assert last_event(log_of(ben, three).json())["t"] == "leave"


def test_the_removal_of_somebody_else_opens_nothing(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.took(room.remove(ada, ben, [ada]))
    assert log_of(cleo, room).status_code == 404
    other = create_room(cleo, bytes([1]) * 16)
    assert log_of(ben, other).status_code == 404


def test_an_answer_for_a_member_is_not_taken_for_one_for_a_former_member(people, three):
    ada, ben, cleo = people
    before = log_of(ben, three)
    three.took(three.remove(ada, ben, [ada, cleo]))
    after = ben.client.get(
        f"/api/v1/chatrooms/{three.id}/log?after=-1", HTTP_IF_NONE_MATCH=before.headers["ETag"]
    )
    assert after.status_code == 200
    again = ben.client.get(
        f"/api/v1/chatrooms/{three.id}/log?after=-1", HTTP_IF_NONE_MATCH=after.headers["ETag"]
    )
    assert again.status_code == 304


def test_a_former_member_writes_nothing(people, three):
    ada, ben, cleo = people
    three.took(three.remove(ada, ben, [ada, cleo]))
    assert three.post(ben, three.event(ben, "leave")).status_code == 404
    assert ben.client.get(f"/api/v1/chatrooms/{three.id}").status_code == 404
    assert ben.client.get(f"/api/v1/chatrooms/{three.id}/keys").status_code == 404


def test_abuse_who_declined_by_a_block_reads_nothing_after_a_removal(people, room):
    """They saw the room until the block, and nothing of what happened later."""
    ada, ben, _ = people
    room.took(room.add(ada, ben))
    assert log_of(ben, room).status_code == 200
    block(ben.user, ada.uid)
    assert log_of(ben, room).status_code == 404
    room.took(room.policy(ada, ttl=7))
    room.took(room.remove(ada, ben, [ada]))
    assert log_of(ben, room).status_code == 404
    unblock(ben.user, ada.uid)
    assert log_of(ben, room).status_code == 404
    room.took(room.add(ada, ben))
    assert log_of(ben, room).status_code == 200
    room.leave(ben)
    assert last_event(log_of(ben, room).json())["t"] == "leave"


def test_who_declines_by_leaving_reads_up_to_their_leave(people, room):
    ada, ben, _ = people
    room.took(room.add(ada, ben))
    room.leave(ben)
    room.rotate(ada, [ada])
    assert last_event(log_of(ben, room).json())["t"] == "leave"


def test_who_was_asked_and_is_removed_reads_who_removed_them(people, room):
    ada, ben, _ = people
    room.took(room.add(ada, ben))
    room.took(room.remove(ada, ben, [ada]))
    assert last_event(log_of(ben, room).json())["t"] == "remove"
