"""Requesting summaries, and reading those that members shared."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sotto.api import ApiError
from sotto.file_transfer import Progress
from sotto.membership import disclose
from sotto.protocol.encoding import WireError, field_of, new_id, strict_json
from sotto.protocol.events import SignedEvent
from sotto.protocol.identity import Identity
from sotto.protocol.message import parse_message
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
from sotto.session import Session

POLL_INTERVAL = (0.2, 2.0)  # seconds, at first and at most
OTHER_WORKER = (
    "The worker has another key than the one you know. Nothing was sent. Ask the site's operator "
    "whether this is theirs: {}"
)
FINAL_STATES = {"done", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of messages `first` to `last`; `by` is the requester's user name."""

    first: int
    last: int
    by: str
    text: str
    model: str


class Summaries:
    """`client.summaries`: the server's worker reads messages only when a member asks it to."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._worker = ""

    async def request(
        self,
        room: str,
        first: int = 1,
        last: int | None = None,
        *,
        lang: str = "",
        worker: str | None = None,
        progress: Progress | None = None,
    ) -> Summary:
        """Show messages to the server's worker and share its summary with the room. The log records
        it before anything is shown.

        Args:
            first: seq of the first message.
            last: seq of the last message; the newest by default.
            lang: the summary's language, such as "de"; by default that of the messages.
            worker: the id (wk) of the worker to trust; by default that of the last time.
            progress: is called with (steps done, steps in all).

        Raises:
            ApiError: `other_worker` if the worker has another key (nothing was sent), `too_few` if
                there is nothing to summarise, or why it failed.
        """
        opened = await self._open(room)
        lines, about = _range(opened, first, last)
        spki, model = await self._offer(room)
        self._check_worker(worker_id(spki), worker)
        await disclose(self._session.log_api, opened, about.first, about.last, model)
        dis, me = opened.state.seq, self._session.me
        rid, reply = new_id(os.urandom), os.urandom(32)
        sealed = seal_ask(rid, room, me.uid, spki, reply, lines, model=model, lang=lang)
        body = {"rid": rid, "wk": worker_id(spki), **sealed, "dis": dis}
        state = await self._session.api.post(f"chatrooms/{room}/summary", body)
        state = await self._wait(room, rid, state, progress)
        answer = open_answer(reply, rid, state.get("answer"))
        await self._share(opened, about, answer, dis)
        await self._session.api.delete(f"chatrooms/{room}/summary/{rid}")
        return Summary(about.first, about.last, me.name, answer.text, answer.model)

    async def shared(self, room: str) -> list[Summary]:
        """The room's shared summaries that verify and can be decrypted, newest first."""
        opened = await self._open(room)
        shared: list[Any] = []
        async for page in self._session.api.pages(f"chatrooms/{room}/summary"):
            shared += field_of(page, "summaries", list)
        summaries = []
        for given in shared:
            try:
                summaries.append(_verified(opened, given, self._session.trust.known))
            except (WireError, KeyError):
                continue  # by an untrusted person, or from before this account joined
        return summaries

    async def _open(self, room: str) -> Room:
        opened = await self._session.manager.open(room)
        await self._session.manager.catch_up(opened)
        return opened

    async def _offer(self, room: str) -> tuple[str, str]:
        """The worker's key and the model that it uses, as the server says."""
        answer = await self._session.api.get(f"chatrooms/{room}/summary")
        offered = field_of(answer, "worker", dict)
        models = field_of(offered, "models", list)
        if not models or type(models[0]) is not str:
            raise WireError("an answer of another shape")
        return field_of(offered, "spki", str), models[0]

    def _check_worker(self, wk: str, expected: str | None) -> None:
        """Trust the first worker and remember it: the server cannot replace it unnoticed."""
        profile_dir = self._session.profile_dir
        before = profile_dir.worker() if profile_dir is not None else self._worker
        if wk != (expected or before or wk):
            raise ApiError("other_worker", OTHER_WORKER.format(wk))
        self._worker = wk
        if profile_dir is not None and wk != before:
            profile_dir.store_worker(wk)

    async def _wait(
        self, room: str, rid: str, state: dict[str, Any], progress: Progress | None
    ) -> dict[str, Any]:
        interval, most = POLL_INTERVAL
        while field_of(state, "state", str) not in FINAL_STATES:
            if progress is not None:
                progress(field_of(state, "done", int), field_of(state, "total", int))
            await asyncio.sleep(interval)
            interval = min(most, interval * 1.5)
            state = await self._session.api.get(f"chatrooms/{room}/summary/{rid}")
        if state["state"] != "done":
            raise ApiError(field_of(state, "code", str), field_of(state, "detail", str))
        return state

    async def _share(self, room: Room, about: Range, answer: Answer, dis: int) -> None:
        keys = [room.keys[e] for e in range(about.a, about.b + 1)]
        me = self._session.me
        shared = seal_summary(keys, about, answer, uid=me.uid, kid=me.kid, dis=dis, ed=me.keys.ed)
        await self._session.api.post(f"chatrooms/{room.id}/summary/cache", shared)


def _range(room: Room, first: int, last: int | None) -> tuple[list[Line], Range]:
    in_range = [
        message
        for message in room.conversation()
        if message.seq >= first and (last is None or message.seq <= last)
    ]
    lines = [_line(message) for message in in_range if message.status == "ok" and message.line]
    if not lines:
        raise ApiError("too_few", "There is nothing to summarise.")
    a, b = (parse_message(room.rows[one.seq]).header.e for one in (lines[0], lines[-1]))
    return lines, Range(room.id, lines[0].seq, lines[-1].seq, a, b)


def _line(message: Message) -> Line:
    return Line(message.seq, message.name, message.ts, message.line)


def _verified(room: Room, given: Any, known: Mapping[str, Identity]) -> Summary:
    if type(given) is not dict:
        raise WireError("not a summary")
    shared = parse_summary(given.get("body"))
    identity = known[shared.kid]
    if shared.range.room != room.id or identity.uid != shared.uid:
        raise WireError("a summary of another room or person")
    if not any(span.kid == shared.kid for span in room.state.spans.get(shared.uid, ())):
        raise WireError("a summary under a key that was never a member's")
    disclosed = {"by": shared.uid, "from": shared.range.first, "to": shared.range.last}
    if not _discloses(room.events, shared.dis, disclosed):
        raise WireError("a summary that the log does not record")
    verify_summary(given, shared, identity.ed)
    keys = [room.keys[e] for e in range(shared.range.a, shared.range.b + 1)]
    answer = open_summary(keys, shared.range, given.get("box"))
    return Summary(shared.range.first, shared.range.last, identity.name, answer.text, answer.model)


def _discloses(events: Sequence[SignedEvent], seq: int, disclosed: dict[str, Any]) -> bool:
    if not 0 <= seq < len(events):
        return False
    event = strict_json(events[seq]["event"])
    same = all(event.get(key) == value for key, value in disclosed.items())
    return event.get("t") == "disclose" and same
