"""Leaving, rotating, and handing keys over to who is entitled to them."""

from __future__ import annotations

import pytest

from rooms.actions import now_ms
from rooms.models import LogEvent, Member, Room, Wrap
from tests.base import (
    KEY_BOX,
    PADDED_BOX,
    code,
    wrap,
)

pytestmark = pytest.mark.django_db


# --- leaving and rotation ------------------------------------------------------------------------


def test_after_leaving_the_room_is_closed_and_foreign(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    room.leave(ben)
    assert Room.objects.get().is_open is False
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/keys").status_code == 404
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
    assert set(Wrap.objects.filter(epoch=2).values_list("to_kid", flat=True)) == {ada.kid, ben.kid}


def test_a_rotation_of_an_open_room_waits_a_minute(people, room):
    answer = room.post(people[0], **room.epoch(people[0], [people[0]]))
    assert answer.status_code == 429
    assert Room.objects.get().epoch == 1


def test_a_rotation_of_an_open_room_keeps_the_search_generation(people, room):
    Room.objects.update(epoch_ms=now_ms() - 61_000)
    room.rotate(people[0], [people[0]])
    assert (Room.objects.get().epoch, Room.objects.get().generation) == (2, 1)


@pytest.mark.parametrize(
    "wrong", ["members", "missing wrap", "ghost wrap", "later wrap", "epoch skipped", "box"]
)
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
    elif wrong == "later wrap":
        sent["wraps"][0]["e"] = 3
    elif wrong == "box":  # of a profile that the room does not have
        sent["profile"] = {"e": 2, "box": PADDED_BOX}
    else:
        sent["event"]["e"] = 3
    assert room.post(ada, **sent).status_code == 400
    assert Room.objects.get().epoch == 1
    assert not Wrap.objects.filter(epoch=2).exists()


def test_a_rotation_extends_open_links(people, room):
    ada, ben, _ = people
    Room.objects.update(epoch_ms=now_ms() - 61_000)
    link, answer = room.invite(ada)
    room.took(answer)
    escrows = ada.client.get(f"/api/v1/chatrooms/{room.id}/keys").json()["escrows"]
    assert escrows == [{"iid": link.iid, "e": 1, "box": KEY_BOX}]
    sent = room.epoch(ada, [ada])
    sent["invites"] = [{"iid": link.iid, "escrow": KEY_BOX, "item": KEY_BOX}]
    room.took(room.post(ada, **sent))
    joined = room.took(room.join(ben, link))
    assert [item["e"] for item in joined.json()["items"]] == [1, 2]


def test_a_rotation_extends_no_link_that_has_ended(people, room):
    ada, _, _ = people
    link, answer = room.invite(ada)
    room.took(answer)
    room.took(room.post(ada, room.event(ada, "revoke", iid=link.iid)))
    Room.objects.update(epoch_ms=now_ms() - 61_000)
    sent = room.epoch(ada, [ada])
    sent["invites"] = [{"iid": link.iid, "escrow": KEY_BOX, "item": KEY_BOX}]
    assert code(room.post(ada, **sent)) == "bad_event"
    assert Room.objects.get().epoch == 1


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
    assert Wrap.objects.filter(to_kid=ben.kid).count() == 2


def test_log_writes_are_limited(people, room, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "log": (2, 60)}
    event = room.event(people[0], "revoke", iid="a" * 32)
    answers = [room.post(people[0], event) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"]


def test_the_log_comes_in_pages_with_its_identities(people, room, monkeypatch):
    monkeypatch.setattr("rooms.selectors.LOG_PAGE", 2)
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
    from rooms.selectors import log_page

    stale = Room.objects.get()
    room.admit(people[0], people[1])
    page = log_page(stale, -1)
    assert len(page["events"]) == 3
    assert page["head"] == room.head
