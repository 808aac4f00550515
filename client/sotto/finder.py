"""One search in one room: the server is asked by blind tokens, and its answers are verified,
decrypted and compared with the query here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from sotto.api import Api, patiently
from sotto.conversation import Message, conversation_of
from sotto.log_api import LogApi
from sotto.protocol.encoding import WireError, field_of, integer
from sotto.protocol.message import MessageError
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_query import Counts, Query, count, has_link, matching_names, score
from sotto.protocol.search_tokens import token
from sotto.room import NewerVersion, Room

SearchOrder = Literal["newest", "relevance"]
MOST_GENERATIONS = 512
MOST_UIDS = 100
CLOCKS_DIFFER = 600_000  # ms
AT_ONCE = {"newest": 50, "relevance": 100}


@dataclass
class Coverage:
    """The number of messages searched, of all messages. If the server searched, those are the
    `indexed` ones.
    """

    searched: int = 0
    total: int = 0
    indexed: int = 0


Covered = Callable[[Coverage], None]
Beside = dict[int, list[Any]]


@dataclass
class Finder:
    """One search in one room, whose log is loaded."""

    api: Api
    log_api: LogApi
    room: Room
    query: Query
    order: SearchOrder = "newest"
    covered: Covered = lambda _: None
    _seen: set[int] = field(default_factory=set)

    @property
    def by_server(self) -> bool:
        """True if the server can search for this query."""
        return self.room.state.policy["search"] == "server" and bool(self.query.terms)

    def search_in(self, conversation: Iterable[Message]) -> list[Message]:
        """The hits among messages that were read, best first."""
        lines = list(conversation)
        found = self._ranked(lines, len(lines), None)
        self.covered(Coverage(len(lines), len(lines), len(lines)))
        return found

    async def ask_server(self) -> AsyncIterator[Message]:
        """The hits that the server finds, page by page."""
        body = self._request()
        cursor: str | None = None
        while body["tokens"]:
            page = body if cursor is None else {**body, "cursor": cursor}
            path = f"chatrooms/{self.room.id}/search"
            answer = await patiently(partial(self.api.post, path, page))
            hits = field_of(answer, "hits", list)
            beside = _beside(hits, answer)
            lines = [await self._present(row, beside) for row in hits]
            found = [line for line in lines if line is not None]
            total, indexed = field_of(answer, "total", int), field_of(answer, "indexed", int)
            ranked = self.order == "relevance"
            df = _numbers(answer, len(self.query.terms)) if ranked else None
            for line in self._ranked(found, indexed, df):
                yield line
            cursor = answer.get("cursor")
            if cursor is None:
                self.covered(Coverage(indexed, total, indexed))
                return
            if type(cursor) is not str:
                raise WireError("an answer of another shape")

    # --- the request -------------------------------------------------------------

    def _request(self) -> dict[str, Any]:
        query = self.query
        since, _ = query.times
        uids = self._uids()
        body: dict[str, Any] = {
            "tokens": self._tokens() if uids != set() else [],
            "order": self.order,
            "limit": AT_ONCE[self.order],
        }
        # Edits are indexed on their own: they come later and name no files, so the server must not
        # filter by `until` or files. Its clock and the sender's may differ by some minutes.
        if since is not None and since > CLOCKS_DIFFER:
            body["since"] = since - CLOCKS_DIFFER
        if uids is not None and len(uids) <= MOST_UIDS:
            body["uids"] = sorted(uids)
        return body

    def _tokens(self) -> list[dict[str, Any]]:
        """Each term under each search key of this device."""
        held = list(dict.fromkeys(self.room.state.generations().values()))
        keys = {g: self.room.keys[g] for g in held if g in self.room.keys}
        made = []
        for g, key in list(keys.items())[-MOST_GENERATIONS:]:
            sk = search_key(key, self.room.id, g)
            made.append({"g": g, "t": [token(sk, one.term) for one in self.query.terms]})
        return made

    # --- the answer ----------------------------------------------------------------------

    async def _present(self, row: Any, beside: Beside) -> Message | None:
        """The message that a row is about, with its changes applied; each message once."""
        found = await peek(self.log_api, self.room, row)
        if found is None or found.kind not in ("text", "poll", "edit"):
            return None
        seq, id_ = found.content["of"] if found.kind == "edit" else found.ref
        if seq in self._seen or not self._is_there(seq, id_):
            return None
        self._seen.add(seq)
        line = await self._line(seq, beside.get(seq) or await self._fetched(seq))
        return line if line is not None and line.id == id_ else None

    def _is_there(self, seq: int, id_: str) -> bool:
        """True unless another message was read at this seq."""
        there = self.room.id_seen(seq)
        return there is None or there == id_

    async def _fetched(self, seq: int) -> list[Any]:
        """A message's row and the rows that change it."""
        room = f"chatrooms/{self.room.id}"
        page = await self.api.get(f"{room}/messages", after=seq - 1, limit=1)
        found = [*field_of(page, "messages", list), *field_of(page, "refs", list)]
        before = page.get("more_refs")
        while before is not None:
            page = await self.api.get(f"{room}/refs", first=seq, last=seq, before=before)
            found += field_of(page, "refs", list)
            below = page.get("more_refs")
            if below is not None and not (type(below) is int and below < before):
                raise WireError("an answer of another shape")
            before = below
        return found

    async def _line(self, seq: int, rows: list[Any]) -> Message | None:
        read = [
            message
            for row in rows
            if (message := await peek(self.log_api, self.room, row)) is not None
        ]
        lines = conversation_of(sorted(read, key=lambda message: message.seq))
        return next((line for line in lines if line.seq == seq), None)

    # --- ranking ---------------------------------------------------------------------

    def _ranked(self, lines: list[Message], total: int, df: list[int] | None) -> list[Message]:
        uids = self._uids()
        found = [
            (line, counts) for line in lines if (counts := self._judge(line, uids)) is not None
        ]
        if self.order == "newest":
            return sorted((line for line, _ in found), key=lambda line: -line.seq)
        if df is None:
            every = zip(*(counts.tf for _, counts in found), strict=True)
            df = [sum(n > 0 for n in one) for one in every] or [0] * len(self.query.terms)
        average = sum(counts.length for _, counts in found) / max(1, len(found))
        known, worth = df, dict[int, float]()
        for line, counts in found:
            worth[line.seq] = score(counts, known, total, average)
        return [line for line, _ in sorted(found, key=lambda f: (-worth[f[0].seq], -f[0].seq))]

    def _judge(self, line: Message, uids: set[str] | None) -> Counts | None:
        """The frequency of each term in a message; None if it is no hit."""
        since, until = self.query.times
        if line.kind not in ("text", "poll") or (uids is not None and line.uid not in uids):
            return None
        if (since is not None and line.ts < since) or (until is not None and line.ts >= until):
            return None
        if not all(_has(line, kind) for kind in self.query.has):
            return None
        counts = count(line.text, self.query.terms)
        enough = all if self.order == "newest" else any
        hit = not counts.tf or enough(n > 0 for n in counts.tf)
        return counts if hit else None

    def _uids(self) -> set[str] | None:
        """The senders to search for; None for everybody."""
        if not self.query.senders:
            return None
        me = self.room.me
        known = [(identity.name, identity.uid) for identity in self.room.trust.known.values()]
        names = {name for name, _ in known} | {me.name}
        wanted = {name for one in self.query.senders for name in matching_names(names, one)}
        found = {uid for name, uid in [*known, (me.name, me.uid)] if name in wanted}
        return found | ({me.uid} if "me" in self.query.senders else set())


async def peek(log_api: LogApi, room: Room, row: Any) -> Message | None:
    """Verify and decrypt one message, fetching more of the log if it refers to that; None if it
    fails.
    """
    try:
        return room.peek(row)
    except MessageError:
        with suppress(NewerVersion):
            await log_api.sync(room)
    with suppress(MessageError):
        return room.peek(row)
    return None


def _beside(hits: list[Any], answer: dict[str, Any]) -> Beside:
    """The rows in an answer, by message: its own and the ones that change it. They are no more
    verified than if they had been fetched one by one.
    """
    if answer.get("whole") is not True:
        return {}  # too many, or an older server
    rows = [row for row in [*hits, *field_of(answer, "refs", list)] if type(row) is dict]
    found: Beside = {row["seq"]: [row] for row in rows if type(row.get("seq")) is int}
    if len(found) < len(rows):
        return {}  # two rows for one number
    for row in rows:
        named = row.get("re")
        for seq in named if type(named) is list else []:
            if type(seq) is int and seq in found:
                found[seq].append(row)
    return found


def _has(line: Message, kind: str) -> bool:
    if kind == "link":
        return has_link(line.text)
    return any(kind == "file" or file.type.startswith("image/") for file in line.files)


def _numbers(answer: dict[str, Any], size: int) -> list[int]:
    found = field_of(answer, "df", list)
    if len(found) != size:
        raise WireError("an answer of another shape")
    for number in found:
        integer()(number)
    return found
