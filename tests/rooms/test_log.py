"""The signed log: what the server takes, what it refuses, and that a refusal leaves no trace."""

from __future__ import annotations

import pytest

from chatsite.lib import wire
from rooms.actions import now_ms
from rooms.models import LogEvent, Member, Room, Wrap
from tests.base import (
    PADDED_BOX,
    POLICY,
    RoomScript,
    api,
    canonical,
    code,
    create_room,
    creation,
    wrap,
)

pytestmark = pytest.mark.django_db


# --- create --------------------------------------------------------------------------------------


def test_create_makes_an_owner(people):
    room = create_room(people[0])
    stored = Room.objects.get()
    assert (stored.pk, stored.epoch, stored.generation, stored.is_open) == (room.id, 1, 1, True)
    assert Member.objects.get().role == "owner"
    assert Wrap.objects.get().to_kid == people[0].kid


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
    first.head_ms = now_ms()
    first.save()
    assert code(room.post(people[0], event)) == "bad_event"


def test_the_ts_before_is_taken_even_when_it_is_old(people, room):
    """A client writes the later of its clock and the ts before: a room that was once written
    with a fast clock must not be stuck.
    """
    ahead = now_ms() + 3600_000
    Room.objects.update(head_ms=ahead)
    event = room.event(people[0], "leave")
    event["ts"] = ahead
    room.took(room.post(people[0], event))


@pytest.mark.parametrize("text", ['{"v":1}', "[]", "null", "{", '{"t":5}', ""])
def test_what_is_no_event_is_a_400(people, room, text):
    payload = {"event": text, "sig": "A" * 86}
    answer = people[0].client.post(f"/api/v1/chatrooms/{room.id}/log", payload)
    assert answer.status_code == 400
    assert code(answer) == "bad_wire"


@pytest.mark.parametrize("t", ["x", "Add", "reset2"])
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
    assert code(put_profile(room, people[0])) == "bad_wire"
    other = put_profile(room, people[0], profile={"e": 2, "box": PADDED_BOX})
    assert code(other) == "bad_event"


@pytest.mark.parametrize(("e", "taken"), [(2, True), (1, False)])
def test_a_rotation_brings_the_profile_s_box_of_its_epoch(people, room, e, taken):
    ada, _, _ = people
    room.took(put_profile(room, ada, profile={"e": 1, "box": PADDED_BOX}))
    Room.objects.update(epoch_ms=now_ms() - 61_000)
    sent = room.epoch(ada, [ada])
    sent["profile"] = {"e": e, "box": PADDED_BOX}
    assert room.post(ada, **sent).status_code == (201 if taken else 400)
    listed = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert [box["e"] for box in listed[0]["profiles"]] == ([1, 2] if taken else [1])


def test_members_do_not_change_the_profile(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    answer = put_profile(room, ben, profile={"e": 1, "box": PADDED_BOX})
    assert answer.status_code == 403
