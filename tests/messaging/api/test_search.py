"""Search over REST: the door, the shapes, pages, the cache, tokens that come later."""

from __future__ import annotations

import asyncio
import re

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from chatsite.lib.ratelimit import LocalLimiter
from messaging.store import get_store
from messaging.store.index.postings import Shape
from messaging.store.orm.models import Message
from rooms.models import Room
from rooms.signals import messages_gone
from tests.base import code
from tests.messaging.senders import Sender, new_message

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = {"tokens": [{"g": 1, "t": [5]}]}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def full(room):
    """Ten messages with token 5; the even ones with 6, too."""
    get_store().append(
        [
            new_message(
                n, room=room.id, generation=1, tokens=(5,) if n % 2 else (5, 6), stored_ms=n
            )
            for n in range(1, 11)
        ]
    )
    return room


def search(who, room, **changes):
    return who.client.post(f"/api/v1/chatrooms/{room.id}/search", {**QUESTION, **changes})


def found(answer) -> list[int]:
    return [hit["seq"] for hit in answer.json()["hits"]]


def test_a_member_searches(full, ada):
    answer = search(ada, full, tokens=[{"g": 1, "t": [6, 5]}], limit=2)
    assert answer.status_code == 200
    body = answer.json()
    assert found(answer) == [10, 8]
    assert body["hits"][0] == {
        "seq": 10, "h": "header 10", "iv": "iv", "ct": "Y3Q", "sig": "sig", "g": 1,
        "matched": [0, 1],
    }  # fmt: skip
    assert (body["total"], body["indexed"], body["df"]) == (10, 10, [])


def test_a_member_searches_for_what_nobody_said(full, ada):
    for order in ("newest", "relevance"):
        answer = search(ada, full, tokens=[{"g": 1, "t": [99]}], order=order)
        assert (answer.status_code, answer.json()["hits"]) == (200, [])


def test_a_page_brings_what_changes_its_hits(room, ada):
    """A correction, what it corrects, a reaction to that; nothing of what is not on the page."""
    get_store().append(
        [
            new_message(1, room=room.id),
            new_message(2, room=room.id, generation=1, tokens=(5,), refers_to=(1,)),
            new_message(3, room=room.id, refers_to=(1,)),
            new_message(4, room=room.id, generation=1, tokens=(5,)),
            new_message(5, room=room.id, refers_to=(4, 1)),
            new_message(6, room=room.id),
            new_message(7, room=room.id, refers_to=(6,)),
        ]
    )
    body = search(ada, room).json()
    assert [hit["seq"] for hit in body["hits"]] == [4, 2]
    assert [row["seq"] for row in body["refs"]] == [1, 3, 5]
    assert body["refs"][1] == {
        "seq": 3, "h": "header 3", "iv": "iv", "ct": "Y3Q", "sig": "sig", "re": [1],
    }  # fmt: skip
    assert body["whole"] is True
    first = search(ada, room, limit=1).json()
    assert [row["seq"] for row in first["refs"]] == [5]


def test_a_page_says_when_there_is_too_much_beside_it(room, ada, monkeypatch):
    get_store().append([new_message(1, room=room.id, generation=1, tokens=(5,))])
    get_store().append([new_message(n, room=room.id, refers_to=(1,)) for n in range(2, 5)])
    monkeypatch.setattr("messaging.search.actions.MOST_REFS", 3)
    body = search(ada, room).json()
    assert (len(body["refs"]), body["whole"]) == (3, True)
    monkeypatch.setattr("messaging.search.actions.MOST_REFS", 2)
    body = search(ada, room).json()
    assert (body["refs"], body["whole"], len(body["hits"])) == ([], False, 1)


def test_no_ciphertext_is_kept_with_a_page(full, ada, monkeypatch):
    """What is erased must not lie in the cache until it expires."""
    kept = []
    monkeypatch.setattr("messaging.search.actions.keep", lambda key, value: kept.append(value))
    assert found(search(ada, full))
    assert "Y3Q" not in str(kept)
    assert "header" not in str(kept)


def test_pages_go_on_where_the_last_one_ended(full, ada):
    for order in ("newest", "relevance"):
        pages, cursor = [], None
        while True:
            answer = search(
                ada, full, order=order, limit=4, **({"cursor": cursor} if cursor else {})
            )
            pages.append(found(answer))
            cursor = answer.json()["cursor"]
            if cursor is None:
                break
        assert [seq for page in pages for seq in page] == list(range(10, 0, -1))


def test_relevance_counts_documents(full, ada):
    answer = search(ada, full, tokens=[{"g": 1, "t": [5, 6]}], order="relevance")
    assert found(answer) == [10, 8, 6, 4, 2, 9, 7, 5, 3, 1]
    assert answer.json()["df"] == [10, 5]


def test_strangers_find_no_room(full, cleo):
    answer = search(cleo, full)
    assert (answer.status_code, code(answer)) == (404, "not_found")
    assert tokens(cleo, full).status_code == 404
    assert fill(cleo, full, []).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokens": []},
        {"tokens": [{"g": 1, "t": []}]},
        {"tokens": [{"g": 0, "t": [5]}]},
        {"tokens": [{"g": 1, "t": [2**24]}]},
        {"tokens": [{"g": 1, "t": [5]}, {"g": 1, "t": [6]}]},
        {"tokens": [{"g": 1, "t": [5]}, {"g": 2, "t": [5, 6]}]},
        {"tokens": [{"g": 1, "t": list(range(17))}]},
        {"tokens": [{"g": 1, "t": [5], "x": 1}]},
        {"tokens": "5"},
        {"order": "oldest"},
        {"limit": 0},
        {"limit": 101},
        {"uids": ["nobody"]},
        {"since": -1},
        {"files": 1},
        {"cursor": "AAAA"},
        {"cursor": "W10"},
        {"words": ["secret"]},
    ],
)
def test_what_is_malformed_is_refused(full, ada, wrong):
    assert search(ada, full, **wrong).status_code == 400


def test_a_room_searched_on_devices_says_so(full, ada):
    full.policy(ada, search="device")
    answer = search(ada, full)
    assert (answer.status_code, code(answer)) == (409, "search_device")


def test_a_cached_page_never_outlives_what_was_said_or_erased(full, ada, monkeypatch):
    assert found(search(ada, full)) == list(range(10, 0, -1))
    store = get_store()
    monkeypatch.setattr("messaging.search.actions.Searcher", None)
    assert found(search(ada, full)) == list(range(10, 0, -1)), "from the cache"
    monkeypatch.undo()
    store.append(
        [new_message(11, room=full.id, generation=1, tokens=(), erase=(4,), refers_to=(4,))]
    )
    assert 4 not in found(search(ada, full))
    store.drop_tokens(full.id)
    assert found(search(ada, full)) == []
    fill(ada, full, [{"seq": 2, "g": 1, "t": [5]}])
    assert found(search(ada, full)) == [2]


def test_a_page_made_while_a_message_was_being_erased_is_not_kept(full, ada):
    """In MongoDB what erases is there a moment before its targets are gone."""
    assert 4 in found(search(ada, full))
    four = Message.objects.filter(room=full.id, seq=4)
    four.update(ciphertext="", erased_sha256="sha", erased_by=10, generation=0, tokens=b"")
    assert 4 not in found(search(ada, full)), "though the room's numbers are the same"
    messages_gone.send(None, room_id=full.id, seqs=(4,))
    assert found(search(ada, full)) == [10, 9, 8, 7, 6, 5, 3, 2, 1]


def fill(who, room, messages, **more):
    path = f"/api/v1/chatrooms/{room.id}/tokens"
    return who.client.post(path, {"messages": messages, **more})


def tokens(who, room, query=""):
    return who.client.get(f"/api/v1/chatrooms/{room.id}/tokens{query}")


def test_messages_without_tokens_get_them_from_a_member(room, ada):
    get_store().append([new_message(n, room=room.id) for n in range(1, 6)])
    answer = tokens(ada, room, "?limit=2").json()
    assert [row["seq"] for row in answer["rows"]] == [1, 2]
    assert (answer["missing"], answer["cursor"]) == (5, 2)
    given = [{"seq": seq, "g": 1, "t": [7]} for seq in (1, 2, 99)]
    assert fill(ada, room, given).json() == {"taken": 2}
    assert fill(ada, room, given).json() == {"taken": 0}, "only what has none takes some"
    assert found(search(ada, room, tokens=[{"g": 1, "t": [7]}])) == [2, 1]
    answer = tokens(ada, room, "?after=4").json()
    assert [row["seq"] for row in answer["rows"]] == [5]
    assert answer["cursor"] is None


def test_a_member_adds_tokens_of_version_2_to_those_of_a_sender(full, ada):
    assert search(ada, full).json()["older"] is True
    assert tokens(ada, full).json()["rows"] == []
    answer = tokens(ada, full, "?version=2&limit=3").json()
    assert [row["seq"] for row in answer["rows"]] == [1, 2, 3]
    assert (answer["missing"], answer["cursor"]) == (10, 3)
    given = [{"seq": seq, "g": 1, "t": [7]} for seq in range(1, 11)]
    assert fill(ada, full, given).json() == {"taken": 0}
    assert fill(ada, full, given, v=2).json() == {"taken": 10}
    assert fill(ada, full, given, v=2).json() == {"taken": 0}
    assert found(search(ada, full, tokens=[{"g": 1, "t": [7, 6]}])) == [10, 8, 6, 4, 2]
    assert search(ada, full).json()["older"] is False
    assert tokens(ada, full, "?version=3").status_code == 400
    assert fill(ada, full, given, v=3).status_code == 400


def test_pieces_that_are_kept_hide_no_tokens_that_come_later(full, ada, monkeypatch):
    index = get_store().index
    monkeypatch.setattr(index, "shape", Shape(bits=4))  # pieces of two messages
    read = []

    def forward(*place):
        read.append(place)
        return type(index).forward(index, *place)

    monkeypatch.setattr(index, "forward", forward)
    assert found(search(ada, full)) == [*range(10, 0, -1)]
    assert len(read) == 6
    assert found(search(ada, full, tokens=[{"g": 1, "t": [6]}])) == [10, 8, 6, 4, 2]
    assert len(read) == 6 + 2, "all others were kept: they are full"
    given = [{"seq": seq, "g": 1, "t": [7]} for seq in range(1, 11)]
    assert fill(ada, full, given, v=2).json() == {"taken": 10}
    assert found(search(ada, full, tokens=[{"g": 1, "t": [7]}])) == [*range(10, 0, -1)]


def test_hostile_tokens_of_an_older_search_key_are_not_taken(room, ada, ben):
    """Who was removed holds the older key: with the server they could look for what is newer."""
    room.took(room.remove(ada, ben, [ada]))
    room.e += 1
    Room.objects.update(epoch_ms=0)  # who rotates an open room waits a minute
    room.rotate(ada, [ada])
    get_store().append([new_message(1, room=room.id), new_message(2, room=room.id, epoch=2)])
    get_store().append([new_message(3, room=room.id, epoch=3)])
    old = [{"seq": seq, "g": 1, "t": [7]} for seq in (2, 3)]
    assert fill(ada, room, old).json() == {"taken": 0}
    of_no_generation = [{"seq": 3, "g": 3, "t": [7]}]
    assert fill(ada, room, of_no_generation).json() == {"taken": 0}
    right = [{"seq": 1, "g": 1, "t": [7]}, *({**one, "g": 2} for one in old)]
    assert fill(ada, room, right).json() == {"taken": 3}


def test_tokens_that_come_while_the_rules_change_do_not_stay(room, ada, monkeypatch):
    get_store().append([new_message(1, room=room.id)])
    index, filled = get_store().index, []

    def fill_late(*given):
        room.policy(ada, search="device")
        filled.append(type(index).fill(index, *given))
        return filled[-1]

    monkeypatch.setattr(index, "fill", fill_late)
    answer = fill(ada, room, [{"seq": 1, "g": 1, "t": [7]}])
    assert (answer.status_code, code(answer), filled) == (409, "search_device", [1])
    kept = get_store().stored(room.id, 1)
    assert kept is not None
    assert kept.tokens == ()


@pytest.mark.parametrize(
    "messages",
    [
        None,
        [{"seq": 1, "g": 1}],
        [{"seq": 0, "g": 1, "t": []}],
        [{"seq": 1, "g": 1, "t": [6, 5]}],
        [{"seq": 1, "g": 1, "t": []}] * 201,
    ],
)
def test_malformed_tokens_are_refused(room, ada, messages):
    assert fill(ada, room, messages).status_code == 400


def test_searches_are_limited(full, ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "search": (1, 60)}
    assert search(ada, full).status_code == 200
    answer = search(ada, full)
    assert (answer.status_code, code(answer)) == (429, "rate")
    assert int(answer["Retry-After"]) > 0


async def test_a_full_segment_is_sealed_by_a_task_and_two_by_the_hub(
    hub, join, room, ada, monkeypatch
):
    monkeypatch.setattr(hub.store.index, "shape", Shape(bits=2))
    sent: asyncio.Queue[tuple[str, list[str]]] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def send_task(name: str, args: list[str], **options: object) -> None:
        loop.call_soon_threadsafe(sent.put_nowait, (name, args))

    monkeypatch.setattr("celery.current_app.send_task", send_task)
    sender = Sender(ada, room)
    async with join(ada) as hers, asyncio.timeout(20):
        for _ in range(4):
            await hers.ask(sender.seal())
        assert await sent.get() == ("index.seal", [room.id])
        assert await hub.threads.run(hub.store.index.sealed, room.id) == 0, "left to the task"
        for _ in range(4):
            await hers.ask(sender.seal())
        while await hub.threads.run(hub.store.index.sealed, room.id) < 8:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert sent.empty(), "nobody took the task: no other is sent"


def test_the_embedded_default_names_its_keys_as_the_owner_does(full, ada, monkeypatch):
    """`session:{user_id}`, `search_cache:{query_hash}`, `rate_limit:{user_id}:{endpoint}`, as on
    Redis (tests/engines/test_redis_keys.py); who is in a room one process knows without a key.
    """
    kept: list[str] = []
    for keeps in ("set", "add"):
        kept_by = getattr(LocMemCache, keeps)

        def noted(self, key, *args, kept_by=kept_by, **kwargs):
            kept.append(key)
            return kept_by(self, key, *args, **kwargs)

        monkeypatch.setattr(LocMemCache, keeps, noted)
    allow = LocalLimiter.allow

    def counted(self, key, *args, **kwargs):
        kept.append(key)
        return allow(self, key, *args, **kwargs)

    monkeypatch.setattr(LocalLimiter, "allow", counted)
    search(ada, full)
    ada.client.get("/api/v1/me/sessions")
    assert f"session:{ada.uid}" in kept
    assert f"rate_limit:{ada.uid}:search" in kept
    assert [key for key in kept if re.fullmatch(r"search_cache:[\w-]{22,64}", key)]
    known = ("session:", "search_cache:", "search_mark:", "rate_limit:", "window:")
    assert not [key for key in kept if not key.startswith(known)]
