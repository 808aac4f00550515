"""Commands that decide whose keys are trusted."""

from __future__ import annotations

from argparse import Namespace

from sotto.cli.context import find_room, logged_in, user_name
from sotto.cli.terminal import UsageError, note, say
from sotto.keys.trust import unapproved
from sotto.protocol.identity import safety_number


async def verify(given: Namespace) -> None:
    """show the safety number that you and another person compare"""
    async with logged_in(given) as client:
        name = user_name(given.name)
        person = await client.contacts.find(name)
        doubt = client.trust.doubt(person)
        say(_grouped(safety_number(client.me.kid, person.kid)))
        if given.mark:
            client.contacts.approve_key(person.kid)
            client.contacts.mark_verified(person.uid)
        elif doubt:
            raise unapproved(doubt, [name])
        elif person.kid in client.trust.verified:
            note("You have verified this key.")


async def namesake(given: Namespace) -> None:
    """say whether a second account with a known name is another person, or nobody to write to"""
    async with logged_in(given) as client:
        found = client.contacts.namesakes(user_name(given.name))
        if not found:
            raise UsageError("No second account of that name was seen.")
        for person in found:
            say(f"{person.uid}  {_grouped(safety_number(client.me.kid, person.kid))}")
            if given.accept:
                client.contacts.accept_namesake(person.uid)
            elif given.refuse:
                client.contacts.refuse_namesake(person.uid)


async def block(given: Namespace) -> None:
    """send nothing more to a person, and decline their requests; --lift takes it back"""
    async with logged_in(given) as client:
        name = user_name(given.name)
        if not given.lift:
            await client.contacts.block((await client.contacts.find(name)).uid)
            return
        found = [uid for uid, one in (await client.contacts.blocked()).items() if one == name]
        if not found:
            raise UsageError("You do not block anybody of that name. `sotto blocked` has them.")
        for uid in found:
            await client.contacts.unblock(uid)


async def blocked(given: Namespace) -> None:
    """list the people whom you block"""
    async with logged_in(given) as client:
        for name in (await client.contacts.blocked()).values():
            say(name)


async def accept_older_key(given: Namespace) -> None:
    """trust a member's older key, in one room"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        name = user_name(given.name)
        found = [uid for uid, member in room.state.members.items() if member.name == name]
        if len(found) != 1:
            raise UsageError("Nobody in that room, or more than one, is called that.")
        await client.contacts.accept_older_key(room.id, found[0])


def _grouped(digits: str) -> str:
    return "  ".join(digits[at : at + 5] for at in range(0, 60, 5))
