"""Registration, identities and lists over REST."""

import json

import pytest
from django.utils import timezone

from accounts.models import Identity, User
from accounts.sign_in.sign_ins import issue_tokens
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
    assert me == {
        "uid": body["uid"],
        "name": "zoe",
        "kid": None,
        "keys": None,
        "kit": False,
        "bot": False,
    }


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
