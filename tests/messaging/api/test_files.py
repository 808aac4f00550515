"""Files over REST: who may put and get them, what is refused, and what is left behind."""

from __future__ import annotations

import shutil
from hashlib import sha256
from io import BytesIO

import pytest

from accounts.storage import used_by
from chatsite.lib import wire
from chatsite.lib.errors import Refused, Unavailable
from messaging.files.actions import release, reserve, store_file
from messaging.files.models import File
from rooms.actions import set_files_most
from tests.base import api, code, create_room, membership
from tests.messaging.filing import (
    FID,
    OTHER,
    SEALED,
    address,
    body,
    folder,
    get,
    on_disk,
    put,
    put_by,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty_folder():
    shutil.rmtree(folder(), ignore_errors=True)
    yield
    shutil.rmtree(folder(), ignore_errors=True)


def test_what_a_member_puts_a_member_gets(room, ada, ben):
    answer = put(ada, room)
    assert (answer.status_code, answer.json()) == (201, {"id": FID})
    found = get(ben, room)
    assert found.status_code == 200
    assert body(found) == SEALED
    file = File.objects.get()
    assert (file.uploader, file.size, file.message) == (ada.uid, len(SEALED), None)
    assert file.sha256 == wire.b64(sha256(SEALED).digest())


def test_a_file_is_a_download_and_nothing_else(room, ada):
    put(ada, room)
    found = get(ada, room)
    assert found["Content-Type"] == "application/octet-stream"
    assert found["Content-Disposition"] == "attachment"
    assert found["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Cache-Control"] == "private, max-age=31536000, immutable"
    assert found["Content-Length"] == str(len(SEALED))
    found.close()


def test_files_lie_where_only_the_server_reads(room, ada):
    put(ada, room)
    [path] = [path for path in folder().rglob("*") if path.is_file()]
    assert path.relative_to(folder()).as_posix() == f"{room.id}/{FID}"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_many_chunks_come_back_whole(room, ada):
    data = bytes(i % 251 for i in range(5 * 65_552 + 40))
    assert put(ada, room, data).status_code == 201
    assert body(get(ada, room)) == data


def test_the_same_bytes_again_are_the_same_file(room, ada):
    assert put(ada, room).status_code == 201
    answer = put(ada, room)
    assert (answer.status_code, answer.json()) == (200, {"id": FID})
    assert File.objects.count() == 1
    assert on_disk() == [f"{room.id}/{FID}"]


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_an_id_is_taken_once(room, ada, ben, who):
    put(ada, room)
    data = b"other bytes than those there" if who == "ada" else SEALED
    answer = put({"ada": ada, "ben": ben}[who], room, data)
    assert (answer.status_code, code(answer)) == (409, "conflict")
    assert body(get(ada, room)) == SEALED
    assert on_disk() == [f"{room.id}/{FID}"]


# --- who may not ------------------------------------------------------------------------------


def test_strangers_and_former_members_put_and_get_nothing(room, ada, ben, cleo):
    put(ada, room)
    room.leave(ben)
    nowhere = cleo.client.get(address("0" * 32))
    for who in (ben, cleo):
        for answer in (get(who, room), put(who, room, fid=OTHER), put(who, room)):
            assert answer.status_code == 404
            assert answer.json() == nowhere.json()
    assert on_disk() == [f"{room.id}/{FID}"]


def test_nobody_without_signing_in(room, ada):
    put(ada, room)
    assert api().get(address(room)).status_code == 401
    assert put_by(api(), room, SEALED, OTHER).status_code == 401
    assert File.objects.count() == 1


def test_a_file_of_one_room_is_not_in_another(room, ada):
    other = create_room(ada, bytes(15) + b"\1")
    put(ada, room)
    answer = get(ada, other)
    assert (answer.status_code, code(answer)) == (404, "no_such_file")
    assert put(ada, other, b"the same id in another room").status_code == 201
    assert body(get(ada, room)) == SEALED


def test_a_closed_room_takes_none(room, ada):
    room.took(room.post(ada, room.event(ada, "close")))
    answer = put(ada, room)
    assert (answer.status_code, code(answer)) == (410, "room_closed")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fid", ["x", "E" * 32, "e" * 31, "e" * 33, "..", "%2e%2e%2fdb", "e" * 30 + "%00", "é" * 32]
)
def test_an_id_that_is_none_is_refused(room, ada, fid):
    answer = put(ada, room, fid=fid)
    assert answer.status_code in (400, 404)
    assert get(ada, room, fid).status_code == 404
    assert on_disk() == []


@pytest.mark.parametrize("size", [1, 15, 65_553, 65_552 + 16])
def test_a_length_that_no_sealed_file_has_is_refused(room, ada, size):
    answer = put(ada, room, bytes(size))
    assert (answer.status_code, code(answer)) == (400, "not_sealed")
    assert on_disk() == []


@pytest.mark.parametrize("size", [16, 17, 65_552, 65_552 + 17])
def test_a_length_that_one_has_is_not(room, ada, size):
    assert put(ada, room, bytes(size)).status_code == 201


def test_a_file_may_be_so_large_and_no_larger(room, ada, settings):
    settings.FILE_MOST = 100
    assert put(ada, room, bytes(100)).status_code == 201
    answer = put(ada, room, bytes(101), OTHER)
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert answer.json()["error"]["most"] == 100
    assert on_disk() == [f"{room.id}/{FID}"]


def test_what_one_may_store_has_an_end(room, ada, ben, settings):
    settings.STORAGE_PER_PERSON = used_by(ada.uid) + 150
    limits = f"/api/v1/chatrooms/{room.id}/files"
    assert put(ada, room, bytes(100)).status_code == 201
    assert ada.client.get(limits).json() == {
        "most": settings.FILE_MOST,
        "left": 50,
        "room_left": None,
    }
    assert code(put(ada, room, bytes(51), OTHER)) == "quota"
    settings.STORAGE_PER_PERSON = used_by(ben.uid) + 51
    assert put(ben, room, bytes(51), OTHER).status_code == 201, "each has a share of their own"
    settings.STORAGE_PER_PERSON = used_by(ada.uid) + 50
    assert put(ada, room, bytes(50), "0" * 32).status_code == 201


def test_files_of_a_room_may_have_an_end_of_their_own(room, ada, ben):
    set_files_most(room.id, 150, by=None)
    limits = f"/api/v1/chatrooms/{room.id}/files"
    assert put(ada, room, bytes(100)).status_code == 201
    assert ada.client.get(limits).json()["room_left"] == 50
    before = used_by(ben.uid)
    answer = put(ben, room, bytes(51), OTHER)
    assert (answer.status_code, code(answer)) == (400, "room_quota")
    assert "ask the administrator" in answer.json()["error"]["detail"]
    assert (used_by(ben.uid), File.every.count()) == (before, 1), "nothing is reserved for it"
    assert put(ben, room, bytes(50), OTHER).status_code == 201
    assert ada.client.get(limits).json()["room_left"] == 0
    assert put(ada, room, bytes(100)).status_code in (200, 201), "the same file once more"
    set_files_most(room.id, 10, by=None)
    assert ada.client.get(limits).json()["room_left"] == 0
    assert get(ada, room).status_code == 200, "what is there stays"
    set_files_most(room.id, None, by=None)
    assert put(ada, room, bytes(51), "0" * 32).status_code == 201


def test_an_upload_under_way_counts_against_the_room(room, ada, ben):
    set_files_most(room.id, 150, by=None)
    file = reserve(membership(ada, room), FID, 100)
    assert code(put(ben, room, bytes(51), OTHER)) == "room_quota"
    assert file is not None
    release(file)
    assert put(ben, room, bytes(51), OTHER).status_code == 201


def test_limits_are_told_to_members_only(room, cleo):
    assert cleo.client.get(f"/api/v1/chatrooms/{room.id}/files").status_code == 404


def test_uploads_are_counted(room, ada, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "files": (1, 60)}
    put(ada, room)
    assert put(ada, room, fid=OTHER).status_code == 429


@pytest.mark.parametrize("length", ["", "x", "-5", "0"])
def test_a_length_must_be_said(room, ada, length):
    answer = put_by(ada.client, room, SEALED, FID, CONTENT_LENGTH=length)
    assert (answer.status_code, code(answer)) == (411, "no_length")


def test_fewer_bytes_than_said_leave_nothing(room, ada):
    with pytest.raises(Refused, match="incomplete"):
        store_file(membership(ada, room), FID, BytesIO(SEALED), len(SEALED) + 1)
    assert (File.objects.count(), on_disk()) == (0, [])


def test_a_full_disk_is_said_and_the_sender_may_try_again(room, ada):
    class Full(BytesIO):
        def read(self, size=-1):
            raise OSError("no space left")

    with pytest.raises(Unavailable):
        store_file(membership(ada, room), FID, Full(), 40)
    assert File.objects.count() == 0
    assert put(ada, room).status_code == 201
    assert body(get(ada, room)) == SEALED


def test_another_type_is_refused(room, ada):
    answer = put_by(ada.client, room, b"{}", FID, content_type="application/json")
    assert answer.status_code == 415
    assert on_disk() == []


def test_a_page_needs_its_token(room, ada):
    client = api()
    client.handler.enforce_csrf_checks = True
    client.force_login(ada.user)
    answer = put_by(client, room, SEALED, FID)
    assert (answer.status_code, code(answer)) == (403, "csrf")
    assert on_disk() == []
