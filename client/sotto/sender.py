"""Sending: one message at a time, sealed when its turn comes, the same bytes until answered."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sotto.api import ApiError
from sotto.log_api import LogApi
from sotto.protocol.content import refs_of
from sotto.protocol.encoding import field_of, new_id
from sotto.protocol.message import Header, NewMessage, seal_message
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_tokens import tokens_for
from sotto.room import Room
from sotto.rotation import rotate
from sotto.stream import Stream

ANSWER_WITHIN = 15.0  # seconds
PAUSE = 1.0  # seconds, while another member renews the room's key
TRIES = 30
ERASED_AT_ONCE = 100
CATCH_UP = {"stale", "clock", "rotate_first", "wait", "order"}
LATER = {"unavailable", "rate"}
GONE = {"type": "error", "code": "not_found", "detail": "You are not a member of this room."}


class Sender:
    """This program's chain of messages in one room. `tip`, of an earlier run: dev, n and pm."""

    def __init__(
        self, room: Room, log_api: LogApi, stream: Stream, tip: tuple[str, int, str] | None = None
    ) -> None:
        self._room = room
        self._log_api = log_api
        self._stream = stream
        self._dev, self._n, self._pm = tip or (room.me.dev, 0, "")
        self._own: dict[str, int] = {self._pm: self._n}
        self._sealed_at: dict[str, int] = {}
        self._turn = asyncio.Lock()
        self._ended = False
        self._waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = {}

    @property
    def tip(self) -> tuple[str, int, str] | None:
        """Where the next run goes on; None before the first message."""
        return (self._dev, self._n, self._pm) if self._n else None

    def answered(self, frame: dict[str, Any]) -> None:
        """An `ack`, or an `error` about a message."""
        self._resolve(str(frame.get("cid")), frame)

    def end(self) -> None:
        """One is no member any more: nobody answers what is on its way, or comes later."""
        self._ended = True
        for cid in self._waiting:
            self._resolve(cid, GONE)

    def disconnected(self) -> None:
        """Nobody answers any more what was sent before."""
        for cid in self._waiting:
            self._resolve(cid, None)

    def _resolve(self, cid: str, answer: dict[str, Any] | None) -> None:
        future = self._waiting.get(cid)
        if future is not None and not future.done():
            future.set_result(answer)

    async def send(self, content: dict[str, Any]) -> int:
        """The seq that the message got; ApiError if the server will not have it."""
        async with self._turn:
            cid = new_id(os.urandom)
            sealed: NewMessage | None = None
            made: dict[str, NewMessage] = {}
            for _ in range(TRIES):
                self._room.check_writable()
                try:
                    if sealed is None:
                        await self._need_key()
                        sealed = self._seal(cid, content)
                        made[sealed.id] = sealed
                    answer = await self._ask(cid, self._frame(sealed, content))
                    if answer["type"] == "ack" or answer.get("code") == "conflict":
                        # It may be of an earlier sealing, whose storing nobody lived to tell.
                        stored = made.get(str(answer.get("id")))
                        if stored is not None:
                            return await self._acknowledged(stored, answer)
                    if await self._recover(answer):
                        sealed = None
                except ApiError as error:  # of what had to be done before the message can be
                    if error.code not in LATER:
                        raise
                    await asyncio.sleep(PAUSE)
        raise ApiError("unavailable", "The message could not be sent.")

    async def _need_key(self) -> None:
        """A closed room gets a new key first. Who has just joined it may hold no older one."""
        if not self._room.state.open:
            await rotate(self._log_api, self._room, only_closed=True)
        elif self._room.state.e not in self._room.keys:
            await self._log_api.sync_keys(self._room)

    def _seal(self, cid: str, content: dict[str, Any]) -> NewMessage:
        room, state = self._room, self._room.state
        key = room.keys.get(state.e)
        if key is None:
            raise ApiError("no_key", "The room's present key is not here yet.")
        header = Header(
            room=room.id,
            e=state.e,
            uid=room.me.uid,
            kid=room.me.kid,
            dev=self._dev,
            n=self._n + 1,
            pm=self._pm,
            lh=(state.seq, state.hash),
            sh=room.highest,
            cid=cid,
            ts=self._log_api.clock.now(),
        )
        sealed = seal_message(header, key, room.me.keys.ed, content)
        self._own[sealed.id], self._sealed_at[sealed.id] = header.n, header.ts
        return sealed

    def _frame(self, sealed: NewMessage, content: dict[str, Any]) -> dict[str, Any]:
        room, state = self._room, self._room.state
        frame: dict[str, Any] = {"type": "message_send", "room": room.id, "h": sealed.h}
        frame |= {"iv": sealed.iv, "ct": sealed.ct, "sig": sealed.sig}
        refs = [seq for seq, _ in refs_of(content)]
        if refs:
            frame["re"] = refs
        if content["t"] == "delete":
            frame["erase"] = refs[:ERASED_AT_ONCE]
        if content.get("files"):
            frame["files"] = [file["id"] for file in content["files"]]
        key = room.keys.get(state.g)
        if state.policy["search"] == "server" and key is not None:
            # Of no word, too: whoever asks how far the index reaches can tell it from a message
            # without.
            sk = search_key(key, room.id, state.g)
            frame["tokens"] = tokens_for(sk, content.get("body", ""), state.g)
        return frame

    async def _ask(self, cid: str, frame: dict[str, Any]) -> dict[str, Any]:
        """The server's answer to these bytes, however often they have to be sent."""
        try:
            while not self._ended:
                await self._stream.wait_ready()
                future: asyncio.Future[dict[str, Any] | None] = asyncio.Future()
                self._waiting[cid] = future
                if not await self._stream.send(frame):
                    continue
                try:
                    answer = await asyncio.wait_for(future, ANSWER_WITHIN)
                except TimeoutError:
                    continue
                if answer is not None:
                    return answer
            return GONE
        finally:
            self._waiting.pop(cid, None)

    async def _acknowledged(self, sealed: NewMessage, answer: dict[str, Any]) -> int:
        seq = field_of(answer, "seq", int)
        self._n, self._pm = self._own[sealed.id], sealed.id
        self._room.acknowledged(seq, sealed.id, self._sealed_at[sealed.id])
        if answer.get("rotate") == 1:
            await self._refresh_key()
        return seq

    async def _refresh_key(self) -> None:
        """The server asks for a new epoch. It is a request: failing it fails nothing."""
        try:
            await rotate(self._log_api, self._room)
        except ApiError:
            return

    async def _recover(self, problem: dict[str, Any]) -> bool:
        """Whether to seal anew, or to send the same bytes again; ApiError if neither helps.

        Where the server could not say whether it stored a message, only the same bytes are safe.
        """
        code = field_of(problem, "code", str)
        if code in LATER:
            await asyncio.sleep(_seconds(problem.get("retry_after")))
            return False
        if code not in CATCH_UP:
            raise ApiError(code, field_of(problem, "detail", str))
        if code == "clock":
            self._log_api.clock.set(problem.get("now"))
        if code == "order":
            self._place(problem)
        if code == "wait":
            await asyncio.sleep(PAUSE)
        await self._log_api.sync(self._room)
        return True

    def _place(self, problem: dict[str, Any]) -> None:
        """Go on from where the server says we are, if we were there; else as a new device.

        Never from before what was acknowledged: the same number would stand for two messages.
        """
        n, id_ = problem.get("n"), str(problem.get("id"))
        if type(n) is int and n >= self._n and self._own.get(id_) == n:
            self._n, self._pm = n, id_
        else:
            self._dev, self._n, self._pm = new_id(os.urandom), 0, ""


def _seconds(value: Any) -> float:
    """A wait that the server asks for, within reason."""
    return min(max(float(value), 0.1), 60.0) if type(value) in (int, float) else 2.0
