"""Objects that every command needs: a profile's client, and the room or person that it names."""

from __future__ import annotations

import os
import re
import ssl
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from sotto import tls
from sotto.api import ApiError
from sotto.cli.terminal import ProgressBar, UsageError, label
from sotto.client import Client
from sotto.profile.profile_dir import ProfileDir
from sotto.protocol.encoding import WireError
from sotto.protocol.invite_link import Link
from sotto.room import Message, Room
from sotto.room_errors import FormerMember, Frozen

ROOM_ID = re.compile("[0-9a-f]{32}")
Command = Callable[[Namespace], Coroutine[Any, Any, None]]
DEFAULT_SERVER = "http://localhost:8000"


def open_client(given: Namespace) -> Client:
    """The client of the profile, not logged in yet."""
    profile_dir = ProfileDir(given.home or os.environ.get("SOTTO_HOME") or None)
    account = profile_dir.account()
    stored = account.url if account is not None else DEFAULT_SERVER
    url = given.server or os.environ.get("SOTTO_SERVER") or stored
    ca_file, reading = _ca_file(given), ProgressBar("Reading")
    try:
        return Client(url, profile_dir=profile_dir, progress=reading, ca_file=ca_file)
    except OSError as problem:
        raise _no_authority(ca_file, problem) from None


def authority(given: Namespace) -> ssl.SSLContext | None:
    """The certificates that are trusted by --ca or SOTTO_CA; None for the system's alone.

    Raises:
        UsageError: the file holds none.
    """
    ca_file = _ca_file(given)
    try:
        return tls.context_with(ca_file) if ca_file else None
    except OSError as problem:
        raise _no_authority(ca_file, problem) from None


def _ca_file(given: Namespace) -> str | None:
    return given.ca or os.environ.get("SOTTO_CA") or None


def _no_authority(ca_file: str | None, problem: OSError) -> UsageError:
    reason = problem.strerror or "it holds no certificate"
    return UsageError(f"{ca_file} cannot be used as an authority: {reason}.")


@asynccontextmanager
async def logged_in(given: Namespace) -> AsyncIterator[Client]:
    """The client of the profile, with its login continued. A frozen room's error gets the
    operator's notices.
    """
    async with open_client(given) as client:
        await client.account.resume()
        try:
            yield client
        except Frozen as problem:
            with suppress(ApiError, WireError):
                problem.restored = await client.rooms.restore_notices()
            raise


async def find_room(client: Client, wanted: str, *, former: bool = False) -> Room:
    """A room by its name, its id, the beginning of that, or @somebody.

    Args:
        former: accept one that this account is no longer in, where no other is called that.

    Raises:
        UsageError: no room, or several, are called that; or the server denies it.
        FormerMember: this account is no longer in it.
    """
    if wanted.startswith("@"):
        return await client.session.manager.load(await client.rooms.direct(wanted[1:].lower()))
    if ROOM_ID.fullmatch(wanted) and await _is_listed(client, wanted):
        return await _loaded(client, wanted)
    found = [room for room in await client.rooms.all() if _is_called(room, wanted)]
    if not found:
        found = [room for room in await client.rooms.former() if _is_called(room, wanted)]
        if len(found) == 1 and not former:
            found[0].check_member()
            raise UsageError(f"{wanted} is {former_state(found[0])}, without a signed reason.")
    if len(found) != 1:
        what = "Several rooms are" if found else "No room is"
        raise UsageError(f"{what} called {wanted}. `sotto rooms` lists them with their ids.")
    return found[0]


def former_state(room: Room) -> str:
    """How this account's membership of a room ended, in a few words."""
    try:
        room.check_member()
    except FormerMember as end:
        if end.exit is None or end.exit.t == "succeed":
            return f"taken over by {end.by}" if end.exit else "no longer yours"
        if end.exit.t == "leave":
            return "left"
        return f"removed{' and banned' if end.exit.ban else ''} by {end.by}"
    return "not on the server"


async def _is_listed(client: Client, id_: str) -> bool:
    return any(item.get("id") == id_ for item in await client.rooms.overview())


async def _loaded(client: Client, id_: str) -> Room:
    """A room by its whole id: the logs of the others are not read."""
    try:
        return await client.session.manager.load(id_)
    except Frozen:
        if not client.session.manager.has(id_):
            raise
        return client.session.manager.cached(id_)


def _is_called(room: Room, wanted: str) -> bool:
    by_id = len(wanted) >= 4 and room.id.startswith(wanted)
    return by_id or label(room).casefold() == wanted.casefold()


async def find_message(client: Client, room: Room, seq: int) -> Message:
    """A message of a room that can be read, by its number. It is fetched and verified alone; the
    others are not read.

    Raises:
        UsageError: there is none.
    """
    for message in await client.messages.around(room.id, seq, 1):
        if message.seq == seq and message.status == "ok":
            return message
    raise UsageError(f"There is no message {seq} that you can read. `sotto history` has numbers.")


def find_uid(client: Client, room: Room, name: str) -> str:
    """The uid of a present or former member, by the user name in the log.

    Raises:
        UsageError: nobody, or several people, are called that.
    """
    wanted = user_name(name)
    known = {identity.uid: identity.name for identity in client.trust.known.values()}
    found = [uid for uid in room.state.spans if known.get(uid) == wanted]
    if len(found) != 1:
        raise UsageError(f"{'Several are' if found else 'Nobody here is'} called {wanted}.")
    return found[0]


def user_name(text: str) -> str:
    """A user name as people type it: with or without @, in any case."""
    return text.removeprefix("@").lower()


def read_link(text: str) -> str:
    """An invitation link; "-" reads it from standard input.

    Raises:
        UsageError: it is not an invitation link.
    """
    url = (sys.stdin.readline() if text == "-" else text).strip()
    try:
        Link.parse(url)
    except WireError:
        raise UsageError("That is not an invitation link.") from None
    return url
