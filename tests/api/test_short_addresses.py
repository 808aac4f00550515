"""/auth/… and /chatrooms… answer as their twins below /api/v1/."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from accounts.sign_in.sign_ins import issue_tokens
from tests.base import PADDED_BOX, PASSWORD, api, code, create_room, creation, wrap

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(people):
    return create_room(people[0])


def flat(patterns, prefix=""):
    for one in patterns:
        if isinstance(one, URLPattern):
            view: Any = one.callback
            yield f"{prefix}{one.pattern}", view.cls
        else:
            yield from flat(one.url_patterns, f"{prefix}{one.pattern}")


def test_every_operation_under_the_two_prefixes_has_a_short_address():
    resolver: Any = get_resolver()
    short = next(one for one in resolver.url_patterns if getattr(one, "namespace", "") == "short")
    versioned = next(one for one in resolver.url_patterns if str(one.pattern) == "api/v1/")
    expected = {
        path: view
        for path, view in flat(versioned.url_patterns)
        if path.startswith(("auth/", "chatrooms"))
    }
    assert dict(flat(short.url_patterns)) == expected
    assert len(expected) > 30


def test_short_addresses_are_left_out_of_the_document(client):
    paths = client.get("/api/v1/schema").json()["paths"]
    assert all(path.startswith("/api/v1/") for path in paths)
    assert client.get("/api/v1/schema").json()["paths"].keys() >= {"/api/v1/auth/login"}


# --- accounts -----------------------------------------------------------------------------------


def test_register():
    answer = api().post("/auth/register", {"name": "zoe", "password": PASSWORD})
    assert (answer.status_code, answer.json()["name"]) == (201, "zoe")


def test_login():
    api().post("/auth/register", {"name": "zoe", "password": PASSWORD})
    answer = api().post("/auth/login", {"name": "zoe", "password": PASSWORD})
    assert answer.status_code == 200
    assert api(answer.json()["access"]).get("/chatrooms").status_code == 200


def test_refresh(ada):
    answer = api().post("/auth/refresh", {"refresh": issue_tokens(ada.user).refresh})
    assert (answer.status_code, set(answer.json())) == (200, {"access", "refresh"})


def test_logout(ada):
    client = ada.client
    assert client.post("/auth/logout").status_code == 204
    assert code(client.get("/chatrooms")) == "bad_token"


# --- rooms --------------------------------------------------------------------------------------


def test_list_rooms(people, room):
    (listed,) = people[0].client.get("/chatrooms").json()["rooms"]
    assert listed["id"] == room.id


def test_create_a_room(people):
    ada, *_ = people
    event = creation(ada)
    sent = {**ada.signed(event), "wraps": [wrap(1, ada)]}
    answer = ada.client.post("/chatrooms", sent)
    assert (answer.status_code, answer.json()["id"]) == (201, event["room"])


def test_read_a_room(people, room):
    ada, ben, _ = people
    twin = ada.client.get(f"/api/v1/chatrooms/{room.id}").json()
    assert ada.client.get(f"/chatrooms/{room.id}").json() == twin
    assert code(ben.client.get(f"/chatrooms/{room.id}")) == "not_found"


def test_change_the_profile_of_a_room(people, room):
    ada, *_ = people
    event = room.event(ada, "profile", h="A" * 43)
    sent = {**ada.signed(event), "profile": {"e": 1, "box": PADDED_BOX}}
    assert ada.client.put(f"/chatrooms/{room.id}", sent).status_code == 200


def test_delete_of_an_open_room_says_what_to_do(people, room):
    ada, ben, _ = people
    room.admit(ada, ben)
    for who, word in ((ada, "`close`"), (ben, "`leave`")):
        answer = who.client.delete(f"/chatrooms/{room.id}")
        assert (answer.status_code, code(answer)) == (409, "room_open")
        assert word in answer.json()["error"]["detail"]


def test_delete_of_a_closed_room(people, room):
    ada, *_ = people
    room.took(room.post(ada, room.event(ada, "close")))
    assert ada.client.delete(f"/chatrooms/{room.id}").status_code == 204
    assert ada.client.get("/chatrooms").json()["rooms"] == []


def test_make_an_invitation_and_join_by_it(people, room):
    ada, ben, _ = people
    room.base = ""
    room.admit(ada, ben)
    (listed,) = ben.client.get("/chatrooms").json()["rooms"]
    assert (listed["id"], listed["role"]) == (room.id, "member")


# --- messages -----------------------------------------------------------------------------------


def test_messages(people, room):
    answer = people[0].client.get(f"/chatrooms/{room.id}/messages")
    assert (answer.status_code, answer.json()["head"]) == (200, 0)


def test_search(people, room):
    answer = people[0].client.post(f"/chatrooms/{room.id}/search", {"tokens": [{"g": 1, "t": [1]}]})
    assert (answer.status_code, answer.json()["hits"]) == (200, [])


def test_summary(people, room):
    answer = people[0].client.get(f"/chatrooms/{room.id}/summary")
    assert (answer.status_code, answer.json()["summaries"]) == (200, [])


# --- what looks at addresses before Django does ---------------------------------------------------


@pytest.mark.parametrize("path", ["/auth/nothing", "/chatrooms/a/b/c", "/chatrooms/"])
def test_unknown_short_addresses_answer_in_json(client, path):
    answer = client.get(path)
    assert (answer.status_code, code(answer)) == (404, "not_found")


def test_short_addresses_need_a_page_s_proof_of_origin(ada):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada.user)
    answer = browser.post("/chatrooms", "{}", content_type="application/json")
    assert (answer.status_code, code(answer)) == (403, "csrf")


def test_limits_count_both_addresses_of_an_operation_together(ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "rooms": (1, 60)}
    client = ada.client
    assert client.get("/chatrooms").status_code == 200
    assert client.get("/api/v1/chatrooms").status_code == 429


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/auth/login", "/api/v1/auth/login"),
        ("/chatrooms", "/api/v1/chatrooms"),
        ("/chatrooms/a/files/b", "/api/v1/chatrooms/a/files/b"),
        ("/chatroomsx", "/chatroomsx"),
        ("/auth", "/auth"),
        ("/api/v1/me", "/api/v1/me"),
        ("/rooms/", "/rooms/"),
    ],
)
def test_requests_are_bounded_as_those_to_the_twin(path, expected):
    from chatsite.web.api_paths import versioned

    assert versioned(path) == expected
