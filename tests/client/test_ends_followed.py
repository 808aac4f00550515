"""Programs that follow a room learn how it ends: by whom and when, as its signed log proves. What
the server only claims is said to be that.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from sotto.api import ApiError
from sotto.client import Client
from sotto.room import Room
from sotto.room_errors import Closed, FormerMember, PeerLeft
from tests.client.acting import (
    DONE,
    PASSWORD,
    REFUSED,
    cli_command,
    cli_environment,
    room_of_two,
    until,
)
from tests.hostile.server import TLS, network
from tests.live import LiveServer
from tests.vectors.making import cast

WHEN = r" on 20\d\d-\d\d-\d\d \d\d:\d\d"


def on_stop(room: Room) -> None:
    """Shows that somebody follows."""


async def follows(client: Client, room: str) -> bool:
    manager = client.session.manager
    read = manager.has(room) and manager.is_read(manager.cached(room))
    return read and manager.on_stop is on_stop and manager.stream.ready.is_set()


async def forgotten(client: Client, room: str) -> bool:
    return not client.session.manager.has(room)


@asynccontextmanager
async def following(client: Client, room: str, failure: type[Exception], match: str):
    """Within it, a program follows the room; afterwards that ends in this way."""

    async def follow() -> None:
        async for _ in client.messages.receive(room, on_stop=on_stop):
            pass

    async with asyncio.timeout(60):
        task = asyncio.create_task(follow())
        await until(lambda: follows(client, room))
        yield
        with pytest.raises(failure, match=match):
            await task


@pytest.mark.parametrize("ban", [False, True], ids=["removed", "banned"])
async def test_a_removal_ends_what_follows_that_room_and_no_other(sign_up, ban):
    ada, ben, room = await room_of_two(sign_up, f"followed{int(ban)}")
    other = await ada.rooms.create("Attic")
    await ben.rooms.join(await ada.room_admin.invite(other))
    said = f"{ada.me.name} removed you from this room{' and banned you' if ban else ''}{WHEN}"
    async with following(ben, room, FormerMember, said):
        await ada.members.remove(room, ben.me.uid, ban=ban)
    with pytest.raises(FormerMember, match=said):
        await ben.messages.send(room, "late")
    with pytest.raises(FormerMember, match=said):
        await anext(ben.messages.receive(room))
    everything = ben.messages.receive()
    await ada.messages.send(other, "still here")
    async with asyncio.timeout(60):
        assert (await anext(everything)).text == "still here"


async def test_a_room_that_was_left_at_another_device_ends(sign_up, server):
    _, ben, room = await room_of_two(sign_up, "left.elsewhere")
    async with Client(server.url, transport=network()) as elsewhere:
        await elsewhere.account.log_in(ben.me.name, PASSWORD, cast()["ben"].keys)
        async with following(ben, room, FormerMember, f"you left this room{WHEN}"):
            await elsewhere.rooms.leave(room)


async def test_who_is_let_in_again_follows_the_room_again(sign_up):
    ada, ben, room = await room_of_two(sign_up, "followed.again")
    await ben.rooms.open(room)
    await ada.members.remove(room, ben.me.uid)
    await until(lambda: forgotten(ben, room))
    await ben.rooms.join(await ada.room_admin.invite(room))
    await ada.messages.send(room, "welcome back")
    async with asyncio.timeout(60):
        assert (await anext(ben.messages.receive(room))).text == "welcome back"


async def test_a_closed_room_ends_and_says_who_closed_it(sign_up):
    ada, ben, room = await room_of_two(sign_up, "followed.closed")
    said = f"{ada.me.name} closed this room for good{WHEN}"
    async with following(ben, room, Closed, said):
        await ada.room_admin.close(room)
    for again in (ben.messages.send(room, "late"), anext(ben.messages.receive(room))):
        with pytest.raises(Closed, match=said):
            await again


async def test_the_end_of_a_sign_in_ends_what_follows(sign_up, server):
    ada = await sign_up("ada", "ada.followed.out")
    room = await ada.rooms.create("Garden")
    async with following(ada, room, ApiError, "[Ss]ign"):
        await asyncio.to_thread(server.manage, "people", "disable", ada.me.name)


class Denying(httpx2.AsyncHTTPTransport):
    """A network on which the server denies a room."""

    denied = ""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.denied and self.denied in request.url.path:
            error = {"code": "not_found", "detail": "Nothing is here."}
            return httpx2.Response(404, json={"error": error})
        return await super().handle_async_request(request)


async def test_lies_a_room_that_is_denied_without_a_reason_is_not_called_a_removal(sign_up):
    denying = Denying(verify=TLS)
    ada = await sign_up("ada", "ada.denied", transport=denying)
    room = await ada.rooms.create("Garden")
    async with following(ada, room, ApiError, "shows no signed reason"):
        denying.denied = room
        await ada.session.manager.stream.handler({"type": "user_leave", "room": room})


async def test_nothing_is_sent_to_who_has_left_a_talk_of_two(sign_up):
    ada, ben = await sign_up("ada", "ada.peerless"), await sign_up("ben", "ben.peerless")
    room = await ada.rooms.direct(ben.me.name)
    await ada.messages.send(room, "do you sing?")
    await ben.rooms.leave(room)
    for _ in range(2):
        with pytest.raises(PeerLeft, match=f"ben.peerless declined to talk, or left.*{WHEN}"):
            await ada.messages.send(room, "are you there?")
        await ada.rooms.open(room)
    assert [message.text for message in await ada.messages.history(room)] == ["do you sing?"]
    again = await ada.rooms.direct(ben.me.name)
    assert again != room
    assert await ada.messages.send(again, "once more") == 1


# --- while something is being written -------------------------------------------------------------

Race = Callable[[], Awaitable[object]]


class Racing(httpx2.AsyncHTTPTransport):
    """A network on which somebody else is quicker, once, before an event is written."""

    race: Race | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.race and request.method == "POST" and request.url.path.endswith("/log"):
            race, self.race = self.race, None
            await race()
        return await super().handle_async_request(request)


@asynccontextmanager
async def moderator(server: LiveServer, sign_up):
    """(ada, who owns a room; ben, a moderator on a racing network; cleo's uid; the network)"""
    racing, tag = Racing(verify=TLS), secrets.token_hex(3)
    ada, cleo = await sign_up("ada", f"ada.{tag}"), await sign_up("cleo", f"cleo.{tag}")
    async with Client(server.url, transport=racing) as ben:
        await ben.account.sign_up(f"ben.{tag}", PASSWORD, cast()["ben"].keys)
        room = await ada.rooms.create("Garden")
        link = await ada.room_admin.invite(room, uses=2)
        for guest in (ben, cleo):
            await guest.rooms.join(link)
        await ada.members.set_role(room, ben.me.uid, "moderator")
        yield ada, ben, cleo.me.uid, room, racing


async def test_a_moderator_who_is_demoted_while_removing_somebody_removes_nobody(server, sign_up):
    async with moderator(server, sign_up) as (ada, ben, cleo, room, racing):
        racing.race = lambda: ada.members.set_role(room, ben.me.uid, "member")
        with pytest.raises(ApiError, match="Only the owner and moderators may do that"):
            await ben.members.remove(room, cleo)
        assert cleo in (await ada.rooms.open(room)).state.members
        assert await ben.messages.send(room, "as a member") == 1


async def test_who_is_removed_while_removing_somebody_learns_by_whom(server, sign_up):
    async with moderator(server, sign_up) as (ada, ben, cleo, room, racing):
        racing.race = lambda: ada.members.remove(room, ben.me.uid, ban=True)
        with pytest.raises(FormerMember, match=f"{ada.me.name} removed you.*banned you"):
            await ben.members.remove(room, cleo)
        assert cleo in (await ada.rooms.open(room)).state.members


async def test_a_room_that_is_closed_while_somebody_is_removed_says_so(server, sign_up):
    async with moderator(server, sign_up) as (ada, ben, cleo, room, racing):
        racing.race = lambda: ada.room_admin.close(room)
        with pytest.raises(Closed, match=f"{ada.me.name} closed this room"):
            await ben.members.remove(room, cleo)


async def test_who_asked_by_a_link_is_let_in_once_that_has_ended(sign_up):
    ada, ben = await sign_up("ada", "ada.withdrawn"), await sign_up("ben", "ben.withdrawn")
    room = await ada.rooms.create("Board", join="approve")
    await ada.messages.send(room, "minutes")
    link = await ada.room_admin.invite(room)
    with pytest.raises(TimeoutError):
        await ben.rooms.join(link, wait=0.1)
    [iid] = (await ada.rooms.open(room)).state.invites
    await ada.room_admin.revoke(room, iid)
    [waiting] = await ada.members.knocks(room)
    await ada.members.let_in(room, waiting.uid)
    assert [message.text for message in await ben.messages.history(room)] == ["minutes"]


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["remove", "close"])
def test_tail_ends_with_its_room_and_says_why(cli, pair, server, tmp_path, end):
    ada, ben, room = pair
    assert cli("send", room, "before", home=ada)[0] == DONE
    tail = subprocess.Popen(
        cli_command(tmp_path / ben, "tail", room),
        env=cli_environment(server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert tail.stdout is not None
        assert "before" in tail.stdout.readline()
        act = ("remove", room, ben) if end == "remove" else ("close", room, "--yes", room)
        assert cli(*act, home=ada)[0] == DONE
        _, errors = tail.communicate(timeout=60)
    finally:
        if tail.poll() is None:
            tail.send_signal(signal.SIGKILL)
    said = "removed you from this room" if end == "remove" else "closed this room for good"
    assert tail.returncode == REFUSED
    assert f"{ada} {said}" in errors


def test_a_talk_of_two_that_the_other_has_left_says_so(cli, pair):
    ada, ben, _ = pair
    assert cli("send", f"@{ben}", "do you sing?", home=ada)[0] == DONE
    lines = cli("rooms", home=ada)[1].splitlines()
    [talk] = [line.split()[0] for line in lines if f"@{ben}" in line]
    assert cli("leave", talk, "--yes", home=ben)[0] == DONE
    assert f"@{ben}  ({ben} left)" in cli("rooms", home=ada)[1]
    code, _, errors = cli("send", talk, "are you there?", home=ada)
    assert code == REFUSED
    assert f"{ben} declined to talk, or left this conversation" in errors
    assert f"`sotto send @{ben} TEXT` begins a new one" in errors
    assert cli("send", f"@{ben}", "once more", home=ada)[0] == DONE
