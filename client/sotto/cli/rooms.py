"""Commands that list, create and join rooms."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress

from sotto.api import ApiError
from sotto.cli.context import find_room, find_uid, former_state, logged_in, read_link, user_name
from sotto.cli.terminal import UsageError, confirmed, label, note, printable, say
from sotto.client import Client
from sotto.protocol.encoding import WireError
from sotto.room import Room
from sotto.room_errors import PeerLeft


async def rooms(given: Namespace) -> None:
    """list your rooms, and those that you were in"""
    async with logged_in(given) as client:
        unread = await client.rooms.unread()
        for room in await client.rooms.all():
            if given.json:
                about = {"id": room.id, "name": label(room), "frozen": room.frozen}
                say(json.dumps({**about, "stopped": room.stopped}))
                continue
            counts = f"{len(room.state.members)} members, {unread.get(room.id, 0)} unread"
            say(f"{room.id[:8]}  {label(room)}  ({_end_of(room) or counts})")
        for room in await client.rooms.former():
            _say_former(room, as_json=given.json)


def _end_of(room: Room) -> str:
    """The reason why messages cannot be written, or read by somebody, in a few words."""
    if room.frozen:
        return "frozen"
    if room.state.ended:
        return "closed"
    try:
        room.check_peer()
    except PeerLeft as end:
        return f"{printable(end.name)} left"
    return "stopped by the operator" if room.stopped else ""


def _say_former(room: Room, *, as_json: bool) -> None:
    """A line for a room that this account is no longer in."""
    ended = former_state(room)
    if as_json:
        about = {"id": room.id, "name": label(room), "frozen": room.frozen, "former": ended}
        say(json.dumps(about))
    else:
        say(f"{room.id[:8]}  {label(room)}  ({ended})")


async def create(given: Namespace) -> None:
    """create a room; prints its id"""
    async with logged_in(given) as client:
        policy = {"join": given.join, "history": given.history}
        say(await client.rooms.create(given.name, given.topic, **policy))


async def invite(given: Namespace) -> None:
    """print an invitation link: anyone who has it can join"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        say(await client.room_admin.invite(room.id, given.uses, given.hours))


async def preview(given: Namespace) -> None:
    """show the room behind a link (- reads it from standard input), without joining"""
    url = read_link(given.link)
    async with logged_in(given) as client:
        found = await client.rooms.preview(url)
        say(printable(found.profile.name) or "(no name yet)")
        if found.profile.topic:
            say(printable(found.profile.topic))
        many = "" if found.state is None else f", {len(found.state.members)} members"
        how = "members decide who joins" if found.state is None else "the link lets you in"
        say(f"invited by {found.inviter}{many}; {how}")


async def join(given: Namespace) -> None:
    """join by a link (- reads it from standard input); prints the room's id"""
    url = read_link(given.link)
    async with logged_in(given) as client:
        before = {item.get("id") for item in await client.rooms.overview()}
        joined = await client.rooms.join(url, given.wait)
        if joined in before:
            note("You are a member of this room already.")
        say(joined)


async def accept(given: Namespace) -> None:
    """accept a room that somebody asked you into; `leave` declines it"""
    async with logged_in(given) as client:
        await client.rooms.accept((await find_room(client, given.room)).id)


async def leave(given: Namespace) -> None:
    """leave a room; the others renew its key"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        heir = await _heir(client, room, given.owner)
        question = f"Leave {label(room)}? You need a new invitation to come back. [y/N] "
        if not given.yes and not await asyncio.to_thread(confirmed, question):
            raise UsageError("Nothing was changed.")
        if heir:
            await client.members.set_role(room.id, heir, "owner")
        await client.rooms.leave(room.id)


async def _heir(client: Client, room: Room, name: str | None) -> str:
    """The uid of the member who takes an owner's room over; "" where nobody has to.

    Raises:
        UsageError: somebody has to and is not named, or nobody has to.
    """
    mine = room.state.members.get(client.me.uid)
    owns = mine is not None and mine.role == "owner" and len(room.state.members) > 1
    if not owns:
        if name:
            raise UsageError("You do not own that room: it needs no new owner.")
        return ""
    if not name:
        raise UsageError(
            f"You own {label(room)}: somebody has to take it over. Choose who with "
            f"`sotto leave {room.id[:8]} --owner NAME`, or end it with `sotto close {room.id[:8]}`."
        )
    uid = find_uid(client, room, name)
    if uid not in room.state.members or uid == client.me.uid:
        raise UsageError(f"{user_name(name)} is no other member of this room.")
    return uid


async def put_away(given: Namespace) -> None:
    """remove a closed room from your list, and what this profile keeps of it"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if not room.state.ended:
            raise UsageError("That room is not closed. `sotto leave` takes you out of it.")
        await client.rooms.delete(room.id)
        await client.rooms.forget(room.id)


async def policy(given: Namespace) -> None:
    """print a room's policy, or change fields of it"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.changes:
            changes = dict(_change(room.state.policy, text) for text in given.changes)
            await client.room_admin.set_policy(room.id, **changes)
            room = await client.rooms.open(room.id)
        for field, value in room.state.policy.items():
            say(f"{field}={value}")


def _change(policy: Mapping[str, str | int], text: str) -> tuple[str, str | int]:
    """A field and its new value, of the type that it has now. Raises UsageError."""
    field, equals, value = text.partition("=")
    if not equals or field not in policy:
        fields = ", ".join(policy)
        raise UsageError(f"{text}: a change is FIELD=VALUE, and the fields are {fields}.")
    if type(policy[field]) is str:
        return field, value
    if not value.isascii() or not value.isdecimal():
        raise UsageError(f"{text}: {field} is a whole number.")
    return field, int(value)


async def accept_server_version(given: Namespace) -> None:
    """unfreeze a room by accepting what the server has now"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if not room.frozen:
            raise UsageError("That room is not frozen.")
        with suppress(ApiError, WireError):  # an older server has no such answer
            for notice in (await client.rooms.restore_notices())[:1]:
                note(str(notice))
        question = f"{label(room)}: {room.frozen}. Discard what was verified before? [y/N] "
        if not given.yes and not await asyncio.to_thread(confirmed, question):
            raise UsageError("Nothing was changed.")
        await client.rooms.accept_server_version(room.id)
