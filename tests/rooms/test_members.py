"""Who comes in and goes out by a leader's hand, roles, rules, and a room's end."""

from __future__ import annotations

import pytest

from messaging.store import get_store
from rooms.models import InvitationItem, Member, ProfileBox, Room, Wrap
from rooms.rules import members
from tests.base import KEY_BOX, PADDED_BOX, POLICY, code, create_room, wrap
from tests.messaging.senders import new_message

pytestmark = pytest.mark.django_db


# --- add ---------------------------------------------------------------------------------------


def test_a_leader_adds_somebody_with_the_keys(people, room):
    ada, ben, _ = people
    room.took(room.add(ada, ben, wraps=[wrap(1, ben)]))
    member = Member.objects.get(user=ben.user)
    assert (member.since, member.role, member.accepted) == (1, "member", False)
    keys = ben.client.get(f"/api/v1/chatrooms/{room.id}/keys").json()
    assert [item["e"] for item in keys["wraps"]] == [1]


def test_the_log_names_the_identity_of_who_was_added(people, room):
    ada, ben, cleo = people
    room.took(room.add(ada, ben))
    page = ben.client.get(f"/api/v1/chatrooms/{room.id}/log").json()
    assert {item["sig"] for item in page["identities"]} == {
        ada.identity_payload["sig"],
        ben.identity_payload["sig"],
    }
    assert cleo.identity_payload["sig"] not in str(page)


def test_abuse_a_room_holds_a_limited_number_of_members(people, room, monkeypatch):
    monkeypatch.setattr(members, "MAX_MEMBERS", 1)
    ada, ben, cleo = people
    link, answer = room.invite(ada)
    room.took(answer)
    assert code(room.join(ben, link)) == "room_full"
    assert code(room.add(ada, cleo, wraps=[wrap(1, cleo)])) == "room_full"
    assert Member.objects.count() == 1


def test_members_add_nobody(people, three):
    _, ben, _ = people
    assert three.add(ben, ben).status_code == 403


def test_a_member_is_not_added_again(people, three):
    ada, ben, _ = people
    assert code(three.add(ada, ben)) == "already_member"


@pytest.mark.parametrize("wrong", ["foreign", "later", "twice"])
def test_an_addition_takes_only_the_newcomers_keys(people, room, wrong):
    ada, ben, cleo = people
    wraps = {
        "foreign": [wrap(1, cleo)],
        "later": [wrap(2, ben)],
        "twice": [wrap(1, ben), wrap(1, ben)],
    }[wrong]
    assert code(room.add(ada, ben, wraps=wraps)) == "bad_wraps"
    assert not Member.objects.filter(user=ben.user).exists()


def test_an_older_key_than_the_present_one_is_not_added(people, room):
    ada, ben, _ = people
    event = room.event(ada, "add", uid=ben.uid, to=ben.kid, iid="")
    ben.renew()
    assert code(room.post(ada, event)) == "bad_event"


def test_somebody_elses_key_is_not_added(people, room):
    ada, ben, cleo = people
    event = room.event(ada, "add", uid=ben.uid, to=cleo.kid, iid="")
    assert code(room.post(ada, event)) == "bad_event"


def test_where_history_begins_with_joining_a_newcomer_gets_no_key(people):
    ada, ben, _ = people
    room = create_room(ada, policy={**POLICY, "history": "join"})
    assert code(room.add(ada, ben, wraps=[wrap(1, ben)])) == "bad_wraps"
    room.took(room.add(ada, ben))
    assert Member.objects.get(user=ben.user).since == 2
    assert not Room.objects.get().is_open


# --- remove ------------------------------------------------------------------------------------


def test_who_is_removed_has_nothing_left(people, three):
    ada, ben, cleo = people
    link, answer = three.invite(ada, max=5)
    three.took(answer)
    ben.client.post(f"/api/v1/chatrooms/{three.id}/wraps", {"wraps": [wrap(1, ben)]})
    three.took(three.remove(ada, ben, [ada, cleo], ban=1))
    assert ben.client.get(f"/api/v1/chatrooms/{three.id}/messages").status_code == 404
    assert ben.client.get(f"/api/v1/chatrooms/{three.id}/keys").status_code == 404
    assert ben.client.get("/api/v1/chatrooms").json()["rooms"] == []
    assert not Wrap.objects.filter(to_kid=ben.kid).exists()
    assert code(three.join(ben, link)) == "invite_revoked"
    room = Room.objects.get()
    assert (room.epoch, room.generation, room.is_open, room.bans) == (2, 2, True, [ben.uid])


def test_who_was_banned_does_not_come_back_by_a_new_link(people, three):
    ada, ben, cleo = people
    three.took(three.remove(ada, ben, [ada, cleo], ban=1))
    three.e = 2
    link, answer = three.invite(ada)
    three.took(answer)
    assert code(three.join(ben, link)) == "banned"
    three.took(three.add(ada, ben))
    assert Room.objects.get().bans == []


def test_who_was_removed_without_a_ban_comes_back_by_a_new_link(people, three):
    ada, ben, cleo = people
    three.took(three.remove(ada, ben, [ada, cleo]))
    three.e = 2
    link, answer = three.invite(ada)
    three.took(answer)
    three.took(three.join(ben, link))


def test_members_remove_nobody_and_moderators_only_members(people, three):
    ada, ben, cleo = people
    assert three.remove(ben, cleo, [ada, ben]).status_code == 403
    three.took(three.role(ada, ben, "moderator"))
    assert three.remove(ben, ada, [ben, cleo]).status_code == 403
    assert code(three.remove(ben, ben, [ada, cleo])) == "bad_event"
    three.took(three.remove(ben, cleo, [ada, ben]))


@pytest.mark.parametrize("given", ["all", "too few"])
def test_a_removal_needs_a_wrap_for_each_who_stays_and_no_other(people, three, given):
    ada, ben, cleo = people
    sent = three.epoch(ada, [ada, cleo], "remove", uid=ben.uid, ban=0)
    who = {"all": [ada, ben, cleo], "too few": [ada]}[given]
    sent["wraps"] = [wrap(2, member) for member in who]
    assert code(three.post(ada, **sent)) == "bad_wraps"
    assert Member.objects.filter(user=ben.user).exists()


def test_a_removal_that_names_other_recipients_is_refused(people, three):
    ada, ben, cleo = people
    assert code(three.remove(ada, ben, [ada, ben, cleo])) == "bad_event"


# --- roles -------------------------------------------------------------------------------------


def test_the_room_is_handed_over(people, three):
    ada, ben, _ = people
    three.took(three.role(ada, ben, "owner"))
    assert (three.role_of(ada), three.role_of(ben)) == ("moderator", "owner")
    three.leave(ada)


def test_only_the_owner_gives_roles(people, three):
    ada, ben, cleo = people
    three.took(three.role(ada, ben, "moderator"))
    assert three.role(ben, cleo, "moderator").status_code == 403
    assert code(three.role(ada, ada, "member")) == "bad_event"


# --- rules -------------------------------------------------------------------------------------


def test_rules_change_by_the_owner(people, three):
    ada, ben, _ = people
    assert three.policy(ben, ai="ask").status_code == 403
    three.took(three.policy(ada, ai="ask"))
    assert Room.objects.get().policy["ai"] == "ask"


def test_what_newcomers_read_never_changes(people, room):
    assert code(room.policy(people[0], history="join")) == "bad_event"


def test_another_way_of_joining_ends_every_link(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.policy(ada, join="approve"))
    assert code(room.join(ben, link)) == "invite_revoked"
    assert not InvitationItem.objects.exists()


def test_disclosures_are_for_rooms_that_allow_them(people, three):
    ada, ben, _ = people
    what = {"from": 1, "to": 20, "model": "gpt-4o-mini"}
    assert three.post(ben, three.event(ben, "disclose", **what)).status_code == 403
    three.took(three.policy(ada, ai="ask"))
    get_store().append([new_message(n, room=three.id) for n in range(1, 21)])
    backwards = three.event(ben, "disclose", **{**what, "from": 21})
    assert code(three.post(ben, backwards)) == "bad_event"
    three.took(three.post(ben, three.event(ben, "disclose", **what)))


@pytest.mark.parametrize("model", ["", "a b", "x" * 65, "<b>"])
def test_a_model_has_a_plain_name(people, room, model):
    event = room.event(people[0], "disclose", **{"from": 1, "to": 2, "model": model})
    assert code(room.post(people[0], event)) == "bad_wire"


# --- the end -----------------------------------------------------------------------------------


def test_a_closed_room_keeps_its_log_and_nothing_else(people, three):
    ada, ben, _ = people
    link, answer = three.invite(ada)
    three.took(answer)
    assert three.post(ben, three.event(ben, "close")).status_code == 403
    three.took(three.post(ada, three.event(ada, "close")))
    assert not Wrap.objects.exists()
    assert not InvitationItem.objects.exists()
    listed = ben.client.get("/api/v1/chatrooms").json()["rooms"][0]
    assert (listed["closed"], listed["open"]) == (True, False)
    assert ben.client.get(f"/api/v1/chatrooms/{three.id}/log").status_code == 200
    assert code(three.post(ben, three.event(ben, "leave"))) == "room_closed"
    assert code(three.join(people[2], link)) == "invite_revoked"


def test_a_closed_room_is_put_away(people, three):
    ada, ben, _ = people
    address = f"/api/v1/chatrooms/{three.id}"
    assert code(ben.client.delete(address)) == "room_open"
    three.took(three.post(ada, three.event(ada, "close")))
    assert ben.client.delete(address).status_code == 204
    assert ben.client.get("/api/v1/chatrooms").json()["rooms"] == []
    assert ada.client.get("/api/v1/chatrooms").json()["rooms"] != []


# --- what rotators leave undone ----------------------------------------------------------------


def test_others_fill_in_what_a_rotation_left_out(people, three):
    ada, ben, _ = people
    link, answer = three.invite(ada)
    three.took(answer)
    Room.objects.update(profile_hash="A" * 43, epoch_ms=0)
    three.rotate(ada, people)
    boxes = {
        "profile": {"e": 2, "box": PADDED_BOX},
        "invites": [{"iid": link.iid, "escrow": KEY_BOX, "item": KEY_BOX}],
    }
    address = f"/api/v1/chatrooms/{three.id}/boxes"
    assert ben.client.post(address, boxes).status_code == 204
    assert ProfileBox.objects.filter(epoch=2).count() == 1
    assert InvitationItem.objects.filter(epoch=2).count() == 1
    other = {"profile": {"e": 2, "box": PADDED_BOX[:-4] + "AAAA"}}
    ben.client.post(address, other)
    assert ProfileBox.objects.get(epoch=2).box == PADDED_BOX, "the first one counts"
    assert code(ben.client.post(address, {"profile": {"e": 1, "box": PADDED_BOX}})) == "bad_epoch"


def test_who_has_which_keys_is_told_to_members(people, three):
    ada, ben, _ = people
    address = f"/api/v1/chatrooms/{three.id}/wraps"
    ben.client.post(address, {"wraps": [wrap(1, ben)]})
    found = ada.client.get(address).json()["wraps"]
    assert found[ada.kid] == [1]
    assert found[ben.kid] == [1]
    assert found[people[2].kid] == []
