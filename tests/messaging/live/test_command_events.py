"""What a command does reaches open sockets without Redis: the hub takes the events it has left."""

from __future__ import annotations

import os
import stat
import time
from io import StringIO

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

from accounts.lifecycle import set_active
from accounts.sign_in.sign_ins import issue_tokens
from chatsite.lib import command_events
from chatsite.lib.bus_events import RoomStopped, SignInEnded
from tests.messaging.live.processes import listening
from tests.messaging.senders import Sender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The folder of events of this test alone. Commands leave none there with Redis."""
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""
    return tmp_path / command_events.FOLDER


async def run(*arguments: str) -> None:
    await sync_to_async(call_command)(*arguments, stdout=StringIO())


async def test_a_room_that_a_command_stops_is_told_to_who_is_there(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await his.ask(Sender(ben, room).seal())
        for what, stopped in ((["close", room.id, "--yes"], True), (["open", room.id], False)):
            await run("rooms", *what)
            await hub.take_command_events()
            for wire in (hers, his):
                await wire.event("room_stopped", room=room.id, stopped=stopped)
            answer = await hers.ask(Sender(ada, room).seal())
            assert answer["type"] == ("error" if stopped else "ack")


async def test_the_hub_looks_by_itself(hub, join, room, ada):
    async with join(ada) as hers:
        await run("rooms", "close", room.id, "--yes")
        await hers.event("room_stopped", room=room.id, stopped=True)


async def test_who_is_disabled_by_a_command_is_signed_out(hub, join, room, ada, ben):
    async with join(ada) as hers, join(ben) as his:
        await run("people", "disable", "ada")
        await hub.take_command_events()
        assert await hers.closed() == 4401
        await his.pong()


async def test_who_has_signed_in_again_stays(hub, join, room, ada):
    """The event of a disabled account comes when it is enabled again already."""
    async with join(ada) as hers:
        await run("people", "disable", "ada")
        await sync_to_async(set_active)(ada.user, True, by=None)
        tokens = await sync_to_async(issue_tokens)(ada.user)
        async with listening(hub, "ada", tokens.refresh.partition(".")[0]) as again:
            await hub.take_command_events()
            assert await hers.closed() == 4401
            assert again.code is None


def test_events_are_taken_once_in_their_order_and_only_fresh_ones(folder):
    assert command_events.take() == []
    events = [RoomStopped("r", True), SignInEnded("u", but="s"), RoomStopped("r", False)]
    for event in events:
        command_events.leave(event)
    assert command_events.take() == events
    assert command_events.take() == []
    command_events.leave(events[0])
    [path] = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = time.time() - command_events.FRESH_FOR - 1
    os.utime(path, (before, before))
    assert command_events.take() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", '"x"', "{}", '{"kind": "room_stopped"}', "\x00"])
def test_a_file_that_is_no_event_is_dropped(folder, text):
    command_events.leave(RoomStopped("r", True))
    folder.joinpath("0").write_text(text)
    assert command_events.take() == [RoomStopped("r", True)]
    assert list(folder.iterdir()) == []


def test_a_file_that_cannot_be_read_is_not_tried_again(folder):
    command_events.leave(RoomStopped("r", True))
    folder.joinpath("0").write_bytes(b"\xff")
    assert command_events.take() == [RoomStopped("r", True)]
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_fails_no_command(folder, room):
    folder.write_text("in its place")
    call_command("rooms", "close", room.id, "--yes", stdout=StringIO())
    assert command_events.take() == []


def test_with_redis_nothing_is_left(folder, room, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/"
    call_command("rooms", "close", room.id, "--yes", stdout=StringIO())
    assert not folder.exists()
