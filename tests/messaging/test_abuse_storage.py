"""Nobody fills the server by files or room logs, nor beyond the floor of the disk."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

from accounts import storage
from accounts.models import StorageUse
from chatsite.lib import disk
from chatsite.lib.errors import Conflict, Refused
from messaging.files import actions
from messaging.files.models import File
from messaging.files.removal import tidy_files
from messaging.store.budget import cost
from tests.base import code, create_room, membership
from tests.messaging.engines import ORM
from tests.messaging.filing import FID, OTHER, put
from tests.messaging.senders import new_message

pytestmark = pytest.mark.django_db(transaction=True)


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture
def room(people):
    script = create_room(people[0])
    script.admit(people[0], people[1])
    return script


def allow(settings, person, more: int) -> None:
    """Let somebody store so many more bytes."""
    settings.STORAGE_PER_PERSON = storage.used_by(person.uid) + more


def test_abuse_a_place_is_reserved_before_the_first_byte(room, ada, settings):
    allow(settings, ada, 150)
    file = actions.reserve(membership(ada, room), FID, 100)
    assert file is not None
    assert code(put(ada, room, bytes(51), OTHER)) == "quota"
    limits = ada.client.get(f"/api/v1/chatrooms/{room.id}/files").json()
    assert limits["left"] == 50
    actions.receive(file, actions.Incoming(BytesIO(bytes(100))))
    assert File.objects.get().size == 100
    assert put(ada, room, bytes(50), OTHER).status_code == 201
    assert storage.left_for(ada.uid) == 0


def test_abuse_uploads_at_once_never_exceed_the_budget(room, ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "files": (1000, 60)}
    allow(settings, ada, 300)
    before, start = storage.used_by(ada.uid), threading.Barrier(8)

    def upload(n: int) -> bool:
        start.wait()
        try:
            file = actions.reserve(membership(ada, room), f"{n:032x}", 100)
            assert file is not None
            actions.receive(file, actions.Incoming(BytesIO(bytes(100))))
        except storage.QuotaReached:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(upload, range(8)))
    assert sum(taken) == 3
    assert storage.used_by(ada.uid) == before + 300
    assert File.every.count() == 3


@pytest.mark.parametrize("engine", [ORM], indirect=True)
def test_abuse_messages_and_uploads_at_once_share_the_budget(store, room, ada, settings):
    sent = [new_message(n, uid=ada.uid) for n in range(1, 31)]
    allow(settings, ada, 20 * cost(sent[0]))
    start = threading.Barrier(2)

    def upload(n: int) -> None:
        try:
            file = actions.reserve(membership(ada, room), f"{n:032x}", 2000)
            assert file is not None
            actions.receive(file, actions.Incoming(BytesIO(bytes(2000))))
        except storage.QuotaReached:
            pass

    def uploads() -> None:
        start.wait()
        for n in range(20):
            upload(n)
        connection.close()

    def messages() -> None:
        start.wait()
        for one in sent:
            store.append([one])
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(uploads), pool.submit(messages)]:
            done.result()
    there = sum(File.every.values_list("size", flat=True)) + store.usage().get(ada.uid, 0)
    found = StorageUse.objects.get(pk=ada.uid)
    assert found.files + found.messages == there
    assert found.total <= settings.STORAGE_PER_PERSON


def test_a_file_that_does_not_come_whole_gives_its_place_back(room, ada):
    before = storage.used_by(ada.uid)
    with pytest.raises(Refused, match="incomplete"):
        actions.store_file(membership(ada, room), FID, BytesIO(bytes(99)), 100)
    assert (storage.used_by(ada.uid), File.every.count()) == (before, 0)


def test_a_place_that_nobody_comes_for_is_given_back(room, ada):
    before = storage.used_by(ada.uid)
    actions.reserve(membership(ada, room), FID, 100)
    assert tidy_files() == 0, "it may be on its way"
    File.every.update(reserved_ms=0)
    assert tidy_files() == 1
    assert storage.used_by(ada.uid) == before


def test_what_is_on_its_way_is_no_file_yet(room, ada, ben):
    actions.reserve(membership(ada, room), FID, 100)
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}/files/{FID}").status_code == 404
    assert put(ben, room, bytes(100)).status_code == 409, "the id is taken"


def test_of_two_tries_with_one_id_the_later_counts_and_is_counted_once(room, ada):
    before = storage.used_by(ada.uid)
    first = actions.reserve(membership(ada, room), FID, 100)
    assert first is not None
    assert put(ada, room, bytes(100)).status_code == 201
    with pytest.raises(Conflict):
        actions.receive(first, actions.Incoming(BytesIO(bytes(100))))
    assert storage.used_by(ada.uid) == before + 100
    assert put(ada, room, bytes(100)).status_code == 200
    assert storage.used_by(ada.uid) == before + 100
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}/files/{FID}").status_code == 200


def test_files_of_a_closed_room_are_given_back(room, ada):
    put(ada, room, bytes(100))
    actions.reserve(membership(ada, room), OTHER, 100)
    room.took(room.post(ada, room.event(ada, "close")))
    assert StorageUse.objects.get(pk=ada.uid).files == 0


def test_the_command_counts_messages_and_files_anew(room, ada, capsys):
    put(ada, room, bytes(100))
    StorageUse.objects.filter(pk=ada.uid).update(files=1)
    call_command("recount_storage")
    assert StorageUse.objects.get(pk=ada.uid).files == 100
    assert "files: 100 bytes" in capsys.readouterr().out


# --- room logs ------------------------------------------------------------------------------------


def test_abuse_room_logs_count_and_end_where_the_budget_does(room, ada, ben, settings):
    before = StorageUse.objects.get(pk=ada.uid).log
    room.took(room.policy(ada, ttl=9))
    assert StorageUse.objects.get(pk=ada.uid).log > before + 300
    allow(settings, ada, 10)
    for refused in (room.policy(ada, ttl=8), room.invite(ada)[1]):
        assert (refused.status_code, code(refused)) == (400, "quota")
    answer = room.remove(ada, ben, [ada])
    assert answer.status_code == 201, "who is removed is removed"


def test_abuse_nobody_owns_rooms_without_end(ada, people, settings):
    settings.ROOMS_PER_PERSON = 2
    rooms = [create_room(ada, bytes([n]) * 16) for n in (1, 2)]
    with pytest.raises(AssertionError, match="too_many_rooms"):
        create_room(ada, bytes([3]) * 16)
    rooms[0].took(rooms[0].post(ada, rooms[0].event(ada, "close")))
    create_room(ada, bytes([3]) * 16)


def test_abuse_nobody_discloses_messages_that_do_not_exist(ada, people):
    from messaging.store import get_store

    room = create_room(ada)
    room.took(room.policy(ada, ai="ask"))

    def disclose(to: int):
        extra = {"from": 1, "to": to, "model": "m"}
        return room.post(ada, room.event(ada, "disclose", **extra))

    assert code(disclose(1)) == "no_such_message"
    get_store().append([new_message(n, room=room.id, uid=ada.uid) for n in (1, 2)])
    assert code(disclose(3)) == "no_such_message"
    room.took(disclose(2))


# --- the disk -------------------------------------------------------------------------------------


@pytest.fixture
def free(monkeypatch, settings):
    """`free.bytes` on the disk, as the server sees it."""
    found = SimpleNamespace(bytes=1000)
    settings.DISK_FLOOR = 500
    monkeypatch.setattr(disk, "LOOK_EVERY", 0)
    monkeypatch.setattr(disk, "free_bytes", lambda: found.bytes)
    yield found
    disk.look_again()


def test_abuse_below_the_floor_nothing_is_taken_and_reading_goes_on(room, ada, free):
    assert put(ada, room, bytes(500)).status_code == 201
    refused = put(ada, room, bytes(501), OTHER)
    assert (refused.status_code, code(refused), refused["Retry-After"]) == (503, "storage", "60")
    free.bytes = 499
    assert code(room.policy(ada, ttl=3)) == "storage"
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}/files/{FID}").status_code == 200
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}/messages").status_code == 200
    free.bytes = 1000
    assert room.policy(ada, ttl=3).status_code == 201


def test_without_a_floor_the_disk_is_not_asked(settings, monkeypatch):
    settings.DISK_FLOOR = 0
    monkeypatch.setattr(disk, "free_bytes", lambda: 0)
    disk.check_floor(10**9)
