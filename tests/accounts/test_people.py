"""Looking somebody up by name, and blocking them."""

import pytest

from accounts.models import Block
from accounts.selectors import blocked_by
from tests.base import api, code, make_user

pytestmark = pytest.mark.django_db


def test_a_person_is_found_by_the_exact_name(ada, ben):
    assert ada.client.get("/api/v1/users/ben").json() == {
        "uid": ben.uid,
        "name": "ben",
        "bot": False,
        "identity": None,
    }
    ben.publish()
    assert ada.client.get("/api/v1/users/ben").json()["identity"] == ben.identity_payload


@pytest.mark.parametrize("name", ["be", "benn", "Ben", "b%25n", "ben%20"])
def test_other_spellings_find_nobody(ada, ben, name):
    answer = ada.client.get(f"/api/v1/users/{name}")
    assert (answer.status_code, code(answer)) == (404, "no_such_person")


def test_a_disabled_account_is_not_found(ada, ben):
    ben.user.is_active = False
    ben.user.save()
    assert code(ada.client.get("/api/v1/users/ben")) == "no_such_person"


def test_nobody_looks_people_up_without_signing_in(ben):
    assert api().get("/api/v1/users/ben").status_code == 401


def test_going_through_many_names_is_slowed_down(ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "people": (2, 60)}
    client = ada.client
    answers = [client.get(f"/api/v1/users/name{i}").status_code for i in range(4)]
    assert answers == [404, 404, 429, 429]


# --- blocks --------------------------------------------------------------------------------------


def test_block_and_unblock(ada, ben, cleo):
    client = ada.client
    for who in (cleo, ben, ben):
        assert client.put(f"/api/v1/blocks/{who.uid}").status_code == 204
    assert client.get("/api/v1/blocks").json() == {
        "blocks": [{"uid": ben.uid, "name": "ben"}, {"uid": cleo.uid, "name": "cleo"}],
        "more": None,
    }
    assert blocked_by(ada.uid) == {ben.uid, cleo.uid}
    assert blocked_by(ben.uid) == set()
    for _ in range(2):
        assert client.delete(f"/api/v1/blocks/{ben.uid}").status_code == 204
    assert blocked_by(ada.uid) == {cleo.uid}


def test_one_does_not_block_oneself(ada):
    assert code(ada.client.put(f"/api/v1/blocks/{ada.uid}")) == "oneself"
    assert not Block.objects.exists()


@pytest.mark.parametrize("uid", ["f" * 32, "ben", "x"])
def test_nobody_there_to_block(ada, uid):
    answer = ada.client.put(f"/api/v1/blocks/{uid}")
    assert (answer.status_code, code(answer)) == (404, "no_such_person")


def test_the_blocked_are_not_told(ada, ben):
    ada.client.put(f"/api/v1/blocks/{ben.uid}")
    assert ben.client.get("/api/v1/blocks").json() == {"blocks": [], "more": None}
    assert ben.client.get("/api/v1/users/ada").status_code == 200


def test_blocks_belong_to_who_is_signed_in():
    stranger = make_user("zoe")
    assert api().put(f"/api/v1/blocks/{stranger.pk}").status_code == 401
    assert api().get("/api/v1/blocks").status_code == 401
