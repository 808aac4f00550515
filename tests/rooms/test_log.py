"""The signed log: what the server takes, what it refuses, and that a refusal leaves no trace."""

from __future__ import annotations

import pytest

from chatsite.lib import wire
from rooms.actions import now_ms
from rooms.models import Invitation, LogEvent, Member, Room, Wrap
from tests.base import (
    KEY_BOX,
    PADDED_BOX,
    POLICY,
    RoomScript,
    api,
    canonical,
    create_room,
    creation,
    wrap,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(people) -> RoomScript:
    return create_room(people[0])


def code(answer):
    return answer.json()["error"]["code"]


# --- create --------------------------------------------------------------------------------------


def test_create_makes_an_owner(people):
    room = create_room(people[0])
    stored = Room.objects.get()
    assert (stored.pk, stored.epoch, stored.generation, stored.is_open) == (room.id, 1, 1, True)
    assert Member.objects.get().role == "owner"
    assert Wrap.objects.get().to == people[0].kid


def test_the_same_room_twice_is_refused(people):
    create_room(people[0])
    again = people[0].signed(creation(people[0]))
    answer = people[0].client.post("/api/v1/chatrooms", {**again, "wraps": [wrap(1, people[0])]})
    assert answer.status_code == 409
    assert Room.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"room": "a" * 32}, "bad_event", id="id does not follow"),
        pytest.param({"seq": 1}, "bad_event", id="not at zero"),
        pytest.param({"ts": 1}, "clock", id="clock"),
        pytest.param({"kind": "channel"}, "bad_wire", id="unknown kind"),
        pytest.param({"kcv": "AAAA"}, "bad_wire", id="short commitment"),
        pytest.param({"policy": {**POLICY, "n": 99}}, "bad_wire", id="policy out of range"),
        pytest.param({"policy": {**POLICY, "x": 1}}, "bad_wire", id="policy with another key"),
        pytest.param({"v": 2}, "bad_wire", id="another version"),
        pytest.param({"extra": 1}, "bad_wire", id="another key"),
    ],
)
def test_a_bad_create_is_refused(people, changes, expected):
    owner = people[0]
    payload = {**owner.signed(creation(owner, **changes)), "wraps": [wrap(1, owner)]}
    answer = owner.client.post("/api/v1/chatrooms", payload)
    assert answer.status_code == 400
    assert code(answer) == expected
    assert not Room.objects.exists()
    assert not LogEvent.objects.exists()


@pytest.mark.parametrize("wraps", ["none", "two", "foreign", "other epoch", "short"])
def test_create_needs_exactly_the_owners_wrap(people, wraps):
    owner, other, _ = people
    given = {
        "none": [],
        "two": [wrap(1, owner), wrap(1, owner)],
        "foreign": [wrap(1, other)],
        "other epoch": [wrap(2, owner)],
        "short": [{**wrap(1, owner), "ct": wire.b64(bytes(383))}],
    }[wraps]
    payload = {**owner.signed(creation(owner)), "wraps": given}
    assert owner.client.post("/api/v1/chatrooms", payload).status_code == 400
    assert not Room.objects.exists()


def test_only_who_has_published_keys_creates(ada):
    payload = {**ada.signed(creation(ada)), "wraps": [wrap(1, ada)]}
    answer = ada.client.post("/api/v1/chatrooms", payload)
    assert answer.status_code == 400
    assert code(answer) == "bad_event"


# --- the chain -----------------------------------------------------------------------------------


def test_a_lost_race_answers_with_the_head(people, room):
    event = room.event(people[0], "revoke", iid="a" * 32)
    event["seq"] += 1
    answer = room.post(people[0], event)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "head"
    assert answer.json()["error"]["head"] == room.head


def test_a_wrong_prev_is_a_lost_race(people, room):
    event = room.event(people[0], "leave")
    event["prev"] = wire.b64(bytes(32))
    assert room.post(people[0], event).status_code == 409


@pytest.mark.parametrize("field", ["by", "kid"])
def test_nobody_signs_for_another(people, room, field):
    ada, ben, _ = people
    room.admit(ada, ben)
    event = room.event(ben, "leave")
    event[field] = {"by": ada.uid, "kid": ada.kid}[field]
    answer = room.post(ben, event)
    assert answer.status_code == 400
    assert Member.objects.count() == 2


def test_a_bad_signature_is_refused(people, room):
    ada, ben, _ = people
    text = canonical(room.event(ada, "leave"))
    payload = {"event": text, "sig": ben.sign("event", text)}
    answer = ada.client.post(f"/api/v1/chatrooms/{room.id}/log", payload)
    assert code(answer) == "bad_signature"
    assert LogEvent.objects.count() == 1


def test_time_does_not_go_back(people, room):
    event = room.event(people[0], "leave")
    event["ts"] = now_ms() - 60_000
    first = Room.objects.get()
    first.head_ts = now_ms()
    first.save()
    assert code(room.post(people[0], event)) == "bad_event"


def test_the_ts_before_is_taken_even_when_it_is_old(people, room):
    """A client writes the later of its clock and the ts before: a room that was once written
    with a fast clock must not be stuck."""
    ahead = now_ms() + 3600_000
    Room.objects.update(head_ts=ahead)
    event = room.event(people[0], "leave")
    event["ts"] = ahead
    room.took(room.post(people[0], event))


@pytest.mark.parametrize("text", ['{"v":1}', "[]", "null", "{", '{"t":5}', ""])
def test_what_is_no_event_is_a_400(people, room, text):
    payload = {"event": text, "sig": "A" * 86}
    answer = people[0].client.post(f"/api/v1/chatrooms/{room.id}/log", payload)
    assert answer.status_code == 400
    assert code(answer) == "bad_wire"


@pytest.mark.parametrize(
    "t", ["add", "remove", "role", "policy", "reset", "close", "disclose", "x"]
)
def test_later_events_are_refused_not_ignored(people, room, t):
    answer = room.post(people[0], room.event(people[0], t))
    assert answer.status_code == 400
    assert code(answer) == "unsupported"
    assert LogEvent.objects.count() == 1


def test_an_edge_takes_only_its_own_events(people, room):
    event = room.event(people[0], "profile", h=wire.b64(bytes(32)))
    assert code(room.post(people[0], event)) == "bad_event"


# --- doors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/log"),
        ("get", "/keys"),
        ("get", "/invites"),
        ("get", "/messages"),
        ("post", "/log"),
        ("post", "/invite"),
        ("post", "/wraps"),
        ("post", "/key_request"),
        ("put", ""),
    ],
)
def test_absent_and_foreign_rooms_look_alike(people, room, method, path):
    stranger = people[1]
    payloads = {
        "/wraps": {"wraps": [wrap(1, stranger)]},
        "/key_request": {"e": [1]},
    }
    answers = []
    for room_id in (room.id, "f" * 32):
        script = RoomScript(room_id, room.head)
        payload = payloads.get(path) or stranger.signed(script.event(stranger, "leave"))
        call = getattr(stranger.client, method)
        args = () if method == "get" else (payload,)
        answers.append(call(f"/api/v1/chatrooms/{room_id}{path}", *args))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_nobody_reads_without_signing_in(room):
    for path in ("", "/log", "/keys", "/invites", "/messages"):
        assert api().get(f"/api/v1/chatrooms/{room.id}{path}").status_code == 401


# --- profile -------------------------------------------------------------------------------------


def put_profile(room, by, **beside):
    event = room.event(by, "profile", h=wire.b64(bytes(32)))
    return by.client.put(f"/api/v1/chatrooms/{room.id}", {**by.signed(event), **beside})


def test_a_profile_is_kept_with_its_box(people, room):
    room.took(put_profile(room, people[0], profile={"e": 1, "box": PADDED_BOX}))
    listed = people[0].client.get("/api/v1/chatrooms").json()["rooms"]
    assert listed[0]["profiles"] == [{"e": 1, "box": PADDED_BOX}]


def test_a_profile_without_its_box_or_for_another_epoch_is_refused(people, room):
    assert code(put_profile(room, people[0])) == "bad_event"
    other = put_profile(room, people[0], profile={"e": 2, "box": PADDED_BOX})
    assert code(other) == "bad_event"


def test_members_do_not_change_the_profile(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    answer = put_profile(room, ben, profile={"e": 1, "box": PADDED_BOX})
    assert answer.status_code == 403


# --- invitations ---------------------------------------------------------------------------------


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
    Invitation.objects.update(expires=now_ms() - 1)
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


# --- leaving and rotation ------------------------------------------------------------------------


def test_after_leaving_the_room_is_closed_and_foreign(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    room.leave(ben)
    assert Room.objects.get().is_open is False
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/log").status_code == 404
    assert ben.client.get("/api/v1/chatrooms").json()["rooms"] == []


def test_the_owner_leaves_only_alone(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    assert room.post(ada, room.event(ada, "leave")).status_code == 403
    room.leave(ben)
    room.leave(ada)
    assert not Member.objects.exists()


def test_a_rotation_opens_the_room(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.admit(ada, cleo)
    room.leave(cleo)
    room.rotate(ben, [ada, ben])
    stored = Room.objects.get()
    assert (stored.epoch, stored.generation, stored.is_open) == (2, 2, True)
    assert set(Wrap.objects.filter(e=2).values_list("to", flat=True)) == {ada.kid, ben.kid}


def test_a_rotation_of_an_open_room_waits_a_minute(people, room):
    answer = room.post(people[0], **room.epoch(people[0], [people[0]]))
    assert answer.status_code == 429
    assert Room.objects.get().epoch == 1


def test_a_rotation_of_an_open_room_keeps_the_search_generation(people, room):
    Room.objects.update(epoch_ts=now_ms() - 61_000)
    room.rotate(people[0], [people[0]])
    assert (Room.objects.get().epoch, Room.objects.get().generation) == (2, 1)


@pytest.mark.parametrize("wrong", ["members", "missing wrap", "ghost wrap", "epoch skipped"])
def test_a_bad_rotation_is_refused(people, room, wrong):
    ada, ben, cleo = people
    room.admit(ada, ben)
    room.admit(ada, cleo)
    room.leave(cleo)
    sent = room.epoch(ada, [ada, ben])
    if wrong == "members":
        sent = room.epoch(ada, [ada, ben, cleo])
    elif wrong == "missing wrap":
        sent["wraps"].pop()
    elif wrong == "ghost wrap":
        sent["wraps"].append(wrap(2, cleo))
    else:
        sent["event"]["e"] = 3
    assert room.post(ada, **sent).status_code == 400
    assert Room.objects.get().epoch == 1
    assert not Wrap.objects.filter(e=2).exists()


def test_a_rotation_extends_open_links(people, room):
    ada, ben, _ = people
    Room.objects.update(epoch_ts=now_ms() - 61_000)
    link, answer = room.invite(ada)
    room.took(answer)
    escrows = ada.client.get(f"/api/v1/chatrooms/{room.id}/keys").json()["escrows"]
    assert escrows == [{"iid": link.iid, "e": 1, "box": KEY_BOX}]
    sent = room.epoch(ada, [ada])
    sent["invites"] = [{"iid": link.iid, "escrow": KEY_BOX, "item": KEY_BOX}]
    room.took(room.post(ada, **sent))
    joined = room.took(room.join(ben, link))
    assert [item["e"] for item in joined.json()["items"]] == [1, 2]


# --- keys ----------------------------------------------------------------------------------------


def test_keys_are_handed_over_to_the_entitled_only(people, room):
    ada, ben, cleo = people
    room.admit(ada, ben)
    path = f"/api/v1/chatrooms/{room.id}/wraps"
    assert ada.client.post(path, {"wraps": [wrap(1, ben)]}).status_code == 204
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/keys").json()["wraps"] == [wrap(1, ben)]
    for refused in (wrap(1, cleo), wrap(2, ben)):
        assert code(ada.client.post(path, {"wraps": [refused]})) == "bad_wraps"


def test_one_wrap_a_giver_is_kept(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    path = f"/api/v1/chatrooms/{room.id}/wraps"
    for giver in (ada, ada, ben):
        assert giver.client.post(path, {"wraps": [wrap(1, ben)]}).status_code == 204
    assert Wrap.objects.filter(to=ben.kid).count() == 2


def test_log_writes_are_limited(people, room, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "log": (2, 60)}
    event = room.event(people[0], "revoke", iid="a" * 32)
    answers = [room.post(people[0], event) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]


def test_the_log_comes_in_pages_with_its_identities(people, room, monkeypatch):
    monkeypatch.setattr("rooms.queries.LOG_PAGE", 2)
    ada, ben, _ = people
    room.admit(ada, ben)
    first = ben.client.get(f"/api/v1/chatrooms/{room.id}/log").json()
    assert (len(first["events"]), first["more"]) == (2, True)
    rest = ben.client.get(f"/api/v1/chatrooms/{room.id}/log?after=1").json()
    assert (len(rest["events"]), rest["more"]) == (1, False)
    assert rest["identities"] == [ben.identity_payload]
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/log?after=x").status_code == 400


def test_the_admin_shows_and_changes_nothing(people, room, client):
    from accounts.models import User
    from tests.base import PASSWORD

    client.force_login(User.objects.create_superuser("root", PASSWORD))
    for model in ("room", "member", "logevent", "wrap", "invitation"):
        assert client.get(f"/admin/rooms/{model}/").status_code == 200
        assert client.get(f"/admin/rooms/{model}/add/").status_code == 403
    stored = LogEvent.objects.get()
    answer = client.post(f"/admin/rooms/logevent/{stored.pk}/change/", {"event": "x"})
    assert answer.status_code == 403


def test_a_head_is_never_older_than_its_events(people, room):
    """Clients take a head below the events for a log cut short, and accuse the server."""
    from rooms.queries import log_page

    stale = Room.objects.get()
    room.admit(people[0], people[1])
    page = log_page(stale, -1)
    assert len(page["events"]) == 3
    assert page["head"] == room.head
