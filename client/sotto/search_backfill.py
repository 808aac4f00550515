"""Tokens for messages that have none: of a room that was searched on its members' devices once, or
by senders who could not make any. A member reads them and makes what is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sotto.api import ApiError, part, patiently
from sotto.protocol.encoding import WireError
from sotto.protocol.message import Row, check_row, open_header
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_tokens import tokens_for
from sotto.room import Frozen, Room
from sotto.search import peek
from sotto.summaries import Summarising

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """How far it is: `seen` messages were looked at, of `total` that had no tokens; `taken` can be
    found now. Another call goes on `after` here."""

    seen: int
    total: int
    taken: int
    after: int


class Indexing(Summarising):
    """A client that makes what was said findable."""

    async def backfill(self, room: str, after: int = 0) -> AsyncIterator[Filled]:
        """Make the search tokens that messages of a room lack, page by page, with progress.

        It can be stopped at any page: what was done is not done again, and `after` the last page
        also skips what cannot be read here. ApiError `search_device` where the room's rules want
        no tokens at the server: by the log, whatever the server says.
        """
        found = await self._desk.ledger(room)
        if found.frozen:
            raise Frozen(found.frozen)
        seen, taken, total, more = 0, 0, 0, True
        while more:
            page = await self._lacking(found, after)
            rows = [check_row(row) for row in part(page, "rows", list)]
            total = total or part(page, "missing", int)
            taken += await self._give(found, rows)
            seen += len(rows)
            if rows and not after < rows[-1]["seq"]:
                raise WireError("an answer of another shape")
            after = rows[-1]["seq"] if rows else after
            more = bool(rows) and page.get("cursor") is not None
            yield Filled(seen, max(seen, total), taken, after)

    async def _lacking(self, room: Room, after: int) -> dict[str, Any]:
        if room.state.policy["search"] != "server":
            raise ApiError("search_device", "This room is searched on its members' devices only.")
        return await self._api.get(f"chatrooms/{room.id}/tokens", after=after, limit=AT_ONCE)

    async def _give(self, room: Room, rows: list[Row]) -> int:
        """How many of these messages took tokens."""
        made = [given for row in rows if (given := await self._tokens(room, row)) is not None]
        if not made or room.state.policy["search"] != "server":
            return 0  # what was read just now may have told of other rules
        path = f"chatrooms/{room.id}/tokens"
        answer = await patiently(partial(self._api.post, path, {"messages": made}))
        return part(answer, "taken", int)

    async def _tokens(self, room: Room, row: Row) -> dict[str, Any] | None:
        """None for a message that cannot be read, or believed, here."""
        message = await peek(self._desk.logbook, room, row)
        if message is None:
            return None
        g = room.state.generations().get(open_header(row).header.e)
        if g is None or g not in room.keys:
            return None
        body = message.content.get("body", "")
        return {"seq": row["seq"], **tokens_for(search_key(room.keys[g], room.id, g), body, g)}
