"""Commands about a room itself: its profile, links and key, and its end."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from sotto.cli.context import find_room, logged_in
from sotto.cli.output_files import usable
from sotto.cli.terminal import UsageError, label, printable, say
from sotto.conversation import moment
from sotto.names import is_invisible
from sotto.protocol.encoding import WireError
from sotto.protocol.invite_link import Link


async def profile(given: Namespace) -> None:
    """print a room's name and topic, or change them and its picture"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        before = room.profile
        name, topic = (before.name, before.topic) if before else ("", "")
        if given.name is not None or given.topic is not None:
            name = name if given.name is None else given.name
            topic = topic if given.topic is None else given.topic
            if is_invisible(name):
                raise UsageError("A room's name shows something.")
            await client.room_admin.set_profile(room.id, name, topic)
        if given.picture is not None:
            with usable(given.picture):
                await client.room_admin.set_avatar(room.id, given.picture)
        elif given.no_picture:
            await client.room_admin.set_avatar(room.id, None)
        say(printable(name))
        if topic:
            say(printable(topic))


async def links(given: Namespace) -> None:
    """list a room's open invitation links by their ids, or end one, by the link or its id"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.end is not None:
            await client.room_admin.revoke(room.id, _id_of(given.end, room.state.invites))
            return
        for iid in room.state.open_invites(client.session.clock.now()):
            link = room.state.invites[iid]
            until = moment(link.exp).astimezone().strftime("%Y-%m-%d %H:%M")
            say(f"{iid}  until {until}, {link.max - link.uses} of {link.max} uses left")


def _id_of(text: str, invites: Mapping[str, object]) -> str:
    """The id of a room's link. Raises UsageError."""
    try:
        iid = Link.parse(text).iid if "#" in text else text
    except WireError:
        iid = ""
    if iid not in invites:
        raise UsageError(
            "That room has no such link. `sotto links ROOM` lists those that are open."
        )
    return iid


async def renew_key(given: Namespace) -> None:
    """give a room a new key for the messages to come"""
    async with logged_in(given) as client:
        await client.room_admin.rotate_key((await find_room(client, given.room)).id)


async def hand_over(given: Namespace) -> None:
    """give members the room's keys that they lack and you hold"""
    async with logged_in(given) as client:
        count = await client.room_admin.hand_over_keys((await find_room(client, given.room)).id)
        say("1 key given." if count == 1 else f"{count} keys given.")


async def close(given: Namespace) -> None:
    """end a room of yours for good: the server deletes its messages, files and keys"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.yes != room.id:
            raise UsageError(f"Nothing was changed. To end {label(room)}, say --yes {room.id}.")
        await client.room_admin.close(room.id)
