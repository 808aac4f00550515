"""Asking for summaries, and reading those that members share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError, part
from sotto.file_transfer import Progress, Sharing
from sotto.protocol.encoding import WireError, new_id, strict_json
from sotto.protocol.events import SignedEvent
from sotto.protocol.message import open_header
from sotto.protocol.summary import (
    Answer,
    Line,
    Range,
    open_answer,
    open_summary,
    parse_summary,
    seal_ask,
    seal_summary,
    verify_summary,
    worker_id,
)
from sotto.room import Message, Room

LOOK_EVERY = (0.2, 2.0)  # seconds, at first and at most
OTHER_WORKER = (
    "The worker has another key than the one you know. Nothing was sent. Ask whoever runs the site "
    "whether this is theirs: {}"
)
ENDED = {"done", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Summary:
    """Of messages `first` … `last`; `by` is the user name of who asked."""

    first: int
    last: int
    by: str
    text: str
    model: str


class Summarising(Sharing):
    """A client that has rooms summarised."""

    _worker = ""

    async def summarise(
        self,
        room: str,
        first: int = 1,
        last: int | None = None,
        *,
        lang: str = "",
        worker: str | None = None,
        progress: Progress | None = None,
    ) -> Summary:
        """Show messages `first` … `last` to the server's worker and share what it writes with
        the room. The log says so before anything is shown. `worker` is the wk that one expects,
        otherwise that of the last time; ApiError with `other_worker` if it is another.
        """
        found = await self._desk.room(room)
        await self._desk.catch_up(found)
        lines, about = _range(found, first, last)
        seen = part(await self._api.get(f"chatrooms/{room}/summary"), "worker", dict)
        spki, model = part(seen, "spki", str), part(seen, "models", list)[0]
        self._believe(worker_id(spki), worker)
        await self.disclose(room, about.first, about.last, model)
        dis = found.state.seq
        rid, reply = new_id(os.urandom), os.urandom(32)
        sealed = seal_ask(rid, room, self.me.uid, spki, reply, lines, model=model, lang=lang)
        asked = {"rid": rid, "wk": worker_id(spki), **sealed, "dis": dis}
        request = await self._api.post(f"chatrooms/{room}/summary", asked)
        request = await self._ended(room, rid, request, progress)
        answer = open_answer(reply, rid, request.get("answer"))
        await self._share(found, about, answer, dis)
        await self._api.delete(f"chatrooms/{room}/summary/{rid}")
        return Summary(about.first, about.last, self.me.name, answer.text, answer.model)

    def _believe(self, wk: str, expected: str | None) -> None:
        """The first worker is believed and remembered: the server cannot put another one in its
        place unnoticed."""
        before = self._home.worker() if self._home is not None else self._worker
        if wk != (expected or before or wk):
            raise ApiError("other_worker", OTHER_WORKER.format(wk))
        self._worker = wk
        if self._home is not None and wk != before:
            self._home.keep_worker(wk)

    async def _ended(
        self, room: str, rid: str, request: dict[str, Any], progress: Progress | None
    ) -> dict[str, Any]:
        wait, most = LOOK_EVERY
        while part(request, "state", str) not in ENDED:
            if progress is not None:
                progress(part(request, "done", int), part(request, "total", int))
            await asyncio.sleep(wait)
            wait = min(most, wait * 1.5)
            request = await self._api.get(f"chatrooms/{room}/summary/{rid}")
        if request["state"] != "done":
            raise ApiError(part(request, "code", str), part(request, "detail", str))
        return request

    async def _share(self, room: Room, about: Range, answer: Answer, dis: int) -> None:
        keys = [room.keys[e] for e in range(about.a, about.b + 1)]
        me = self.me
        shared = seal_summary(keys, about, answer, uid=me.uid, kid=me.kid, dis=dis, ed=me.keys.ed)
        await self._api.post(f"chatrooms/{room.id}/summary/cache", shared)

    async def summaries_of(self, room: str) -> list[Summary]:
        """The room's summaries that can be believed and read, newest first."""
        found = await self._desk.room(room)
        await self._desk.catch_up(found)
        given = part(await self._api.get(f"chatrooms/{room}/summary"), "summaries", list)
        summaries = []
        for one in given:
            try:
                summaries.append(_believed(found, one, self.trust.known))
            except (WireError, KeyError):
                continue  # somebody's who is not to be believed, or of before one's time
        return summaries


def _range(room: Room, first: int, last: int | None) -> tuple[list[Line], Range]:
    said = [
        message
        for message in room.conversation()
        if message.seq >= first and (last is None or message.seq <= last)
    ]
    lines = [_line(message) for message in said if message.status == "ok" and message.line]
    if not lines:
        raise ApiError("too_few", "There is nothing there to summarise.")
    a, b = (open_header(room.rows[one.seq]).header.e for one in (lines[0], lines[-1]))
    return lines, Range(room.id, lines[0].seq, lines[-1].seq, a, b)


def _line(message: Message) -> Line:
    return Line(message.seq, message.name, message.ts, message.line)


def _believed(room: Room, given: Any, known: Any) -> Summary:
    shared = parse_summary(given.get("body"))
    identity = known[shared.kid]
    if shared.range.room != room.id or identity.uid != shared.uid:
        raise WireError("a summary of another room or person")
    if not any(span.kid == shared.kid for span in room.state.spans.get(shared.uid, ())):
        raise WireError("a summary under a key that was never a member's")
    told = {"by": shared.uid, "from": shared.range.first, "to": shared.range.last}
    if not _discloses(room.events, shared.dis, told):
        raise WireError("a summary that the log does not know")
    verify_summary(given, shared, identity.ed)
    keys = [room.keys[e] for e in range(shared.range.a, shared.range.b + 1)]
    answer = open_summary(keys, shared.range, given.get("box"))
    span = (shared.range.first, shared.range.last)
    return Summary(*span, identity.name, answer.text, answer.model)


def _discloses(events: Sequence[SignedEvent], seq: int, told: dict[str, Any]) -> bool:
    if not 0 <= seq < len(events):
        return False
    event = strict_json(events[seq]["event"])
    same = all(event.get(key) == value for key, value in told.items())
    return event.get("t") == "disclose" and same
