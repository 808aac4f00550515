"""Commands that search messages and make them findable."""

from __future__ import annotations

from argparse import Namespace

from sotto.cli.context import find_room, logged_in
from sotto.cli.messages import as_json
from sotto.cli.terminal import ProgressBar, UsageError, label, line, note, say
from sotto.client import Client
from sotto.protocol.search_query import matching_names, parse_query
from sotto.room import Room
from sotto.search.backfill import BackfillProgress
from sotto.search.finder import Coverage, SearchOrder

OPERATORS = (
    "{} has no meaning. Use from:NAME, has:file, has:link, has:image, before:2026-11-01, "
    "after:2026-11-01 or in:ROOM."
)
COMMON = "Messages that have {}, too, come first. Put it in quotes to find no others."
MOST = "{}: no message has all of these words. The hits have most of them."
UNINDEXED = "{}: the server's index covers {} of {} messages. `sotto index {}` adds the others."


async def search(given: Namespace) -> None:
    """find messages by words, beginnings of words, and from: has: before: after: in:"""
    query = " ".join(given.query)
    parsed = parse_query(query)
    if parsed.problems:
        raise UsageError(OPERATORS.format(":".join(parsed.problems[0])))
    if not parsed.asks_anything:
        raise UsageError("There is nothing to look for. Add a word, or an operator such as from:.")
    if parsed.common:
        words = [item.source for group in parsed.common for item in group]
        note(COMMON.format(", ".join(words)))
    async with logged_in(given) as client:
        for room in await _rooms_to_search(client, given.room, parsed.rooms):
            await _search(client, room, query, given)


async def _rooms_to_search(client: Client, wanted: str, names: list[str]) -> list[Room]:
    if wanted != "-":
        return [await find_room(client, wanted)]
    rooms = [room for room in await client.rooms.all() if not room.frozen and not room.state.ended]
    labels = {room.id: label(room).removeprefix("@") for room in rooms}
    chosen = {found for name in names for found in matching_names(labels.values(), name)}
    return [room for room in rooms if not names or labels[room.id] in chosen]


async def _search(client: Client, room: Room, query: str, given: Namespace) -> None:
    """Print hits as they are found, then how much was searched."""
    covered = Coverage()

    def note_coverage(reached: Coverage) -> None:
        nonlocal covered
        covered = reached

    hits = 0
    order: SearchOrder = "relevance" if given.best else "newest"
    async for message in client.search.messages(room.id, query, order=order, covered=note_coverage):
        if given.json:
            say(as_json(message))
        else:
            say(f"{label(room)}  {line(message)}" if given.room == "-" else line(message))
        hits += 1
        if hits == given.n:
            note(f"{label(room)}: the first {hits} hits; there may be more. -n 0 shows all.")
            return
    if covered.most:
        note(MOST.format(label(room)))
    if covered.most or (hits == 0 and parse_query(query).groups):
        for meant in await client.search.suggestions(room.id, query):
            note(f"{label(room)}: did you mean {meant!r}?")
    note(f"{label(room)}: searched {covered.searched} of {covered.total} messages.")
    if covered.indexed < covered.total:
        note(UNINDEXED.format(label(room), covered.indexed, covered.total, room.id[:8]))


async def index(given: Namespace) -> None:
    """make messages findable that the server has no index of; it can be stopped and run again"""
    bar, done = ProgressBar("Indexing"), BackfillProgress(0, 0, 0, 0)
    async with logged_in(given) as client:
        room = await find_room(client, given.room)
        async for done in client.search.backfill(room.id):
            bar(done.seen, done.total)
    note(f"{label(room)}: {done.taken} of {done.total} messages can be found now.")
