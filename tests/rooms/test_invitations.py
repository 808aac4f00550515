"""Links into a room: made, used, used up, revoked, expired, and never believed blindly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chatsite.lib import wire
from rooms import keys
from rooms.actions import now_ms
from rooms.models import Invitation, InvitationItem, LogEvent, Member, Room
from rooms.rules import links
from tests.base import (
    KEY_BOX,
    PADDED_BOX,
    POLICY,
    api,
    canonical,
    code,
    create_room,
)

pytestmark = pytest.mark.django_db


def key_box(e: int) -> dict:
    return {"e": e, "box": KEY_BOX}


def test_invite_preview_join(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    seen = api().get(f"/api/v1/chatrooms/join/{link.iid}").json()
    assert [canonical(item["event"]) for item in seen["events"]]
    assert seen["room"] == room.id
    assert seen["card"] == PADDED_BOX
    joined = room.took(room.join(ben, link))
    assert joined.json()["items"] == [{"e": 1, "box": KEY_BOX}]
    assert Member.objects.get(user=ben.user).since == 1


def test_the_keys_of_a_link_can_be_fetched_again_by_who_joined_only(people, room):
    ada, ben, cleo = people
    link, answer = room.invite(ada)
    room.took(answer)
    path = f"/api/v1/chatrooms/join/{link.iid}/items"
    assert ben.client.get(path).status_code == 404
    room.took(room.join(ben, link))
    assert ben.client.get(path).json()["items"] == [{"e": 1, "box": KEY_BOX}]
    assert cleo.client.get(path).status_code == 404
    assert ada.client.get(path).status_code == 404


def test_revoking_an_unused_link_deletes_its_keys_at_once(people, room):
    ada, _, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.post(ada, room.event(ada, "revoke", iid=link.iid)))
    assert not InvitationItem.objects.exists()


OVER = timedelta(hours=25)


@pytest.mark.parametrize(
    "ended",
    [
        lambda: {"closed_at": timezone.now() - OVER},
        lambda: {"expires_ms": now_ms() - OVER // timedelta(milliseconds=1)},
    ],
    ids=["closed", "expired"],
)
def test_a_links_keys_are_given_for_a_day_and_then_deleted(people, room, ended):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.join(ben, link))
    path = f"/api/v1/chatrooms/join/{link.iid}/items"
    assert (keys.forget_old_items(), len(ben.client.get(path).json()["items"])) == (0, 1)
    Invitation.objects.update(**ended())
    assert ben.client.get(path).json()["items"] == []
    assert InvitationItem.objects.exists(), "reading deletes nothing"
    assert keys.forget_old_items() == 1
    assert not InvitationItem.objects.exists()


def test_no_change_of_a_room_deletes_what_other_rooms_left(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.join(ben, link))
    Invitation.objects.update(closed_at=timezone.now() - OVER)
    other = create_room(ada, bytes([9]) * 16)
    other.took(other.policy(ada, n=500))
    assert InvitationItem.objects.exists()


def test_a_room_to_be_approved_shows_no_log_to_who_has_a_link(people):
    ada, _, _ = people
    room = create_room(ada, policy={**POLICY, "join": "approve"})
    link, answer = room.invite(ada, keys=False)
    room.took(answer)
    seen = api().get(f"/api/v1/chatrooms/join/{link.iid}").json()
    assert ['"t":"invite"' in item["event"] for item in seen["events"]] == [True]
    assert seen["identities"] == [ada.identity_payload]


def test_a_used_link_is_gone(people, room):
    ada, ben, cleo = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.join(ben, link))
    for refused in (
        api().get(f"/api/v1/chatrooms/join/{link.iid}"),
        room.join(cleo, link),
    ):
        assert refused.status_code == 410
        assert code(refused) == "invite_used"


def test_a_link_for_two_takes_two(people, room):
    ada, ben, cleo = people
    link, answer = room.invite(ada, max=2)
    room.took(answer)
    room.took(room.join(ben, link))
    room.took(room.join(cleo, link))
    assert Member.objects.count() == 3


def test_a_revoked_link_is_gone(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.post(ada, room.event(ada, "revoke", iid=link.iid)))
    assert code(room.join(ben, link)) == "invite_revoked"
    assert code(room.post(ada, room.event(ada, "revoke", iid=link.iid))) == "bad_event"


def test_an_expired_link_is_gone(people, room):
    ada, ben, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    Invitation.objects.update(expires_ms=now_ms() - 1)
    assert code(room.join(ben, link)) == "invite_expired"
    assert code(api().get(f"/api/v1/chatrooms/join/{link.iid}")) == "invite_expired"


def test_an_unknown_link_is_a_404(people):
    answer = api().get("/api/v1/chatrooms/join/" + "a" * 32)
    assert answer.status_code == 404
    assert code(answer) == "invite_unknown"


def test_leaving_voids_every_link(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    link, answer = room.invite(ada)
    room.took(answer)
    room.leave(ben)
    assert code(room.join(cleo, link)) == "invite_revoked"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": 1}, id="ends before it begins"),
        pytest.param({"exp": now_ms() + 31 * 86400_000}, id="more than 30 days"),
        pytest.param({"max": 0}, id="no use"),
        pytest.param({"max": 1001}, id="too many uses"),
        pytest.param({"pop": wire.b64(b"\x05" * 64)}, id="no proof"),
        pytest.param({"ipk": wire.b64(b"\x01" + bytes(31))}, id="small-order key"),
    ],
)
def test_a_bad_invitation_is_refused(people, room, changes):
    _, answer = room.invite(people[0], **changes)
    assert answer.status_code == 400
    assert not Invitation.objects.exists()
    assert LogEvent.objects.count() == 1


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param({"items": []}, id="without the present key"),
        pytest.param({"items": [key_box(1), key_box(2)]}, id="with a key to come"),
        pytest.param({"items": [key_box(1), key_box(1)]}, id="with a key twice"),
        pytest.param({"escrow": key_box(2)}, id="with another escrow"),
    ],
)
def test_an_invitation_brings_the_keys_that_there_are(people, room, beside):
    _, answer = room.invite(people[0], beside=beside)
    assert code(answer) == "bad_event"
    assert not Invitation.objects.exists()


def test_an_invitation_of_an_open_history_brings_keys(people, room):
    _, answer = room.invite(people[0], keys=False)
    assert code(answer) == "bad_event"


def test_an_invitation_id_is_used_once(people, room):
    link, answer = room.invite(people[0])
    room.took(answer)
    _, again = room.invite(people[0], iid=link.iid)
    assert code(again) == "bad_event"
    assert Invitation.objects.get().seq == room.head[0]


def test_abuse_a_room_has_a_limited_number_of_open_links(people, room, monkeypatch):
    monkeypatch.setattr(links, "MAX_OPEN_INVITES", 1)
    ada, _, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    _, another = room.invite(ada)
    assert code(another) == "too_many_invites"
    room.took(room.post(ada, room.event(ada, "revoke", iid=link.iid)))
    room.took(room.invite(ada)[1])


def test_members_do_not_invite(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    _, answer = room.invite(ben)
    assert answer.status_code == 403


def test_a_join_without_the_secret_is_refused(people, room):
    ada, ben, cleo = people
    link, answer = room.invite(ada)
    room.took(answer)
    event = room.joining(cleo, link)
    event.update(by=ben.uid, kid=ben.kid)
    refused = ben.client.post(f"/api/v1/chatrooms/join/{link.iid}", ben.signed(event))
    assert refused.status_code == 400
    assert Member.objects.count() == 1


def test_members_do_not_join_again(people, room):
    ada, _, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    assert code(room.join(ada, link)) == "already_member"
    assert Invitation.objects.get().uses == 0


def test_an_approve_room_is_not_joined_by_link(people):
    ada, ben, _ = people
    room = create_room(ada, policy={**POLICY, "join": "approve"})
    link, answer = room.invite(ada, keys=False)
    room.took(answer)
    assert code(room.join(ben, link)) == "bad_event"
    assert Member.objects.count() == 1


def test_history_join_closes_the_room_until_a_rotation(people):
    ada, ben, _ = people
    room = create_room(ada, policy={**POLICY, "history": "join"})
    _, with_keys = room.invite(ada)
    assert code(with_keys) == "bad_event"
    link, answer = room.invite(ada, keys=False)
    room.took(answer)
    joined = room.took(room.join(ben, link))
    assert joined.json()["items"] == []
    assert Room.objects.get().is_open is False
    assert Member.objects.get(user=ben.user).since == 2
    room.rotate(ben, [ada, ben])
    stored = Room.objects.get()
    assert (stored.epoch, stored.generation, stored.is_open) == (2, 2, True)
