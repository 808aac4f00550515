"""Search tokens for messages that have none: those of a room that was searched on its members'
devices before, or of senders who could not make any.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sotto.api import Api, ApiError, patiently
from sotto.log_api import LogApi
from sotto.protocol.content import searchable_text
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.message import StoredMessage, check_stored, parse_message
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_terms import VERSION, tokens_for
from sotto.room import Room
from sotto.room_errors import NewerVersion
from sotto.search.hits import peek

PAGE = 200
TOKENS = 60_000  # in one request, some 600 kB


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """`seen` of `total` messages without tokens were read; `taken` can be found now. Another call
    continues `after` here.
    """

    seen: int
    total: int
    taken: int
    after: int


class Backfill:
    """Creates the tokens that messages of one room lack."""

    def __init__(self, api: Api, log_api: LogApi, room: Room) -> None:
        self._api = api
        self._log_api = log_api
        self._room = room

    async def run(self, after: int) -> AsyncIterator[BackfillProgress]:
        """Index all messages after seq `after`; yields the progress after each page.

        Raises:
            ApiError: the server refused.
        """
        with suppress(NewerVersion):
            await self._log_api.sync(self._room)  # the policy may have just changed
        seen, taken, total, more = 0, 0, 0, True
        while more:
            page = await self._lacking(after)
            rows = [check_stored(row) for row in field_of(page, "rows", list)]
            total = total or field_of(page, "missing", int)
            taken += await self._upload(rows)
            seen += len(rows)
            if rows and not after < rows[-1]["seq"]:
                raise WireError("an answer of another shape")
            after = rows[-1]["seq"] if rows else after
            more = bool(rows) and page.get("cursor") is not None
            yield BackfillProgress(seen, max(seen, total), taken, after)

    async def _lacking(self, after: int) -> dict[str, Any]:
        if not self._allowed:
            raise ApiError("search_device", "This room is searched on its members' devices only.")
        path = f"chatrooms/{self._room.id}/tokens"
        return await self._api.get(path, after=after, limit=PAGE, version=VERSION)

    @property
    def _allowed(self) -> bool:
        """True if the verified log allows search tokens, whatever the server says."""
        return self._room.state.policy["search"] == "server"

    async def _upload(self, rows: list[StoredMessage]) -> int:
        """Upload the messages' search tokens and return how many the server accepted."""
        made = [given for row in rows if (given := await self._tokens(row)) is not None]
        if not made or not self._allowed:
            return 0  # reading the rows may have brought a new policy
        path = f"chatrooms/{self._room.id}/tokens"
        taken = 0
        for messages in _portions(made):
            body = {"messages": messages, "v": VERSION}
            taken += field_of(await patiently(partial(self._api.post, path, body)), "taken", int)
        return taken

    async def _tokens(self, row: StoredMessage) -> dict[str, Any] | None:
        """None for a message that cannot be verified or decrypted here."""
        room, message = self._room, await peek(self._log_api, self._room, row)
        if message is None:
            return None
        g = room.state.generations().get(parse_message(row).header.e)
        if g is None or g not in room.keys:
            return None
        text = searchable_text(message.content)
        made = tokens_for(search_key(room.keys[g], room.id, g), text, g)
        return {"seq": row["seq"], "g": g, "t": made["t"]}


def _portions(made: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Messages in requests of at most TOKENS tokens, or one message."""
    portion: list[dict[str, Any]] = []
    size = 0
    for one in made:
        if portion and size + len(one["t"]) > TOKENS:
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += len(one["t"])
    yield portion
