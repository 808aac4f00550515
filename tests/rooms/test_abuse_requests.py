"""Requests: people who were added by name cause and receive nothing before they accept."""

from __future__ import annotations

import pytest

from accounts.actions import block, unblock
from rooms import requests
from rooms.models import Member
from tests.base import code, create_room, person, wrap

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_to_ben(people):
    """A group of ada's that ben was added to and has not answered."""
    ada, ben, _ = people
    room = create_room(ada)
    room.took(room.add(ada, ben))
    return room


def listed(who):
    return who.client.get("/api/v1/chatrooms").json()["rooms"]


def test_a_request_says_who_asked(people, request_to_ben):
    ada, ben, _ = people
    (room,) = listed(ben)
    assert (room["accepted"], room["asked_by"]) == (False, {"uid": ada.uid, "name": "ada"})
    assert listed(ada)[0]["asked_by"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("key_request", {"e": [1]}),
        ("wraps", {"wraps": []}),
        ("boxes", {}),
        ("tokens", {"messages": []}),
    ],
)
def test_abuse_nobody_learns_of_somebody_who_has_not_accepted(people, request_to_ben, path, body):
    _, ben, _ = people
    address = f"/api/v1/chatrooms/{request_to_ben.id}"
    refused = ben.client.post(f"{address}/{path}", body)
    assert (refused.status_code, code(refused)) == (403, "not_accepted")
    ben.client.post(f"{address}/accept")
    assert ben.client.post(f"{address}/{path}", body).status_code in (200, 204)


def test_abuse_no_event_but_leaving_before_the_answer(people, request_to_ben):
    ada, ben, _ = people
    refused = request_to_ben.post(ben, **request_to_ben.epoch(ben, [ada, ben]))
    assert (refused.status_code, code(refused)) == (403, "not_accepted")
    request_to_ben.leave(ben)
    assert listed(ben) == []


def test_abuse_a_file_is_not_taken_before_the_answer(people, request_to_ben):
    _, ben, _ = people
    refused = ben.client.put(
        f"/api/v1/chatrooms/{request_to_ben.id}/files/{'0' * 32}",
        bytes(81),
        content_type="application/octet-stream",
    )
    assert code(refused) == "not_accepted"


def test_a_request_can_be_read_before_it_is_answered(people, request_to_ben):
    _, ben, _ = people
    address = f"/api/v1/chatrooms/{request_to_ben.id}"
    assert ben.client.get(f"{address}/messages").json()["head"] == 0
    assert ben.client.get(f"{address}/log").status_code == 200


def test_abuse_a_block_ends_requests_without_a_trace(people, request_to_ben):
    ada, ben, _ = people
    block(ben.user, ada.uid)
    assert listed(ben) == []
    for path in ("log", "messages", "keys"):
        gone = ben.client.get(f"/api/v1/chatrooms/{request_to_ben.id}/{path}")
        assert gone.status_code == 404
    assert ben.client.post(f"/api/v1/chatrooms/{request_to_ben.id}/accept").status_code == 404
    unblock(ben.user, ada.uid)
    assert [room["accepted"] for room in listed(ben)] == [False]


def test_a_declined_member_can_be_removed_as_any_other(people, request_to_ben):
    ada, ben, _ = people
    block(ben.user, ada.uid)
    request_to_ben.took(request_to_ben.remove(ada, ben, [ada]))
    assert not Member.objects.filter(user=ben.user).exists()


def test_abuse_somebody_who_is_blocked_asks_in_vain_and_does_not_notice(people):
    ada, ben, _ = people
    block(ben.user, ada.uid)
    room = create_room(ada)
    room.took(room.add(ada, ben))
    assert listed(ben) == []
    (theirs,) = listed(ada)
    assert theirs.pop("unanswered") == [ben.uid]  # as of everybody who has not answered yet
    assert ben.uid not in str(theirs)


def test_abuse_a_declined_direct_room_is_in_nobodys_way(people):
    ada, ben, _ = people
    first = create_room(ada, kind="direct", policy=direct_policy())
    first.took(first.add(ada, ben))
    block(ben.user, ada.uid)
    own = create_room(ben, nonce=b"1" * 16, kind="direct", policy=direct_policy())
    own.took(own.add(ben, ada))
    assert [room["id"] for room in listed(ben)] == [own.id]


def direct_policy():
    from tests.base import POLICY

    return {**POLICY, "join": "approve"}


def test_abuse_unanswered_requests_are_limited_for_the_sender(people, monkeypatch):
    monkeypatch.setattr(requests, "MOST_SENT", 2)
    ada, ben, cleo = people
    room = create_room(ada)
    for who in (ben, cleo):
        room.took(room.add(ada, who))
    dora = person("dora").publish()
    refused = room.add(ada, dora)
    assert (refused.status_code, code(refused)) == (400, "too_many_requests")
    ben.client.post(f"/api/v1/chatrooms/{room.id}/accept")
    room.took(room.add(ada, dora))


def test_abuse_unanswered_requests_are_limited_for_the_receiver(people, monkeypatch):
    monkeypatch.setattr(requests, "MOST_RECEIVED", 1)
    ada, ben, cleo = people
    room = create_room(ada)
    room.took(room.add(ada, ben))
    other = create_room(cleo)
    refused = other.add(cleo, ben)
    assert (refused.status_code, code(refused)) == (400, "requests_full")


def test_who_knocked_has_no_request(people):
    ada, ben, _ = people
    room = create_room(ada, policy=direct_policy())
    link, made = room.invite(ada, keys=False)
    room.took(made)
    assert room.knock(ben, link).status_code == 201
    room.took(room.add(ada, ben, iid=link.iid))
    member = Member.objects.get(user=ben.user)
    assert (member.accepted, member.asked_by) == (True, "")
    assert (
        ben.client.post(f"/api/v1/chatrooms/{room.id}/wraps", {"wraps": [wrap(1, ben)]}).status_code
        == 204
    )
