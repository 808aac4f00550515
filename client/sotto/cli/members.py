"""Commands about the members of a room."""

from __future__ import annotations

from argparse import Namespace

from sotto.cli.context import find_room, find_uid, logged_in, user_name
from sotto.cli.terminal import printable, say


async def members(given: Namespace) -> None:
    """list a room's members, and whose account has ended"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        ended = await client.members.ended_accounts(room.id)
        for uid, member in sorted(room.state.members.items(), key=lambda item: item[1].name):
            account = f", account {printable(ended[uid])}" if uid in ended else ""
            say(f"{member.name}  ({member.role}{account})")


async def knocks(given: Namespace) -> None:
    """show who is waiting to join, and admit or refuse them"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        for waiting in await client.members.knocks(room.id):
            if (given.let_in or given.refuse) in (None, waiting.name):
                say(f"{waiting.name}  {'has new keys' if waiting.reset else 'wants to join'}")
            if given.let_in == waiting.name:
                await client.members.let_in(room.id, waiting.uid)
            elif given.refuse == waiting.name:
                await client.members.refuse(room.id, waiting.uid)


async def add(given: Namespace) -> None:
    """ask a person into a room by their user name; they are in once they accept"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        await client.members.add(room.id, user_name(given.name))


async def remove(given: Namespace) -> None:
    """remove a member and renew the room's key"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        await client.members.remove(room.id, find_uid(client, room, given.name), ban=given.ban)


async def ban(given: Namespace) -> None:
    """keep a former member from returning by a link, or lift that"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        await client.members.ban(room.id, find_uid(client, room, given.name), on=not given.lift)


async def role(given: Namespace) -> None:
    """make a member owner (you become moderator), moderator or member"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        await client.members.set_role(room.id, find_uid(client, room, given.name), given.role)


async def successor(given: Namespace) -> None:
    """name who may take your room over once your account has ended; without a name nobody

    Only the server knows whether it has ended: name somebody you trust.
    """
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        uid = find_uid(client, room, given.name) if given.name else ""
        await client.members.name_successor(room.id, uid)


async def take_over(given: Namespace) -> None:
    """become owner of a room whose owner named you and whose account has ended"""
    async with logged_in(given) as client:
        await client.members.take_over((await find_room(client, given.room)).id)
