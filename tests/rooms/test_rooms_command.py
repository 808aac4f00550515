"""`manage.py rooms`: lists, and stopping a room as its operator."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.lifecycle import set_active
from rooms.models import Room
from tests.base import code, create_room
from tests.messaging.filing import put

pytestmark = pytest.mark.django_db


def rooms(*arguments: str):
    call_command("rooms", *arguments, "--json", stdout=(out := StringIO()))
    return json.loads(out.getvalue())


@pytest.fixture
def room(ada, ben, cleo):
    for someone in (ada, ben, cleo):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    return room


def test_rooms_are_listed_with_their_owners(room, ada, ben):
    [row] = rooms("list")
    assert (row["id"], row["owner"], row["owner_state"], row["members"]) == (
        room.id,
        "ada",
        "active",
        2,
    )
    assert rooms("list", "--without-owner") == []
    set_active(ada.user, False, by=None)
    assert [row["owner_state"] for row in rooms("list", "--without-owner")] == ["disabled"]
    assert [row["id"] for row in rooms("list", "--member", "BEN")] == [room.id]
    assert rooms("list", "--member", "cleo") == []


def test_the_list_takes_as_many_queries_for_many_rooms(room, ada, django_assert_num_queries):
    create_room(ada, b"another room ..x")
    with django_assert_num_queries(2):
        assert len(rooms("list")) == 2


def test_a_stopped_room_takes_nothing_and_stays_readable(room, ada, ben, cleo):
    link, answer = room.invite(ada)
    room.took(answer)
    listed = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert [item["stopped"] for item in listed] == [False]
    assert rooms("close", room.id, "--yes")["state"] == "stopped"
    listed = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert [item["stopped"] for item in listed] == [True]
    assert code(room.post(ada, room.event(ada, "revoke", iid=link.iid))) == "room_stopped"
    assert code(room.join(cleo, link)) == "room_stopped"
    assert code(put(ada, room)) == "room_stopped"
    assert ben.client.get(f"/api/v1/chatrooms/{room.id}/log").status_code == 200
    assert rooms("open", room.id)["state"] == "open"
    assert put(ada, room).status_code == 201
    room.took(room.join(cleo, link))


def test_members_leave_a_stopped_room_and_its_owner_ends_it(room, ada, ben):
    rooms("close", room.id, "--yes")
    room.leave(ben)
    room.took(room.post(ada, room.event(ada, "close")))
    with pytest.raises(CommandError, match="closed for good"):
        rooms("open", room.id)
    assert rooms("list") == []
    assert [row["state"] for row in rooms("list", "--all")] == ["closed"]


def test_to_stop_twice_changes_nothing(room):
    rooms("close", room.id, "--yes")
    before = Room.objects.get().stopped_at
    rooms("close", room.id, "--yes")
    assert Room.objects.get().stopped_at == before


@pytest.mark.parametrize("room_id", ["0" * 32, "", "x'; --", "\u202e"])
def test_unknown_rooms_are_refused(db, room_id):
    for what in ("close", "open"):
        options = ["--yes"] if what == "close" else []
        with pytest.raises(CommandError, match="no room"):
            rooms(what, room_id, *options)


def test_stopping_asks_first(room, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "no")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rooms", "close", room.id, stdout=StringIO())
    assert Room.objects.get().stopped_at is None


def test_hostile_a_knock_at_a_stopped_room_is_refused(room, ada, cleo):
    room.took(room.policy(ada, join="approve"))
    link, answer = room.invite(ada, keys=False)
    room.took(answer)
    rooms("close", room.id, "--yes")
    assert code(room.knock(cleo, link)) == "room_stopped"
