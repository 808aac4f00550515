"""Reads the rows that a search brings: verified, decrypted, with their changes applied."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sotto.api import Api
from sotto.conversation import Message, conversation_of
from sotto.log_api import LogApi
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.message import MessageError
from sotto.room import Room
from sotto.room_errors import NewerVersion

Beside = dict[int, list[Any]]


class HitReader:
    """Reads the messages of one room that hits are about."""

    def __init__(self, api: Api, log_api: LogApi, room: Room) -> None:
        self._api = api
        self._log_api = log_api
        self._room = room
        self._lines: dict[int, Message | None] = {}

    async def present(self, answer: dict[str, Any], seen: set[int]) -> list[Message]:
        """The messages that an answer is about; each once, as `seen` records."""
        hits = field_of(answer, "hits", list)
        beside = _beside(hits, answer)
        lines = [await self._present(row, beside, seen) for row in hits]
        return [line for line in lines if line is not None]

    async def _present(self, row: Any, beside: Beside, seen: set[int]) -> Message | None:
        """The message that a row is about, with its changes applied."""
        found = await peek(self._log_api, self._room, row)
        if found is None or found.kind not in ("text", "poll", "edit"):
            return None
        seq, id_ = found.content["of"] if found.kind == "edit" else found.ref
        if seq in seen or not self._is_there(seq, id_):
            return None
        seen.add(seq)
        if seq not in self._lines:
            rows = beside.get(seq) or await self._fetched(seq)
            self._lines[seq] = await self._line(seq, rows)
        line = self._lines[seq]
        return line if line is not None and line.id == id_ else None

    def _is_there(self, seq: int, id_: str) -> bool:
        """True unless another message was read at this seq."""
        there = self._room.id_seen(seq)
        return there is None or there == id_

    async def _fetched(self, seq: int) -> list[Any]:
        """A message's row and the rows that change it."""
        room = f"chatrooms/{self._room.id}"
        page = await self._api.get(f"{room}/messages", after=seq - 1, limit=1)
        found = [*field_of(page, "messages", list), *field_of(page, "refs", list)]
        before = page.get("more_refs")
        while before is not None:
            page = await self._api.get(f"{room}/refs", first=seq, last=seq, before=before)
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
            if (message := await peek(self._log_api, self._room, row)) is not None
        ]
        lines = conversation_of(sorted(read, key=lambda message: message.seq))
        found = (line for line in lines if line.seq == seq and self._room.stands(line))
        return next(found, None)


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
