"""Asking to be let in: by a link that needs approval, after a reset, and by a request."""

from __future__ import annotations

import pytest

from accounts.actions import block
from rooms.actions import now_ms
from rooms.models import Invitation, Knock, Member, Room
from tests.base import (
    PADDED_BOX,
    POLICY,
    Link,
    RoomScript,
    canonical,
    code,
    create_room,
    person,
    wrap,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(people) -> RoomScript:
    """Ada's room, into which one must be let."""
    return create_room(people[0], policy={**POLICY, "join": "approve"})


@pytest.fixture
def link(people, board):
    link, answer = board.invite(people[0], keys=False, max=5)
    board.took(answer)
    return link


def state(who, link) -> str:
    return who.client.get(f"/api/v1/chatrooms/join/{link.iid}/knock").json()["state"]


def knocks(who, room) -> list:
    return who.client.get(f"/api/v1/chatrooms/{room.id}/knocks").json()["knocks"]


# --- by a link ---------------------------------------------------------------------------------


def test_who_knocks_waits_and_is_let_in(people, board, link):
    ada, ben, _ = people
    assert state(ben, link) == "none"
    assert board.knock(ben, link).json() == {"state": "waiting"}
    assert state(ben, link) == "waiting"
    [knock] = knocks(ada, board)
    assert knock["identity"] == ben.identity_payload
    assert ada.client.get("/api/v1/chatrooms").json()["rooms"][0]["knocks"] == 1
    board.took(board.add(ada, ben, iid=link.iid, wraps=[wrap(1, ben)]))
    assert state(ben, link) == "member"
    assert Member.objects.get(user=ben.user).accepted, "they asked"
    assert not Knock.objects.exists()
    assert Invitation.objects.get().uses == 1


def test_who_is_refused_hears_it_and_is_not_shown_again(people, board, link):
    ada, ben, _ = people
    board.knock(ben, link)
    address = f"/api/v1/chatrooms/{board.id}/knocks/{ben.uid}"
    assert ben.client.delete(address).status_code == 404
    assert ada.client.delete(address).status_code == 204
    assert state(ben, link) == "refused"
    assert knocks(ada, board) == []


def test_ordinary_members_refuse_nobody(people, board, link):
    ada, ben, cleo = people
    board.took(board.add(ada, cleo))
    board.knock(ben, link)
    answer = cleo.client.delete(f"/api/v1/chatrooms/{board.id}/knocks/{ben.uid}")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"uid": "0" * 32}, "bad_knock"),
        ({"kid": "A" * 43}, "bad_knock"),
        ({"room": "0" * 32}, "bad_knock"),
        ({"iid": "0" * 32}, "bad_knock"),
        ({"ts": 1}, "clock"),
        ({"v": 2}, "bad_wire"),
    ],
)
def test_a_knock_says_who_asks_where_and_when(people, board, link, changes, expected):
    assert code(board.knock(people[1], link, **changes)) == expected
    assert not Knock.objects.exists()


def test_a_knock_needs_the_links_secret(people, board, link):
    _, ben, _ = people
    other = Link(b"another")
    text, sig = _knock(board, ben, link)
    sent = {"body": text, "sig": sig, "isig": other.sign("joiner", text)}
    answer = ben.client.post(f"/api/v1/chatrooms/join/{link.iid}/knock", sent)
    assert code(answer) == "bad_signature"


def test_a_knock_is_signed_by_who_asks(people, board, link):
    _, ben, cleo = people
    text, _ = _knock(board, ben, link)
    sent = {"body": text, "sig": cleo.sign("knock", text), "isig": link.sign("joiner", text)}
    answer = ben.client.post(f"/api/v1/chatrooms/join/{link.iid}/knock", sent)
    assert code(answer) == "bad_signature"


def _knock(room, who, link) -> tuple[str, str]:
    about = {"room": room.id, "iid": link.iid, "uid": who.uid, "kid": who.kid}
    text = canonical({"v": 1, **about, "ts": now_ms()})
    return text, who.sign("knock", text)


def test_where_the_link_alone_admits_nobody_knocks(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    assert code(room.knock(ben, link)) == "join_directly"


def test_nobody_knocks_by_a_link_that_ended(people, board, link):
    ada, ben, _ = people
    board.took(board.post(ada, board.event(ada, "revoke", iid=link.iid)))
    assert code(board.knock(ben, link)) == "invite_revoked"


# --- after a reset -----------------------------------------------------------------------------


def test_a_member_with_new_keys_is_let_in_again(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    old = ben.kid
    assert code(room.knock(ben, None)) == "already_member"
    ben.renew()
    assert room.knock(ben, None).status_code == 201
    assert len(knocks(ada, room)) == 1
    room.took(room.reset(ada, ben, [ada, ben]))
    member = Member.objects.get(user=ben.user)
    assert member.kid == ben.kid != old
    assert not Knock.objects.exists()
    found = Room.objects.get()
    assert (found.epoch, found.generation) == (2, 2)
    page = ada.client.get(f"/api/v1/chatrooms/{room.id}/log").json()
    assert len(page["identities"]) == 3


def test_who_has_new_keys_sees_what_became_of_their_request(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)

    def own(who):
        [listed] = who.client.get("/api/v1/chatrooms").json()["rooms"]
        return listed["own_knock"]

    assert own(ben) is None
    ben.renew()
    room.knock(ben, None)
    assert own(ben) == {"kid": ben.kid, "state": "waiting"}
    assert own(ada) is None
    address = f"/api/v1/chatrooms/{room.id}"
    assert ada.client.delete(f"{address}/knocks/{ben.uid}").status_code == 204
    assert own(ben) == {"kid": ben.kid, "state": "refused"}
    assert ben.client.get(address).json()["own_knock"]["state"] == "refused"
    room.knock(ben, None)
    assert own(ben)["state"] == "waiting", "they asked again"
    room.took(room.reset(ada, ben, [ada, ben]))
    assert own(ben) is None


def test_a_reset_to_a_key_that_is_not_newer_is_refused(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    assert code(room.reset(ada, ben, [ada, ben])) == "bad_event"


def test_a_reset_to_somebody_elses_key_is_refused(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    event = room.epoch(ada, [ada, ben], "reset", uid=ben.uid, to=cleo.kid)
    assert code(room.post(ada, **event)) == "bad_event"


def test_members_accept_an_owners_new_key_only_where_no_moderator_is(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.admit(ada, cleo)
    room.took(room.role(ada, ben, "moderator"))
    ada.renew()
    assert room.reset(cleo, ada, people).status_code == 403
    room.took(room.reset(ben, ada, people))
    assert Member.objects.get(user=ada.user).role == "owner"


def test_a_members_new_key_is_a_leaders_to_accept(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.admit(ada, cleo)
    ben.renew()
    assert room.reset(cleo, ben, people).status_code == 403


def test_who_has_new_keys_signs_nothing_with_the_old_ones(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    event = room.event(ben, "leave")
    signed = ben.signed(event)
    ben.renew()
    answer = ben.client.post(f"/api/v1/chatrooms/{room.id}/log", signed)
    assert code(answer) == "bad_event"


# --- direct rooms and requests -----------------------------------------------------------------


@pytest.fixture
def direct(people) -> RoomScript:
    ada, ben, _ = people
    room = create_room(ada, kind="direct")
    room.took(room.add(ada, ben, wraps=[wrap(1, ben)]))
    return room


def listed(who) -> list:
    return who.client.get("/api/v1/chatrooms").json()["rooms"]


def test_a_direct_room_is_a_request_until_it_is_accepted(people, direct):
    ada, ben, _ = people
    [room] = listed(ben)
    assert (room["kind"], room["accepted"]) == ("direct", False)
    assert room["peer"] == {"uid": ada.uid, "name": "ada"}
    assert ben.client.post(f"/api/v1/chatrooms/{direct.id}/accept", {}).status_code == 204
    assert listed(ben)[0]["accepted"] is True
    assert listed(ada)[0]["peer"] == {"uid": ben.uid, "name": "ben"}


def test_a_request_is_declined_by_leaving(people, direct):
    _, ben, _ = people
    direct.leave(ben)
    assert listed(ben) == []


def test_two_people_have_one_direct_room(people, direct):
    ada, ben, _ = people
    for one, other in ((ada, ben), (ben, ada)):
        again = create_room(one, bytes(15) + one.uid[:1].encode(), kind="direct")
        answer = again.add(one, other)
        assert code(answer) == "direct_exists"
        assert answer.json()["error"]["room"] == direct.id


def test_a_direct_room_takes_no_third_and_no_links(people, direct):
    ada, _, cleo = people
    assert code(direct.add(ada, cleo)) == "bad_event"
    _, answer = direct.invite(ada)
    assert code(answer) == "bad_event"


def test_a_direct_room_has_no_bans(people, direct):
    ada, ben, _ = people
    direct.leave(ben)
    assert code(direct.ban(ada, ben)) == "bad_event"


def test_requests_of_the_blocked_are_not_listed(people, direct):
    ada, ben, _ = people
    block(ben.user, ada.uid)
    assert listed(ben) == []
    assert listed(ada) != [], "they are not told"


def test_both_may_name_a_direct_room(people, direct):
    _, ben, _ = people
    ben.client.post(f"/api/v1/chatrooms/{direct.id}/accept")
    event = direct.event(ben, "profile", h="A" * 43)
    sent = {**ben.signed(event), "profile": {"e": 1, "box": PADDED_BOX}}
    assert ben.client.put(f"/api/v1/chatrooms/{direct.id}", sent).status_code == 200


def test_a_strangers_room_answers_as_if_it_were_not_there(people, direct):
    dan = person("dan").publish()
    for path in ("knocks", "wraps"):
        answer = dan.client.get(f"/api/v1/chatrooms/{direct.id}/{path}")
        assert answer.status_code == 404
    for path in ("accept", "boxes"):
        answer = dan.client.post(f"/api/v1/chatrooms/{direct.id}/{path}", {})
        assert answer.status_code == 404
    assert direct.knock(dan, None).status_code == 404
