"""Rooms in the admin: who looks, what administrators do, and what only owners can."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts import storage
from accounts.models import AuditEntry, User
from chatsite.lib.errors import Forbidden
from rooms.actions import set_files_most, set_stopped
from rooms.models import Invitation, Room
from tests.accounts.signed_in import browser
from tests.base import PASSWORD, RoomScript, create_room
from tests.messaging.filing import FID, OTHER, put

pytestmark = pytest.mark.django_db
MIB = 1024**2


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", PASSWORD)


@pytest.fixture
def admin(root) -> Client:
    return browser(root)


@pytest.fixture
def place(ada, ben) -> RoomScript:
    for someone in (ada, ben):
        someone.publish()
    room = create_room(ada)
    room.admit(ada, ben)
    return room


def act(admin: Client, room: RoomScript, name: str, **sent: str):
    return admin.post(f"/admin/rooms/room/{room.id}/{name}/", sent, follow=True)


def last(kind: str) -> AuditEntry:
    return AuditEntry.objects.filter(kind=kind).latest("pk")


def test_a_room_s_page_has_members_and_state_and_says_why_it_cannot_be_closed(admin, place):
    page = admin.get(f"/admin/rooms/room/{place.id}/change/").content.decode()
    for shown in ("ada", "ben", "owner", "no key that could sign", "Size: messages and files"):
        assert shown in page
    listed = admin.get("/admin/rooms/room/").content.decode()
    assert "ada" in listed
    for state, there in (("open", True), ("stopped", False), ("closed", False), ("?", True)):
        found = admin.get("/admin/rooms/room/", {"state": state}).content.decode()
        assert (place.id in found) == there, state


def test_pages_name_people_sizes_and_times_as_people_read_them(admin, ada, ben, place):
    place.took(place.post(ada, place.event(ada, "successor", uid=ben.uid)))
    Room.objects.filter(pk=place.id).update(files_most=5 * MIB, bans=[ben.uid, "f" * 32])
    page = admin.get(f"/admin/rooms/room/{place.id}/change/").content.decode()
    for shown in ("5.0\xa0MB", f"ben, {'f' * 32}", "join: link"):
        assert shown in page
    _, answer = place.invite(ada, max=3)
    place.took(answer)
    link = Invitation.objects.latest("created_at")
    page = admin.get(f"/admin/rooms/invitation/{link.pk}/change/").content.decode()
    assert "0 of 3" in page
    assert "open" in page
    assert str(datetime.fromtimestamp(link.expires_ms / 1000, UTC).date()) in page
    assert link.card not in page


@pytest.mark.parametrize("model", ["rooms/logevent", "rooms/wrap", "messaging/file"])
def test_lists_are_searched_by_the_name_of_a_person(admin, ada, ben, place, model):
    for person, fid in ((ada, FID), (ben, OTHER)):
        assert put(person, place, fid=fid).status_code == 201
    every = admin.get(f"/admin/{model}/").context["cl"].result_list
    assert {one.who for one in every} >= {"ada"}
    found = admin.get(f"/admin/{model}/", {"q": "ADA"}).context["cl"].result_list
    assert {one.who for one in found} == {"ada"}
    assert len(admin.get(f"/admin/{model}/", {"q": place.id}).context["cl"].result_list) > 0
    assert not admin.get(f"/admin/{model}/", {"q": "nobody"}).context["cl"].result_list
    page = admin.get(f"/admin/{model}/{found[0].pk}/change/").content.decode()
    assert "ada" in page
    assert ada.uid in page, "the id, too, which logs and reports have"


def test_an_administrator_stops_a_room_and_lets_it_go_on(admin, root, place):
    page = act(admin, place, "stop").content.decode()
    assert "The room is stopped." in page
    assert "Let it go on" in page
    assert Room.objects.get(pk=place.id).state == "stopped"
    assert (last("room.stopped").actor, last("room.stopped").room) == (root.pk, place.id)
    assert "The room goes on." in act(admin, place, "resume").content.decode()
    assert Room.objects.get(pk=place.id).state == "open"


def test_an_administrator_limits_a_room_s_files(admin, root, place):
    act(admin, place, "quota", mebibytes="5")
    assert Room.objects.get(pk=place.id).files_most == 5 * MIB
    entry = last("room.quota")
    assert (entry.actor, entry.room, entry.facts) == (root.pk, place.id, {"bytes": 5 * MIB})
    for bad in ("-1", "five", "1e3", str(2**31)):
        act(admin, place, "quota", mebibytes=bad)
        assert Room.objects.get(pk=place.id).files_most == 5 * MIB, bad
    act(admin, place, "quota")
    assert Room.objects.get(pk=place.id).files_most == 5 * MIB, "a form without the field"
    act(admin, place, "quota", mebibytes="", policy="{}", bans="[]", kind="direct")
    room = Room.objects.get(pk=place.id)
    assert (room.files_most, room.kind) == (None, "group")


def test_a_room_that_its_owner_closed_takes_nothing(admin, ada, place):
    place.took(place.post(ada, place.event(ada, "close")))
    page = admin.get(f"/admin/rooms/room/{place.id}/change/").content.decode()
    assert "Stop this room" not in page
    for name in ("stop", "resume", "quota"):
        act(admin, place, name, mebibytes="5")
    room = Room.objects.get(pk=place.id)
    assert (room.stopped_at, room.files_most) == (None, None)
    assert admin.post("/admin/rooms/room/unknown/stop/").status_code == 404


@pytest.mark.parametrize("role", [User.AUDITOR, User.HELPER])
def test_others_look_and_change_nothing(role, place):
    user = User.objects.create_user("looker", PASSWORD)
    User.objects.filter(pk=user.pk).update(role=role)
    user.refresh_from_db()
    looker = browser(user)
    page = looker.get(f"/admin/rooms/room/{place.id}/change/").content.decode()
    assert "ben" in page
    assert "Stop this room" not in page
    for name in ("stop", "resume", "quota"):
        assert (
            looker.post(f"/admin/rooms/room/{place.id}/{name}/", {"mebibytes": "5"}).status_code
            == 403
        )
    with pytest.raises(Forbidden):
        set_stopped(place.id, True, by=user)
    with pytest.raises(Forbidden):
        set_files_most(place.id, 5, by=user)
    with pytest.raises(Forbidden):
        storage.set_limit(user, 5, by=user)


# --- the storage of a person -------------------------------------------------------------------


def change(admin: Client, user: User, **sent: str):
    inline = {"identities-TOTAL_FORMS": "0", "identities-INITIAL_FORMS": "0"}
    whole = {"is_active": "on", "role": user.role, "mail": user.mail, **inline, **sent}
    return admin.post(f"/admin/accounts/user/{user.pk}/change/", whole)


def test_an_administrator_gives_a_person_storage_of_their_own(admin, root, settings):
    settings.STORAGE_PER_PERSON = 10 * MIB
    zoe = User.objects.create_user("zoe")
    assert change(admin, zoe, own_storage="3").status_code == 302
    assert storage.left_for(zoe.pk) == 3 * MIB
    entry = last("account.quota")
    assert (entry.actor, entry.account, entry.facts) == (root.pk, zoe.pk, {"bytes": 3 * MIB})
    page = admin.get(f"/admin/accounts/user/{zoe.pk}/change/").content.decode()
    assert 'value="3"' in page
    assert change(admin, zoe, own_storage="-1").status_code == 200
    change(admin, zoe, own_storage="3")
    assert AuditEntry.objects.filter(kind="account.quota").count() == 1, "nothing changed"
    change(admin, zoe, own_storage="")
    assert storage.left_for(zoe.pk) == 10 * MIB


def test_hostile_a_helper_s_form_gives_no_storage():
    zoe = User.objects.create_user("zoe")
    helper = User.objects.create_user("helen", role=User.HELPER)
    assert change(browser(helper), zoe, own_storage="1000000").status_code == 302
    assert storage.usage_of(zoe.pk).own_limit is None
