"""Access and refresh tokens over REST: use, rotation, sign-out, and bad ones."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.utils import timezone

from accounts.lifecycle import delete_account
from accounts.models import SignIn, User
from accounts.sign_in.sign_ins import issue_tokens
from tests.base import PASSWORD, api, code

pytestmark = pytest.mark.django_db


def tokens_of():
    return api().post("/api/v1/auth/register", {"name": "zoe", "password": PASSWORD}).json()


def refresh(token):
    return api().post("/api/v1/auth/refresh", {"refresh": token})


def test_refresh_rotates():
    first = tokens_of()
    second = refresh(first["refresh"])
    assert second.status_code == 200
    assert second.json()["refresh"] != first["refresh"]
    assert api(second.json()["access"]).get("/api/v1/me").status_code == 200


def later(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def test_a_used_refresh_token_ends_its_sign_in():
    first = tokens_of()
    second = refresh(first["refresh"]).json()
    with later(11):
        answer = refresh(first["refresh"])
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")
        assert refresh(second["refresh"]).status_code == 401
        assert api(second["access"]).get("/api/v1/me").status_code == 401
    assert not SignIn.objects.exists()


def test_an_older_refresh_token_ends_its_sign_in_at_once():
    first = tokens_of()
    second = refresh(first["refresh"]).json()
    refresh(second["refresh"])
    assert refresh(first["refresh"]).status_code == 401
    assert not SignIn.objects.exists()


def test_refreshing_twice_at_a_time_gives_the_same_token_and_ends_nothing():
    first = tokens_of()
    with time_machine.travel(timezone.now(), tick=False):
        answers = [refresh(first["refresh"]) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 8
        [second] = {answer.json()["refresh"] for answer in answers}
        assert refresh(second).status_code == 200


@pytest.mark.parametrize(
    "wrong", ["{id}.x", "{id}.1.x", "{id}.0.x", "{id}.2.{mac}", "{id}..", "{id}"]
)
def test_abuse_who_knows_only_the_id_of_a_sign_in_cannot_end_it(wrong):
    tokens = tokens_of()
    sign_in, _, mac = tokens["refresh"].split(".")
    answer = refresh(wrong.format(id=sign_in, mac=mac))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")
    assert api(tokens["access"]).get("/api/v1/me").status_code == 200
    assert refresh(tokens["refresh"]).status_code == 200


def test_a_refresh_token_of_before_the_site_was_restored_is_good():
    first = tokens_of()
    before = SignIn.objects.values("turn", "turned_at").get()
    third = refresh(refresh(first["refresh"]).json()["refresh"]).json()["refresh"]
    SignIn.objects.update(**before)
    fourth = refresh(third)
    assert fourth.status_code == 200
    with later(11):
        assert refresh(first["refresh"]).status_code == 401, "a used one stays used"


def test_a_refresh_token_survives_a_change_of_the_secret_key(settings):
    tokens = tokens_of()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another " * 8
    assert refresh(tokens["refresh"]).status_code == 200


def test_a_refresh_token_of_an_older_version_is_good_once():
    tokens = tokens_of()
    salt = sha256(b"secret").hexdigest()
    SignIn.objects.update(turn=0, refresh_salt=salt)
    old = tokens["refresh"].split(".")[0] + ".secret"
    fresh = refresh(old)
    assert fresh.status_code == 200
    with later(11):
        assert refresh(old).status_code == 401
        assert refresh(fresh.json()["refresh"]).status_code == 401


@pytest.mark.parametrize("header", ["Bearer x", "Bearer a b", "Bearer a.b.c"])
def test_a_bad_token_says_so(header):
    answer = api().get("/api/v1/me", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "bad_token")
    assert answer["WWW-Authenticate"]


def test_logout_ends_access_at_once():
    tokens = tokens_of()
    answer = api().post("/api/v1/auth/logout", {"refresh": tokens["refresh"]})
    assert answer.status_code == 204
    assert api(tokens["access"]).get("/api/v1/me").status_code == 401


def test_a_guessed_family_id_does_not_end_it():
    tokens = tokens_of()
    family = tokens["refresh"].split(".")[0]
    assert api().post("/api/v1/auth/logout", {"refresh": family + ".x"}).status_code == 204
    assert api(tokens["access"]).get("/api/v1/me").status_code == 200


def test_refresh_tokens_expire():
    tokens = tokens_of()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert refresh(tokens["refresh"]).status_code == 401


def test_a_deleted_users_token_is_a_401():
    tokens = tokens_of()
    delete_account(User.objects.get(), by=None)
    assert refresh(tokens["refresh"]).status_code == 401
    assert api(tokens["access"]).get("/api/v1/me").status_code == 401


def test_a_disabled_users_token_is_a_401():
    tokens = tokens_of()
    User.objects.update(is_active=False)
    assert refresh(tokens["refresh"]).status_code == 401
    assert api(tokens["access"]).get("/api/v1/me").status_code == 401


def test_refresh_tokens_are_not_stored():
    tokens = tokens_of()
    secret = tokens["refresh"].split(".")[2]
    assert secret not in json.dumps(list(SignIn.objects.values()), default=str)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "null"])
def test_a_nonsense_bearer_token_is_a_401(token):
    answer = api(token).get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["error"]["detail"]


def test_nobody_is_a_401():
    assert api().get("/api/v1/me").status_code == 401


# --- one way to say that nobody is signed in ---------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "bearer nonsense",
        "BEARER a.b.c",
        "Bearer a b",
        "Bearer é",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
)
@pytest.mark.parametrize("path", ["me", f"chatrooms/{'0' * 32}/log", f"chatrooms/join/{'0' * 32}"])
def test_abuse_a_bad_token_answers_bad_token(db, header, path):
    answer = api().get(f"/api/v1/{path}", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, code(answer)) == (401, "bad_token")
    assert "Renew it, or sign in again" in answer.json()["error"]["detail"]


def test_the_scheme_of_a_token_is_named_in_any_case(ada):
    answer = api().get("/api/v1/me", HTTP_AUTHORIZATION=f"bearer {ada.token()}")
    assert answer.json()["uid"] == ada.uid


def test_a_bearer_token_alone_signs_out(ada):
    program, other = ada.client, ada.client
    assert program.post("/api/v1/auth/logout").status_code == 204
    assert code(program.get("/api/v1/me")) == "bad_token"
    assert other.get("/api/v1/me").status_code == 200


def test_a_stale_bearer_token_does_not_stop_a_sign_out_by_refresh_token(ada):
    tokens = issue_tokens(ada.user)
    answer = api("stale").post("/api/v1/auth/logout", {"refresh": tokens.refresh})
    assert answer.status_code == 204
    assert code(api(tokens.access).get("/api/v1/me")) == "bad_token"


@pytest.mark.parametrize(("token", "expected"), [(None, "not_signed_in"), ("bad", "bad_token")])
def test_a_sign_out_of_nobody_says_so(db, token, expected):
    answer = api(token).post("/api/v1/auth/logout")
    assert (answer.status_code, code(answer)) == (401, expected)
