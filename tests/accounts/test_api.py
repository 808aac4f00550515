"""Registration, tokens and identities over REST."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import delete_account
from accounts.models import Identity, SignIn, User
from accounts.sign_ins import issue_tokens
from tests.base import PASSWORD, api, code, make_user

pytestmark = pytest.mark.django_db


def register(client, name="zoe", password=PASSWORD):
    return client.post("/api/v1/auth/register", {"name": name, "password": password})


def test_register_then_use_the_token():
    client = api()
    answer = register(client)
    assert answer.status_code == 201
    body = answer.json()
    assert len(body["uid"]) == 32
    me = api(body["access"]).get("/api/v1/me").json()
    assert me == {"uid": body["uid"], "name": "zoe", "kid": None}


def test_passwords_are_kept_as_argon2():
    register(api())
    assert User.objects.get(name="zoe").password.startswith("argon2")


def test_a_taken_name_is_refused():
    client = api()
    register(client)
    answer = register(client, name="ZOE")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "name_taken"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ab", PASSWORD),
        ("has space", PASSWORD),
        ("ünïcode", PASSWORD),
        ("x" * 33, PASSWORD),
        ("new\nline", PASSWORD),
        ("zoe", "2 wee"),
        ("zoe", "password123"),
        ("zoe-of-the-hills", "zoe-of-the-hills"),
    ],
)
def test_a_bad_name_or_password_is_refused_with_a_sentence(name, password):
    answer = register(api(), name, password)
    assert answer.status_code == 400
    assert answer.json()["error"]["detail"]
    assert password not in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'{"name":"zoe"}',
        b'{"name":"zoe","password":1}',
        b'{"name":"zoe","name":"eve","password":"x"}',
        b'{"name":"zoe","password":NaN}',
        b'{"name":"zoe","password":"long enough it is","role":"admin"}',
        b"\xff\xfe",
        rb'{"name":"zoe\u0000","password":"long enough it is"}',
        rb'{"name":"zoe","password":"long enough \ud800 is"}',
        b"",
    ],
)
def test_a_malformed_body_is_a_400_in_our_shape(raw):
    answer = api().generic("POST", "/api/v1/auth/register", raw, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "detail"}
    assert not User.objects.exists()


def test_login_needs_the_right_password():
    user = make_user("zoe")
    wrong = api().post("/api/v1/auth/login", {"name": "zoe", "password": "not this one"})
    nobody = api().post("/api/v1/auth/login", {"name": "nobody", "password": "not this one"})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    right = api().post("/api/v1/auth/login", {"name": "zoe", "password": PASSWORD})
    assert right.json()["uid"] == user.pk


def test_many_wrong_passwords_are_slowed_down(settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login": (3, 60)}
    make_user("zoe")
    attempt = {"name": "zoe", "password": "not this one"}
    answers = [api().post("/api/v1/auth/login", attempt) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 1


def tokens_of(client=None):
    return register(client or api()).json()


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


# --- identities --------------------------------------------------------------------------------


def test_publish_and_fetch_an_identity(ada):
    client = api(ada.token())
    answer = client.post("/api/v1/identities", ada.identity_payload)
    assert answer.status_code == 201
    assert answer.json() == {"kid": ada.kid}
    found = client.get(f"/api/v1/identities?kid={ada.kid}").json()
    assert found == {"identities": [ada.identity_payload]}
    assert client.get("/api/v1/me").json()["kid"] == ada.kid


def test_publishing_again_changes_nothing(ada):
    client = api(ada.token())
    for _ in range(2):
        assert client.post("/api/v1/identities", ada.identity_payload).status_code == 201
    assert Identity.objects.count() == 1


def test_another_persons_identity_is_refused(ada, ben):
    answer = api(ada.token()).post("/api/v1/identities", ben.identity_payload)
    assert answer.json()["error"]["code"] == "bad_identity"
    assert not Identity.objects.exists()


def test_a_changed_identity_is_refused(ada):
    body = ada.identity_payload["body"].replace('"n":1', '"n":2')
    payload = {**ada.identity_payload, "body": body}
    answer = api(ada.token()).post("/api/v1/identities", payload)
    assert answer.status_code == 400
    assert not Identity.objects.exists()


def test_lost_tokens_cannot_replace_an_identity(ada):
    """A second identity is a reset, which asks for the password; there is no silent one."""
    client = api(ada.token())
    client.post("/api/v1/identities", ada.identity_payload)
    other = ada.with_fresh_signing_key()
    answer = client.post("/api/v1/identities", other)
    assert answer.status_code == 409
    assert Identity.objects.get().kid == ada.kid


# --- the session's side --------------------------------------------------------------------------


def test_pages_write_only_with_a_csrf_token(client, ada):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada.user)
    refused = browser.post(
        "/api/v1/identities", json.dumps(ada.identity_payload), content_type="application/json"
    )
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "csrf"
    assert not Identity.objects.exists()


def test_abuse_the_schema_is_made_once_and_limited(client, monkeypatch, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "schema": (2, 60)}
    first = client.get("/api/v1/schema")
    monkeypatch.setattr("chatsite.api.document.SchemaGenerator", None)
    assert client.get("/api/v1/schema").content == first.content
    assert client.get("/api/v1/schema").status_code == 429


def test_what_a_person_gets_is_kept_by_nobody(client, ada):
    client.force_login(ada.user)
    for path in ("/settings/", "/rooms/", "/api/v1/me", "/api/v1/nothing", "/nothing"):
        assert client.get(path)["Cache-Control"] == "private, no-store", path


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000@evil.example", "127.0.0.1:8000/evil", "127.0.0.1:x", "[::1]:1@evil"]
)
def test_abuse_a_made_up_host_leads_nowhere(client, host):
    answer = client.get("/accounts/login/", HTTP_HOST=host)
    assert answer.status_code == 400
    assert "Location" not in answer


def test_pages_at_a_loopback_address_lead_to_localhost(client):
    answer = client.get("/accounts/login/?a=b", HTTP_HOST="127.0.0.1:8123")
    assert answer["Location"] == "http://localhost:8123/accounts/login/?a=b"


def test_the_schema_names_every_endpoint(client):
    paths = client.get("/api/v1/schema").json()["paths"]
    for path in ("auth/register", "chatrooms", "chatrooms/{room}/messages"):
        assert f"/api/v1/{path}" in paths


@pytest.mark.parametrize("path", ["nothing", "users/a%00b", "me/sessions/%00"])
def test_unknown_api_addresses_answer_in_json(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


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


# --- lists go on in pages ------------------------------------------------------------------------


def pages_of(client, path: str, name: str) -> list[list[dict]]:
    """The pages of a list, followed by `more`."""
    pages: list[list[dict]] = []
    query: dict[str, str] = {}
    while True:
        found = client.get(f"/api/v1/{path}", query).json()
        pages.append(found[name])
        if found["more"] is None:
            return pages
        query = {"after": found["more"]}


def test_blocks_go_on_in_pages(ada, ben, cleo, monkeypatch):
    monkeypatch.setattr("accounts.api.account.BlocksByName.size", 1)
    for who in (cleo, ben):
        ada.client.put(f"/api/v1/blocks/{who.uid}")
    pages = pages_of(ada.client, "blocks", "blocks")
    assert [[one["name"] for one in page] for page in pages] == [["ben"], ["cleo"]]


def test_sign_ins_of_one_moment_go_on_in_pages(ada, monkeypatch):
    monkeypatch.setattr("accounts.api.sessions.LastUsedSignIns.size", 2)
    client = ada.client
    for _ in range(4):
        issue_tokens(ada.user)
    ada.user.sign_ins.update(seen_at=timezone.now())
    pages = pages_of(client, "me/sessions", "sessions")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({one["id"] for page in pages for one in page}) == 5


@pytest.mark.parametrize("after", ["", "x", "W10", "WzEsMl0", "WyJ4IiwxXQ", "e30", "A" * 1000])
def test_hostile_marks_of_pages_are_refused(ada, after):
    for path in ("blocks", "me/sessions"):
        answer = ada.client.get(f"/api/v1/{path}", {"after": after})
        assert (answer.status_code, code(answer)) == (400, "bad_wire")


def test_the_hundred_and_first_identity_is_refused_and_not_left_out(ada):
    query = "&".join(["kid=" + "A" * 43] * 101)
    assert code(ada.client.get(f"/api/v1/identities?{query}")) == "bad_wire"


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"refresh": 1}, "refresh"),
        ({"refresh": None}, "refresh"),
        ({"refresh": "secret words", "secret words": 1}, "a key that is not known"),
        ({}, "refresh"),
    ],
)
def test_abuse_a_refusal_says_where_and_never_quotes(db, sent, where):
    answer = api().post("/api/v1/auth/refresh", sent)
    assert (answer.status_code, code(answer)) == (400, "bad_wire")
    detail = answer.json()["error"]["detail"]
    assert where in detail
    assert "secret words" not in detail


@pytest.mark.parametrize(
    ("method", "extra", "status"),
    [
        ("post", {"content_type": "text/secret"}, 415),
        ("get", {"HTTP_ACCEPT": "text/secret"}, 406),
        ("patch", {}, 405),
    ],
)
def test_abuse_refusals_of_the_framework_quote_nothing(ada, method, extra, status):
    answer = ada.client.generic(method.upper(), "/api/v1/identities", "{}", **extra)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "detail"}
    assert "secret" not in answer.content.decode()
    assert "PATCH" not in answer.content.decode()
