"""Files and the messages that name them: claimed once, gone with their message or room."""

from __future__ import annotations

import os
import shutil
from io import StringIO

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

from accounts.lifecycle import delete_account
from chatsite.lib import wire
from messaging.files.models import File
from messaging.files.removal import tidy_files
from messaging.store import get_store
from messaging.store.base import Rejected
from tests.base import PADDED_BOX, code, create_room
from tests.messaging.filing import FID, OTHER, SEALED, age, folder, get, on_disk, put
from tests.messaging.senders import Sender, new_message

pytestmark = pytest.mark.django_db(transaction=True)
THIRD = "0" * 32


@pytest.fixture(autouse=True)
def _empty_folder():
    shutil.rmtree(folder(), ignore_errors=True)
    yield
    shutil.rmtree(folder(), ignore_errors=True)


@sync_to_async
def upload(who, room, *fids):
    for fid in fids:
        assert put(who, room, SEALED, fid).status_code == 201


@sync_to_async
def claimed() -> dict[str, int | None]:
    return dict(File.objects.values_list("file_id", "message"))


@sync_to_async
def page(who, room):
    return who.client.get(f"/api/v1/chatrooms/{room.id}/messages").json()["messages"]


def naming(sender: Sender, *fids: str) -> dict:
    return {**sender.seal(), "files": list(fids)}


# --- over the socket --------------------------------------------------------------------------


async def test_a_message_brings_the_ids_of_its_files(join, room, ada, ben):
    await upload(ada, room, FID, OTHER)
    async with join(ada) as hers, join(ben) as his:
        assert (await hers.ask(naming(Sender(ada, room), FID, OTHER)))["seq"] == 1
        event = await his.event("message_receive")
        assert event["messages"][0]["files"] == [FID, OTHER]
    assert event["messages"] == await page(ben, room)
    assert await claimed() == {FID: 1, OTHER: 1}


async def test_the_server_shows_what_it_keeps_of_a_messages_files(join, room, ada, ben):
    await upload(ada, room, FID)
    async with join(ada) as hers:
        await hers.ask(naming(Sender(ada, room), FID))
    url = f"/api/v1/chatrooms/{room.id}/messages/1/stored"
    kept = (await sync_to_async(lambda: ben.client.get(url).json())())["stored"]
    assert kept["files"] == [{"id": FID, "size": len(SEALED)}]


async def test_what_may_not_be_claimed_refuses_the_message(join, room, ada, ben):
    elsewhere = await sync_to_async(create_room)(ada, bytes(15) + b"\1")
    await upload(ben, room, OTHER)
    await upload(ada, elsewhere, THIRD)
    await upload(ada, room, FID)
    async with join(ada) as hers:
        wrong = naming(Sender(ada, room), FID, OTHER, THIRD, "1" * 32)
        answer = await hers.ask(wrong)
        assert answer["code"] == "bad_files"
        assert answer["files"] == [OTHER, THIRD, "1" * 32]
        assert set((await claimed()).values()) == {None}
        assert (await hers.ask(naming(Sender(ada, room), FID)))["seq"] == 1


async def test_a_file_belongs_to_one_message(join, room, ada):
    await upload(ada, room, FID)
    sender = Sender(ada, room)
    async with join(ada) as hers:
        await hers.ask(naming(sender, FID))
        assert (await hers.ask(naming(sender, FID)))["code"] == "bad_files"
    assert await claimed() == {FID: 1}


async def test_a_lost_ack_is_given_again(join, room, ada):
    await upload(ada, room, FID)
    frame = naming(Sender(ada, room), FID)
    async with join(ada) as hers:
        assert (await hers.ask(frame))["seq"] == 1
        assert (await hers.ask(frame))["seq"] == 1


async def test_a_deleted_message_takes_its_files_along(join, room, ada):
    await upload(ada, room, FID, OTHER, THIRD)
    sender = Sender(ada, room)
    async with join(ada) as hers:
        await hers.ask(naming(sender, FID, OTHER))
        await hers.ask(naming(sender, THIRD))
        assert len(await sync_to_async(on_disk)()) == 3
        await hers.ask({**sender.seal(), "re": [1], "erase": [1]})
    assert await claimed() == {THIRD: 2}
    assert on_disk() == [f"{room.id}/{THIRD}"]
    tombstone = (await page(ada, room))[0]
    assert "files" not in tombstone
    assert (await sync_to_async(get)(ada, room)).status_code == 404


async def test_a_closed_room_keeps_no_file(join, room, ada):
    elsewhere = await sync_to_async(create_room)(ada, bytes(15) + b"\1")
    await upload(ada, room, FID, OTHER)
    await upload(ada, elsewhere, THIRD)
    async with join(ada) as hers:
        await hers.ask(naming(Sender(ada, room), FID))
    await sync_to_async(lambda: room.took(room.post(ada, room.event(ada, "close"))))()
    assert await claimed() == {THIRD: None}
    assert on_disk() == [f"{elsewhere.id}/{THIRD}"]


# --- the room's profile -----------------------------------------------------------------------


def profile(who, room, *fids):
    event = room.event(who, "profile", h=wire.b64(bytes(32)))
    beside = {"profile": {"e": 1, "box": PADDED_BOX}, "files": list(fids)}
    return who.client.put(f"/api/v1/chatrooms/{room.id}", {**who.signed(event), **beside})


def test_a_profile_keeps_its_avatar_and_lets_the_one_before_go(room, ada):
    put(ada, room)
    put(ada, room, SEALED, OTHER)
    room.took(profile(ada, room, FID))
    age(FID, hours=25)
    assert tidy_files() == 0
    room.took(profile(ada, room, FID))
    assert on_disk() == sorted([f"{room.id}/{FID}", f"{room.id}/{OTHER}"])
    room.took(profile(ada, room, OTHER))
    assert on_disk() == [f"{room.id}/{OTHER}"]
    room.took(profile(ada, room))
    assert on_disk() == []


def test_a_profile_that_says_nothing_of_files_leaves_them(room, ada):
    put(ada, room)
    room.took(profile(ada, room, FID))
    event = room.event(ada, "profile", h=wire.b64(bytes(32)))
    sent = {**ada.signed(event), "profile": {"e": 1, "box": PADDED_BOX}}
    room.took(ada.client.put(f"/api/v1/chatrooms/{room.id}", sent))
    assert get(ada, room).status_code == 200


def test_a_profile_with_anybody_elses_file_is_refused_whole(room, ada, ben):
    put(ben, room)
    put(ada, room, SEALED, OTHER)
    get_store().append([new_message(1, room=room.id, uid=ada.uid, files=(OTHER,))])
    head = room.head
    for fid in (FID, OTHER, THIRD):
        assert code(profile(ada, room, fid)) == "bad_files"
    assert ada.client.get(f"/api/v1/chatrooms/{room.id}").json()["head"] == head
    assert code(profile(ada, room, "x")) == "bad_wire"
    assert code(profile(ada, room, FID, OTHER)) == "bad_wire"


def test_an_avatar_is_no_messages_file(room, ada):
    put(ada, room)
    room.took(profile(ada, room, FID))
    assert get_store().append([new_message(1, room=room.id, uid=ada.uid, files=(FID,))]) == [
        Rejected("bad_files", {"files": [FID]})
    ]


# --- what nobody named ------------------------------------------------------------------------


def test_what_no_message_names_goes_after_a_day(room, ada):
    for fid in (FID, OTHER, THIRD):
        put(ada, room, SEALED, fid)
    get_store().append([new_message(1, room=room.id, uid=ada.uid, files=(OTHER,))])
    age(FID, hours=25)
    age(OTHER, hours=25)
    age(THIRD, hours=23)
    assert tidy_files() == 1
    assert on_disk() == sorted([f"{room.id}/{OTHER}", f"{room.id}/{THIRD}"])
    assert tidy_files() == 0


def test_bytes_that_no_row_knows_go_after_a_day(room, ada):
    """As a crash leaves them, between the bytes and their row."""
    put(ada, room)
    old, fresh = folder() / room.id / OTHER, folder() / room.id / THIRD
    for path in (old, fresh):
        path.write_bytes(b"half a fi")
    day = old.stat().st_mtime - 25 * 3600
    os.utime(old, (day, day))
    os.utime(folder() / room.id / FID, (day, day))
    assert tidy_files() == 1
    assert on_disk() == sorted([f"{room.id}/{FID}", f"{room.id}/{THIRD}"])


def test_the_command_tidies(room, ada):
    put(ada, room)
    age(FID, hours=25)
    out = StringIO()
    call_command("tidy", stdout=out)
    assert "files: 1 deleted" in out.getvalue()
    assert on_disk() == []


def test_there_may_be_nothing_to_tidy(db):
    assert tidy_files() == 0


def test_files_outlive_the_account_that_sent_them(room, ada, ben):
    put(ben, room)
    get_store().append([new_message(1, room=room.id, uid=ben.uid, files=(FID,))])
    room.leave(ben)
    delete_account(ben.user, by=None)
    assert get(ada, room).status_code == 200
    assert tidy_files() == 0
