"""Commands that write and check exports of rooms."""

from __future__ import annotations

import asyncio
import json
from argparse import Namespace
from pathlib import Path

from sotto.cli.context import find_room, logged_in
from sotto.cli.output_files import read_text, write_new
from sotto.cli.terminal import UsageError, note, printable, say
from sotto.exports import export as room_export
from sotto.exports.html_export import as_html


async def export(given: Namespace) -> None:
    """write a room into a file, with the proof of every message"""
    path = Path(given.file)
    async with logged_in(given) as client:
        room = await find_room(client, given.room, former=True)
        found = await client.rooms.export(room.id)
    html = given.html or path.suffix == ".html"
    write_new(path, as_html(found) if html else json.dumps(found, indent=1, ensure_ascii=False))
    note(f"{len(found['messages'])} messages in {path}.")


async def check_export(given: Namespace) -> None:
    """check every signature and chain of an exported room, without any server"""
    try:
        found = json.loads(read_text(Path(given.file)))
    except ValueError:
        raise UsageError("That file is not an export of a room.") from None
    room = await asyncio.to_thread(room_export.check_export, found)
    say(
        f"Good: {len(room.messages)} messages and {len(room.events)} log events of "
        f"“{printable(str(found.get('name')))}”, room {room.id}."
    )
