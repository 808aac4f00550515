"""Searching messages, and indexing those that the server has no tokens of."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sotto.api import ApiError
from sotto.protocol.search_query import parse_query
from sotto.protocol.spelling import suggestions
from sotto.room import Message, Room
from sotto.room_errors import Frozen
from sotto.search.backfill import Backfill, BackfillProgress
from sotto.search.finder import Covered, Finder, SearchOrder
from sotto.session import Session


class Search:
    """`client.search`: the server is asked by keyed hashes of words, and its answers are verified,
    decrypted and compared with the query here.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def messages(
        self,
        room: str,
        query: str,
        *,
        order: SearchOrder = "newest",
        covered: Covered | None = None,
    ) -> AsyncIterator[Message]:
        """Find messages of a room. Rooms without an index on the server, and queries without
        words, read the room from its beginning.

        Args:
            query: words, of which the last may be a beginning, `"words side by side"`, `-without`,
                `this OR that`, and `from:`, `has:`, `before:`, `after:`. Forms of a word are found
                after the word itself.
            order: "newest" finds messages with all words, or with most of them if none has all;
                "relevance" those with any, best first.
            covered: is called with how much was searched.

        Raises:
            ValueError: an operator has an unknown value.
        """
        parsed = parse_query(query)
        if parsed.problems:
            raise ValueError(":".join(parsed.problems[0]))
        loaded, manager = await self._load(room), self._session.manager
        finder = Finder(
            self._session.api, manager.log_api, loaded, parsed, order, covered or (lambda _: None)
        )
        if finder.by_server:
            try:
                async for message in finder.ask_server():
                    yield message
                return
            except ApiError as error:
                # The policy changed a moment ago, or an older server has no index.
                if error.code != "search_device" and error.status != 404:
                    raise
        if parsed.asks_anything:
            opened = await manager.open(room)
            await manager.catch_up(opened)
            for message in finder.search_in(opened.conversation()):
                yield message

    async def suggestions(self, room: str, query: str) -> list[str]:
        """Other words that a query which finds nothing may have meant, by the words of the room's
        messages, which this reads. Nearest first; the server learns nothing of it.
        """
        parsed, manager = parse_query(query), self._session.manager
        await self._load(room)
        opened = await manager.open(room)
        return suggestions(parsed, (line.text for line in opened.conversation()))

    async def backfill(self, room: str, after: int = 0) -> AsyncIterator[BackfillProgress]:
        """Create the search tokens that a room's messages lack, page by page. Stop it at any page
        and call it again: finished work is not repeated.

        Args:
            after: seq to continue after; the last page's `after` skips unreadable messages, too.

        Raises:
            ApiError: `search_device` if the room's policy keeps the index on members' devices.
        """
        backfill = Backfill(self._session.api, self._session.log_api, await self._load(room))
        async for progress in backfill.run(after):
            yield progress

    async def _load(self, room: str) -> Room:
        loaded = await self._session.manager.load(room)
        if loaded.frozen:
            raise Frozen(loaded.frozen)
        return loaded
