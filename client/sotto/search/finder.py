"""One search in one room: the server is asked by blind tokens, and its answers are verified,
decrypted and compared with the query here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sotto.api import Api, patiently
from sotto.conversation import Message
from sotto.log_api import LogApi
from sotto.protocol.encoding import WireError, field_of, integer
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_asking import clauses, frequencies
from sotto.protocol.search_asking import units as units_of
from sotto.protocol.search_match import Tier
from sotto.protocol.search_query import Query
from sotto.protocol.search_tokens import token
from sotto.room import Room
from sotto.search.hits import HitReader
from sotto.search.ranking import Judge, Judged, by_tier, with_most

SearchOrder = Literal["newest", "relevance"]
MOST_GENERATIONS = 512
MOST_UIDS = 100
CLOCKS_DIFFER = 600_000  # ms
WHOLE = (Tier.EXACT, Tier.NEAR, Tier.FORMS)
"""How messages with all words fit, best first."""
AT_ONCE = {"newest": 50, "relevance": 100}


@dataclass
class Coverage:
    """The number of messages searched, of all messages. If the server searched, those are the
    `indexed` ones. `most` is true if no message has all words, and the hits have most of them.
    """

    searched: int = 0
    total: int = 0
    indexed: int = 0
    most: bool = False


Covered = Callable[[Coverage], None]


class Finder:
    """One search in one room, whose log is loaded."""

    def __init__(
        self,
        api: Api,
        log_api: LogApi,
        room: Room,
        query: Query,
        order: SearchOrder = "newest",
        covered: Covered = lambda _: None,
    ) -> None:
        self.api = api
        self.log_api = log_api
        self.room = room
        self.query = query
        self.order = order
        self.covered = covered
        self._judge = Judge(room, query)
        self._hits = HitReader(api, log_api, room)
        self._shown: set[int] = set()
        self._reached = Coverage()
        self._older = True

    @property
    def by_server(self) -> bool:
        """True if the server can search for this query."""
        return self.room.state.policy["search"] == "server" and bool(clauses(self._judge.matcher))

    def search_in(self, conversation: Iterable[Message]) -> list[Message]:
        """The hits among messages that were read, best first."""
        lines = list(conversation)
        judged = self._judge.judged(lines)
        most = False
        if self.order == "relevance" and self.query.groups:
            found = self._judge.by_relevance(judged, None, len(lines))
        else:
            found = [line for tier in WHOLE for line in by_tier(judged, tier)]
            most = not found
            found = found or with_most(judged)
        self.covered(Coverage(len(lines), len(lines), len(lines), most and bool(found)))
        return found

    async def ask_server(self) -> AsyncIterator[Message]:
        """The hits that the server finds, page by page: exact words before forms of them. If no
        message has all words, those that have most of them.
        """
        if self._judge.uids == set():
            return
        if self.order == "relevance":
            async for line in self._by_relevance():
                yield line
        else:
            async for line in self._newest():
                yield line
            if not self._shown and len(self.query.groups) > 1:
                for line in await self._most():
                    yield line
        self.covered(self._reached)

    async def _newest(self) -> AsyncIterator[Message]:
        exact = clauses(self._judge.matcher)
        loose = clauses(self._judge.matcher, loose=True)
        read: list[Judged] = []
        async for line in _merged([self._clause(terms, Tier.EXACT, read) for terms in exact]):
            if self._is_new(line):
                yield line
        # Where the messages with forms are the same, they were all read.
        for tier in (Tier.NEAR, Tier.FORMS) if loose == exact else (Tier.NEAR,):
            for line in by_tier(read, tier):
                if self._is_new(line):
                    yield line
        if loose == exact:
            return
        async for line in _merged([self._clause(terms, Tier.FORMS, read) for terms in loose]):
            if self._is_new(line):
                yield line

    def _is_new(self, line: Message) -> bool:
        """True the first time that a message is a hit."""
        new = line.seq not in self._shown
        self._shown.add(line.seq)
        return new

    async def _clause(
        self, terms: list[str], tier: Tier, read: list[Judged]
    ) -> AsyncIterator[Message]:
        """The hits of one tier among messages with all these terms, newest first. All that passes
        the operators is added to `read`.
        """
        seen: set[int] = set()
        if not self._older and terms not in clauses(
            self._judge.matcher, loose=tier == Tier.FORMS, older=False
        ):
            return
        async for answer in self._pages("newest", terms):
            judged = self._judge.judged(await self._hits.present(answer, seen))
            read += judged
            for line in by_tier(judged, tier):
                yield line

    async def _by_relevance(self) -> AsyncIterator[Message]:
        units = units_of(self._judge.matcher)
        terms = list(dict.fromkeys(term for one in units for term in one.terms))
        seen: set[int] = set()
        async for answer in self._pages("relevance", terms):
            lines = await self._hits.present(answer, seen)
            df = frequencies(units, dict(zip(terms, _numbers(answer, len(terms)), strict=True)))
            judged = self._judge.judged(lines)
            for line in self._judge.by_relevance(judged, df, field_of(answer, "indexed", int)):
                yield line

    async def _most(self) -> list[Message]:
        """The best messages that have most of the words."""
        asked = units_of(self._judge.matcher)
        terms = [term for one in asked for way in one.ways for term in way]
        async for answer in self._pages("relevance", list(dict.fromkeys(terms))):
            found = with_most(self._judge.judged(await self._hits.present(answer, set())))
            self._reached.most = bool(found)
            return found
        return []

    # --- the requests ----------------------------------------------------------------

    async def _pages(self, order: SearchOrder, terms: list[str]) -> AsyncIterator[dict[str, Any]]:
        """The answers to one request, page by page."""
        body = self._request(order, terms)
        cursor: str | None = None
        while body["tokens"] and terms:
            page = body if cursor is None else {**body, "cursor": cursor}
            path = f"chatrooms/{self.room.id}/search"
            answer = await patiently(partial(self.api.post, path, page))
            self._older = answer.get("older") is not False
            yield answer
            cursor = answer.get("cursor")
            if cursor is None:
                total, indexed = field_of(answer, "total", int), field_of(answer, "indexed", int)
                self._reached = Coverage(indexed, total, indexed)
                return
            if type(cursor) is not str:
                raise WireError("an answer of another shape")

    def _request(self, order: SearchOrder, terms: list[str]) -> dict[str, Any]:
        since, _ = self.query.times
        uids = self._judge.uids
        body: dict[str, Any] = {
            "tokens": self._tokens(terms),
            "order": order,
            "limit": AT_ONCE[order],
        }
        # Edits are indexed on their own: they come later and name no files, so the server must not
        # filter by `until` or files. Its clock and the sender's may differ by some minutes.
        if since is not None and since > CLOCKS_DIFFER:
            body["since"] = since - CLOCKS_DIFFER
        if uids is not None and len(uids) <= MOST_UIDS:
            body["uids"] = sorted(uids)
        return body

    def _tokens(self, terms: list[str]) -> list[dict[str, Any]]:
        """Each term under each search key of this device."""
        held = list(dict.fromkeys(self.room.state.generations().values()))
        keys = {g: self.room.keys[g] for g in held if g in self.room.keys}
        made = []
        for g, key in list(keys.items())[-MOST_GENERATIONS:]:
            sk = search_key(key, self.room.id, g)
            made.append({"g": g, "t": [token(sk, term) for term in terms]})
        return made


def _numbers(answer: dict[str, Any], size: int) -> list[int]:
    found = field_of(answer, "df", list)
    if len(found) != size:
        raise WireError("an answer of another shape")
    for number in found:
        integer()(number)
    return found


async def _merged(clauses: list[AsyncIterator[Message]]) -> AsyncIterator[Message]:
    """The messages of several clauses, each newest first, as one such order."""
    heads = [(await anext(one, None), one) for one in clauses]
    waiting = [(line, one) for line, one in heads if line is not None]
    while waiting:
        newest = max(range(len(waiting)), key=lambda at: waiting[at][0].seq)
        line, source = waiting.pop(newest)
        yield line
        following = await anext(source, None)
        if following is not None:
            waiting.append((following, source))
