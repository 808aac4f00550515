"""Lists that grow with a room come in pages, and nothing is left out between them."""

from __future__ import annotations

import pytest

from messaging import selectors as messaging_access
from rooms import keys, selectors
from rooms.models import ProfileBox, Wrap
from tests.base import create_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(people):
    script = create_room(people[0])
    script.admit(people[0], people[1])
    return script


def pages(person, path: str) -> list[dict]:
    """Every page of a list, as clients ask for them."""
    found, after = [], None
    while True:
        answer = person.client.get(path, {} if after is None else {"after": after})
        assert answer.status_code == 200, answer.content
        found.append(answer.json())
        after = found[-1]["more"]
        if after is None:
            return found


def test_abuse_a_page_of_the_log_ends_by_bytes(room, ada, monkeypatch):
    for ttl in range(1, 6):
        room.took(room.policy(ada, ttl=ttl))
    monkeypatch.setattr(selectors, "EVENT_BESIDE", 300_000)
    seen, after, more = [], -1, True
    while more:
        page = ada.client.get(f"/api/v1/chatrooms/{room.id}/log", {"after": after}).json()
        assert 0 < len(page["events"]) <= 3
        seen += page["events"]
        after, more = len(seen) - 1, page["more"]
    assert len(seen) == room.head[0] + 1


def test_abuse_the_log_that_a_link_shows_comes_in_pages(room, ada, cleo, monkeypatch):
    link, answer = room.invite(ada)
    room.took(answer)
    monkeypatch.setattr(selectors, "LOG_PAGE", 2)
    seen, after, more = [], -1, True
    while more:
        page = cleo.client.get(f"/api/v1/chatrooms/join/{link.iid}", {"after": after}).json()
        seen += page["events"]
        after, more = len(seen) - 1, page["more"]
    whole = ada.client.get(f"/api/v1/chatrooms/{room.id}/log").json()
    assert seen[:2] == whole["events"]
    assert len(seen) == room.head[0] + 1


def test_abuse_wraps_to_oneself_come_in_pages(room, ada, ben, monkeypatch):
    Wrap.objects.bulk_create(
        Wrap(room_id=room.id, epoch=1, to_kid=ben.kid, giver=f"{n:032x}", ciphertext=f"w{n}")
        for n in range(7)
    )
    monkeypatch.setattr(selectors, "MOST_WRAPS", 3)
    found = pages(ben, f"/api/v1/chatrooms/{room.id}/keys")
    assert [len(page["wraps"]) for page in found] == [3, 3, 1]
    assert [wrap["ct"] for page in found for wrap in page["wraps"]] == [f"w{n}" for n in range(7)]


def test_abuse_only_the_newest_profiles_are_brought_along(room, ada):
    box = "A" * 80_000
    ProfileBox.objects.bulk_create(
        ProfileBox(room_id=room.id, epoch=e, box=box) for e in range(1, 31)
    )
    answer = ada.client.get(f"/api/v1/chatrooms/{room.id}/keys")
    assert [one["e"] for one in answer.json()["profiles"]] == [27, 28, 29, 30]
    [listed] = ada.client.get("/api/v1/chatrooms").json()["rooms"]
    assert [one["e"] for one in listed["profiles"]] == [30]


def test_abuse_who_has_which_keys_comes_in_pages(room, ada, ben, monkeypatch):
    monkeypatch.setattr(selectors, "fitting", lambda keys, sizes: list(keys)[:1])
    found = pages(ada, f"/api/v1/chatrooms/{room.id}/wraps")
    assert [list(page["wraps"]) for page in found] == [[kid] for kid in sorted([ada.kid, ben.kid])]


def test_abuse_the_keys_of_a_link_come_in_pages(room, ada, ben, cleo, monkeypatch):
    room.leave(ben)
    room.rotate(ada, [ada])
    link, answer = room.invite(ada)
    room.took(answer)
    monkeypatch.setattr(keys, "MOST_ITEMS", 1)
    joined = room.took(room.join(cleo, link)).json()
    assert ([item["e"] for item in joined["items"]], joined["more"]) == ([1], 1)
    found = pages(cleo, f"/api/v1/chatrooms/join/{link.iid}/items")
    assert [item["e"] for page in found for item in page["items"]] == [1, 2]


def test_abuse_a_list_of_rooms_comes_in_pages(ada, people, monkeypatch):
    rooms = [create_room(ada, bytes([n]) * 16).id for n in range(5)]
    monkeypatch.setattr(messaging_access, "LISTED", 2)
    assert [len(page["rooms"]) for page in pages(ada, "/api/v1/chatrooms")] == [2, 2, 1]
    monkeypatch.setattr(messaging_access, "LISTED", 100)
    monkeypatch.setattr(messaging_access, "PAGE_BYTES", messaging_access.ROOM_BYTES * 8)
    found = pages(ada, "/api/v1/chatrooms")
    assert len(found) > 1
    assert [room["id"] for page in found for room in page["rooms"]] == rooms[::-1]
