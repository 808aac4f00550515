"""Who leads a room: taking a rank away, bans of former members, and the owner's successor."""

from __future__ import annotations

import pytest

from accounts.actions import block
from accounts.lifecycle import delete_account, set_active
from chatsite.lib import ratelimit
from rooms.models import Member, Room, Wrap
from rooms.selectors import generations
from tests.base import RoomScript, code, create_room, wrap

pytestmark = pytest.mark.django_db


# --- taking a rank away ------------------------------------------------------------------------


def test_a_demotion_begins_an_epoch(people, three):
    ada, ben, _ = people
    three.took(three.role(ada, ben, "moderator"))
    three.took(three.demote(ada, ben, people))
    assert three.role_of(ben) == "member"
    room = Room.objects.get()
    assert (room.epoch, room.generation, room.epoch_seq) == (2, 2, three.head[0])
    assert generations(three.id) == {1: 1, 2: 2}
    assert Wrap.objects.filter(epoch=2).count() == 3


def test_hostile_a_demotion_without_a_new_key_is_refused(people, three):
    ada, ben, _ = people
    three.took(three.role(ada, ben, "moderator"))
    answer = three.role(ada, ben, "member")
    assert code(answer) == "bad_event"
    assert "begins an epoch" in answer.json()["error"]["detail"]
    assert three.role_of(ben) == "moderator"


@pytest.mark.parametrize("before", ["member", "moderator"])
@pytest.mark.parametrize("role", ["moderator", "owner"])
def test_no_other_change_of_roles_begins_an_epoch(people, three, before, role):
    ada, ben, _ = people
    if before == "moderator":
        three.took(three.role(ada, ben, before))
    sent = three.epoch(ada, people, "role", uid=ben.uid, role=role)
    assert code(three.post(ada, **sent)) == "bad_event"


def test_a_demotion_needs_a_wrap_for_each_member(people, three):
    ada, ben, cleo = people
    three.took(three.role(ada, ben, "moderator"))
    sent = three.epoch(ada, people, "role", uid=ben.uid, role="member")
    sent["wraps"] = [wrap(2, ada), wrap(2, cleo)]
    assert code(three.post(ada, **sent)) == "bad_wraps"
    assert three.role_of(ben) == "moderator"


def test_who_loses_the_rank_loses_their_own_links_only(people, three):
    ada, ben, _ = people
    three.took(three.role(ada, ben, "moderator"))
    hers, answer = three.invite(ada, max=5)
    three.took(answer)
    his, answer = three.invite(ben, max=5)
    three.took(answer)
    three.took(three.demote(ada, ben, people))
    states = {
        one["iid"]: one["state"]
        for one in ada.client.get(f"/api/v1/chatrooms/{three.id}/invites").json()["invites"]
    }
    assert (states[hers.iid], states[his.iid]) == ("open", "voided")


def test_handing_over_takes_no_rank_away(people, three):
    """An owner may hide what others wrote, and so may the moderator that they become."""
    ada, ben, _ = people
    three.took(three.role(ada, ben, "owner"))
    assert (three.role_of(ada), Room.objects.get().epoch) == ("moderator", 1)


# --- former members ----------------------------------------------------------------------------


def test_who_has_left_can_be_banned_and_let_again(people, three):
    ada, ben, cleo = people
    three.leave(ben)
    three.rotate(ada, [ada, cleo])
    three.took(three.ban(ada, ben))
    link, answer = three.invite(ada)
    three.took(answer)
    assert code(three.join(ben, link)) == "banned"
    three.took(three.ban(ada, ben, on=0))
    three.took(three.join(ben, link))


def test_bans_are_for_former_members_by_leaders(people, three):
    ada, ben, cleo = people
    assert code(three.ban(ada, ben)) == "bad_event"  # a member is removed instead
    three.leave(ben)
    assert three.ban(cleo, ben).status_code == 403
    assert code(three.ban(ada, ben, on=0)) == "bad_event"
    three.took(three.ban(ada, ben))
    assert code(three.ban(ada, ben)) == "bad_event"


def test_nobody_is_banned_who_never_was_there(people, room):
    ada, ben, _ = people
    assert code(room.ban(ada, ben)) == "bad_event"


def test_abuse_joining_and_leaving_again_and_again_voids_no_more_links(people, three):
    ada, ben, cleo = people

    def leave_and_join():
        three.leave(ben)
        three.rotate(ada, [ada, cleo])
        link, answer = three.invite(ada, max=9)
        three.took(answer)
        return three.join(ben, link)

    three.took(leave_and_join())
    last = leave_and_join()
    assert last.status_code == 429
    assert code(last) == "left_often"
    assert 23 * 3600 < int(last["Retry-After"]) <= 24 * 3600 + 1
    three.took(three.add(ada, ben))


# --- the successor -----------------------------------------------------------------------------


def ended(who) -> None:
    """As an administrator does."""
    set_active(who.user, False, by=None)


def listed(who, room) -> dict:
    return who.client.get(f"/api/v1/chatrooms/{room.id}").json()


def test_the_named_successor_takes_over_once_the_account_has_ended(people, three):
    ada, ben, cleo = people
    three.took(three.name_successor(ada, ben))
    assert listed(ben, three)["ended"] == {}
    ended(ada)
    assert listed(ben, three)["ended"] == {ada.uid: "disabled"}
    three.took(three.succeed(ben, ada, [ben, cleo]))
    assert three.role_of(ben) == "owner"
    assert not Member.objects.filter(user=ada.user).exists()
    room = Room.objects.get()
    assert (room.epoch, room.generation, room.successor, room.is_open) == (2, 2, "", True)
    assert generations(three.id) == {1: 1, 2: 2}
    assert listed(cleo, three)["ended"] == {}


def test_a_deleted_owner_is_followed_too(people, three):
    ada, ben, cleo = people
    three.took(three.name_successor(ada, ben))
    delete_account(ada.user, by=None)
    assert listed(ben, three)["ended"] == {ada.uid: "deleted"}
    three.took(three.succeed(ben, ada, [ben, cleo]))
    assert three.role_of(ben) == "owner"


def test_former_members_whose_accounts_were_deleted_are_named_outside_the_list(people, three):
    ada, ben, cleo = people
    for former in (ben, cleo):
        three.took(three.leave(former))
        assert listed(ada, three)["ended"] == {}
    delete_account(cleo.user, by=None)
    ended(ben)  # a former member's disabled account is no longer the room's business
    assert listed(ada, three)["ended"] == {cleo.uid: "deleted"}
    rooms = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert rooms[0]["ended"] == {}


def test_hostile_nobody_takes_over_from_an_owner_who_is_there(people, three):
    ada, ben, cleo = people
    three.took(three.name_successor(ada, ben))
    answer = three.succeed(ben, ada, [ben, cleo])
    assert (answer.status_code, code(answer)) == (403, "owner_active")
    assert three.role_of(ada) == "owner"


@pytest.mark.parametrize("how", ["nobody", "another", "taken back", "handed over", "left"])
def test_hostile_only_the_present_successor_takes_over(people, three, how):
    ada, ben, cleo = people
    if how != "nobody":
        three.took(three.name_successor(ada, ben if how != "another" else cleo))
    if how == "taken back":
        three.took(three.name_successor(ada, None))
    if how == "handed over":
        three.took(three.role(ada, cleo, "owner"))
        three.took(three.role(cleo, ada, "owner"))
    if how == "left":
        three.leave(ben)
        three.rotate(ada, [ada, cleo])
        three.took(three.add(ada, ben))
    ended(ada)
    assert three.succeed(ben, ada, [ben, cleo]).status_code == 403
    assert three.role_of(ada) == "owner"


def test_only_the_owner_names_a_successor_and_only_a_member(people, three):
    ada, ben, cleo = people
    three.took(three.role(ada, ben, "moderator"))
    assert three.name_successor(ben, cleo).status_code == 403
    assert code(three.name_successor(ada, ada)) == "bad_event"
    three.leave(cleo)
    assert code(three.name_successor(ada, cleo)) == "bad_event"


# --- budgets -----------------------------------------------------------------------------------


@pytest.fixture
def spent(settings):
    """Every budget is gone but the one for what protects a room."""
    few = dict.fromkeys(("log", "log_epoch", "hand_over"), (1, 86_400))

    def spend(who) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, **few}
        for name in few:
            ratelimit.allow(f"rate_limit:{who.uid}:{name}", *few[name])

    return spend


def test_abuse_what_others_ask_for_leaves_the_owner_what_a_removal_needs(people, three, spent):
    """A member floods `key_request`; the owner's client answers with all that it has."""
    ada, ben, cleo = people
    spent(ada)
    wraps = {"wraps": [wrap(1, ben)]}
    assert ada.client.post(f"/api/v1/chatrooms/{three.id}/wraps", wraps).status_code == 429
    assert three.post(ada, **three.epoch(ada, people)).status_code == 429
    assert three.policy(ada, ttl=30).status_code == 429
    three.took(three.remove(ada, ben, [ada, cleo]))


def test_abuse_keys_for_others_and_rotations_cost_none_of_ones_own_budget(people, three, settings):
    ada, ben, _ = people
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "log": (1, 86_400)}
    for _ in range(3):
        wraps = {"wraps": [wrap(1, ben)]}
        assert ada.client.post(f"/api/v1/chatrooms/{three.id}/wraps", wraps).status_code == 204
    Room.objects.update(epoch_ms=0)
    three.rotate(ada, people)
    three.took(three.policy(ada, ttl=30))
    assert three.policy(ada, ttl=31).status_code == 429


def test_abuse_a_demotion_a_ban_and_leaving_have_their_own_budget(people, three, spent):
    ada, ben, _cleo = people
    three.took(three.role(ada, ben, "moderator"))
    spent(ada)
    assert three.policy(ada, ttl=30).status_code == 429
    three.took(three.demote(ada, ben, people))
    three.e = 2
    three.leave(ben)
    three.took(three.ban(ada, ben))
    three.took(three.post(ada, three.event(ada, "close")))


# --- owners who could not act ------------------------------------------------------------------


def asked(room: RoomScript, ada, ben) -> None:
    room.took(room.add(ada, ben))


def declined(room: RoomScript, ada, ben) -> None:
    room.took(room.add(ada, ben))
    block(ben.user, ada.uid)


def disabled(room: RoomScript, ada, ben) -> None:
    room.admit(ada, ben)
    set_active(ben.user, False, by=None)


CANNOT_LEAD = {asked: "not_answered", declined: "not_answered", disabled: "account_ended"}


@pytest.mark.parametrize("state", CANNOT_LEAD)
def test_abuse_nobody_leads_a_room_who_could_not_act(people, room, state):
    ada, ben, cleo = people
    room.admit(ada, cleo)
    state(room, ada, ben)
    roles = [room.role(ada, ben, rank) for rank in ("owner", "moderator")]
    for answer in (*roles, room.name_successor(ada, ben)):
        assert (answer.status_code, code(answer)) == (400, CANNOT_LEAD[state])
    assert room.role_of(ada) == "owner"
    room.took(room.name_successor(ada, cleo))
    room.took(room.role(ada, cleo, "owner"))


def test_who_has_accepted_may_own_the_room(people, room):
    ada, ben, _ = people
    asked(room, ada, ben)
    assert ben.client.post(f"/api/v1/chatrooms/{room.id}/accept").status_code == 204
    room.took(room.role(ada, ben, "owner"))


def test_the_owner_alone_is_told_who_has_not_answered(people, room):
    """A block is told to nobody: it looks like a request that waits."""
    ada, ben, cleo = people
    room.admit(ada, cleo)
    declined(room, ada, ben)
    assert listed(ada, room)["unanswered"] == [ben.uid]
    assert listed(cleo, room)["unanswered"] == []
    room.took(room.role(ada, cleo, "moderator"))
    assert listed(cleo, room)["unanswered"] == []


def test_the_owner_of_a_direct_room_hands_it_over_to_leave(people):
    ada, ben, _ = people
    room = create_room(ada, kind="direct")
    room.took(room.add(ada, ben))
    room.took(room.role(ada, ben, "owner"))
    room.leave(ada)
