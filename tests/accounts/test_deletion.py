"""The end of an account."""

import pytest
from django.test import Client

from accounts.models import Block, Identity, SealedKit, SignIn, User
from chatsite.lib.bus_events import SignInEnded
from rooms.models import Knock, Member, Wrap
from tests.accounts.test_keys import kit_of
from tests.base import PASSWORD, api, code, create_room

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(ada, ben):
    for someone in (ada, ben):
        someone.user.set_password(PASSWORD)
        someone.user.save()
        someone.publish()


def delete(person, password=PASSWORD):
    return person.client.post("/api/v1/me/delete", {"password": password})


def test_an_account_that_no_log_names_leaves_its_name_alone(ada, ben):
    ben.client.put("/api/v1/kit", {"kit": kit_of(ben)})
    ben.client.put(f"/api/v1/blocks/{ada.uid}")
    token = ben.token()
    assert delete(ben).status_code == 204
    assert User.objects.get(pk=ben.uid).deleted_at
    assert not any(model.objects.filter(user_id=ben.uid).exists() for model in OWNED)
    assert api(token).get("/api/v1/me").status_code == 401


OWNED = (Identity, SignIn, SealedKit, Block)


def test_an_account_that_a_log_names_is_disabled_and_its_name_reserved(ada, ben):
    room = create_room(ada)
    room.admit(ada, ben)
    room.leave(ben)
    browser = Client()
    browser.force_login(ben.user)
    ben.client.put("/api/v1/kit", {"kit": kit_of(ben)})
    ada.client.put(f"/api/v1/blocks/{ben.uid}")
    token = ben.token()
    assert delete(ben).status_code == 204
    user = User.objects.get(pk=ben.uid)
    assert not user.is_active
    assert not user.has_usable_password()
    assert Identity.objects.filter(kid=ben.kid).exists(), "the log names it"
    assert not any(model.objects.filter(user=user).exists() for model in OWNED[1:])
    assert not Block.objects.exists()
    assert not Wrap.objects.filter(to_kid=ben.kid).exists()
    assert api(token).get("/api/v1/me").status_code == 401
    assert browser.get("/site.json").json()["me"] is None
    login = {"name": "ben", "password": PASSWORD}
    assert code(api().post("/api/v1/auth/login", login)) == "bad_login"
    assert code(api().post("/api/v1/auth/register", login)) == "name_taken"
    assert code(ada.client.get("/api/v1/users/ben")) == "no_such_person"


def test_who_was_only_added_is_named_by_the_log(ada, ben):
    room = create_room(ada, kind="direct")
    room.took(room.add(ada, ben))
    assert delete(ben).status_code == 204, "nobody has to answer a request first"
    assert Identity.objects.filter(kid=ben.kid).exists()
    assert Member.objects.filter(user=ben.user).exists(), "as the log has it"


def test_who_said_yes_leaves_first(ada, ben):
    room = create_room(ada, kind="direct")
    room.took(room.add(ada, ben))
    ben.client.post(f"/api/v1/chatrooms/{room.id}/accept")
    assert code(delete(ben)) == "still_member"
    room.took(room.post(ada, room.event(ada, "close")))
    assert delete(ben).status_code == 204


def test_members_leave_their_rooms_first(ada, ben):
    room = create_room(ada)
    room.admit(ada, ben)
    answer = delete(ben)
    assert (answer.status_code, code(answer)) == (409, "still_member")
    assert answer.json()["error"]["rooms"] == [room.id]
    assert ben.client.get("/api/v1/me").status_code == 200
    room.leave(ben)
    assert delete(ben).status_code == 204


def test_a_closed_room_holds_nobody(ada, ben):
    room = create_room(ada)
    room.admit(ada, ben)
    room.took(room.post(ada, room.event(ada, "close")))
    assert [delete(who).status_code for who in (ben, ada)] == [204, 204]
    assert not Member.objects.exists()


def test_what_somebody_waited_for_goes_with_them(ada, ben):
    room = create_room(ada)
    Knock.objects.create(room_id=room.id, user=ben.user, body="", signature="")
    assert delete(ben).status_code == 204
    assert not Knock.objects.exists()


@pytest.mark.parametrize("password", ["", "not this one"])
def test_the_password_is_asked(ben, password):
    answer = delete(ben, password)
    assert (answer.status_code, code(answer)) == (403, "bad_password")
    assert User.objects.get(pk=ben.uid).is_active


def test_the_password_is_asked_before_anything_is_said_of_rooms(ada):
    create_room(ada)
    assert code(delete(ada, "not this one")) == "bad_password"


def test_guessing_the_password_is_slowed_down(ben, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "password": (2, 60)}
    answers = [delete(ben, "not this one").status_code for _ in range(3)]
    assert answers == [403, 403, 429]


def test_every_socket_hears_of_it(ben, django_capture_on_commit_callbacks, published):
    with django_capture_on_commit_callbacks(execute=True):
        delete(ben)
    assert published == [SignInEnded(ben.uid)]


def test_nobody_deletes_without_signing_in():
    assert api().post("/api/v1/me/delete", {"password": PASSWORD}).status_code == 401
