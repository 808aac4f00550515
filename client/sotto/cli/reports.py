"""Commands about reports of abuse."""

from __future__ import annotations

from argparse import Namespace

from sotto.cli.context import find_room, logged_in
from sotto.cli.terminal import UsageError, note, printable, say
from sotto.protocol.report import MAX_NOTE

TO_ROOM = "Only this message was shown, to the leaders of the room."
TO_SITE = "Only this message was shown, to the administrators of the site."


async def report(given: Namespace) -> None:
    """show one message to the room's leaders, or to the site, with the proof of who wrote it"""
    if len(given.note) > MAX_NOTE:
        raise UsageError(f"A note has at most {MAX_NOTE} characters.")
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.to == "site":
            await client.reports.to_site(
                room.id, given.seq, given.why, given.note, key=given.report_key
            )
        else:
            await client.reports.to_room(room.id, given.seq, given.why, given.note)
        note(TO_SITE if given.to == "site" else TO_ROOM)


async def reports(given: Namespace) -> None:
    """print the reports to a room's leaders, as one of them; --handled notes what was done"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.handled:
            await client.reports.handled(room.id, *given.handled)
            return
        for one in await client.reports.to_me(room.id):
            told = one.opened
            name = client.trust.known[told.report.kid].name
            author = client.trust.known[told.header.kid].name
            body = printable(str(told.content.get("body", f"({told.content['t']})")))
            say(f"{told.report.rid}  {one.state}  {told.why}  reported by {name}")
            say(f"  {told.report.seq} {author}: {body}")
            if told.note:
                say(f"  note: {printable(told.note)}")
