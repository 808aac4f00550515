"""The command that requests and prints summaries."""

from __future__ import annotations

from argparse import Namespace

from sotto.cli.context import find_room, logged_in
from sotto.cli.terminal import printable, say


async def summary(given: Namespace) -> None:
    """have the server's worker summarise a room's messages; it reads them to do so"""
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        if given.shared:
            for one in reversed(await client.summaries.shared(room.id)):
                say(f"{one.first}-{one.last} for {one.by}, by {one.model}\n{printable(one.text)}\n")
            return
        made = await client.summaries.request(
            room.id, given.first, given.last, lang=given.lang, worker=given.worker
        )
        say(printable(made.text))
