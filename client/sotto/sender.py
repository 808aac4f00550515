"""Sends messages one at a time: each is sealed when its turn comes, and the same bytes are repeated
until the server answers.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sotto.api import ApiError
from sotto.log_api import LogApi
from sotto.protocol.content import file_ids, refs_of, searchable_text
from sotto.protocol.encoding import field_of, new_id
from sotto.protocol.message import Header, NewMessage, seal_message
from sotto.protocol.room_keys import search_key
from sotto.protocol.search_terms import tokens_for
from sotto.room import Room
from sotto.rotation import rotate
from sotto.stream import Stream

ANSWER_WITHIN = 15.0  # seconds
PAUSE = 1.0  # seconds, while another member renews the room's key
TRIES = 30
ERASED_AT_ONCE = 100
CATCH_UP = {"stale", "clock", "rotate_first", "wait", "order"}
LATER = {"unavailable", "rate"}
ENDS = {"room_closed", "not_found"}
GONE = {"type": "error", "code": "not_found", "detail": "You are not a member of this room."}


class Sender:
    """This device's chain of messages in one room.

    Args:
        tip: the end of the chain of an earlier run: dev, n and pm.
    """

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
        """The end of the chain: dev, n and pm; None before the first message."""
        return (self._dev, self._n, self._pm) if self._n else None

    def answered(self, frame: dict[str, Any]) -> None:
        """Handle the server's `ack`, or its `error` about a message."""
        self._resolve(str(frame.get("cid")), frame)

    def end(self) -> None:
        """The account is no longer a member: fail pending and later messages."""
        self._ended = True
        for cid in self._waiting:
            self._resolve(cid, GONE)

    def disconnected(self) -> None:
        """The socket closed: send pending messages again."""
        for cid in self._waiting:
            self._resolve(cid, None)

    def _resolve(self, cid: str, answer: dict[str, Any] | None) -> None:
        future = self._waiting.get(cid)
        if future is not None and not future.done():
            future.set_result(answer)

    async def send(self, content: dict[str, Any]) -> int:
        """Send a message.

        Returns:
            Its seq.

        Raises:
            ApiError: the server refused it, or could not be reached often enough.
            UnapprovedKeys, Frozen, NewerVersion, Closed, FormerMember: the room is not
                writable.
        """
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
                    answer = await self.ask(cid, self._frame(sealed, content))
                    if answer["type"] == "ack" or answer.get("code") == "conflict":
                        # It may answer an earlier sealing whose acknowledgement was lost.
                        stored = made.get(str(answer.get("id")))
                        if stored is not None:
                            return await self._acknowledged(stored, answer)
                    if await self._recover(answer):
                        sealed = None
                except ApiError as error:  # of the requests that had to precede the message
                    if error.code not in LATER:
                        raise
                    await asyncio.sleep(PAUSE)
        raise ApiError("unavailable", "The message could not be sent.")

    async def _need_key(self) -> None:
        """Rotate the key of a room that takes no messages; fetch a key that is not here yet."""
        if not self._room.state.open:
            await rotate(self._log_api, self._room, only_closed=True)
        elif self._room.state.e not in self._room.keys:
            await self._log_api.sync_keys(self._room)

    def _seal(self, cid: str, content: dict[str, Any]) -> NewMessage:
        room, state = self._room, self._room.state
        key = room.keys.get(state.e)
        if key is None:
            raise ApiError("no_key", "This device does not have the room's present key yet.")
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
        files = file_ids(content)
        if files:
            frame["files"] = files
        key = room.keys.get(state.g)
        if state.policy["search"] == "server" and key is not None:
            # Also for a message without words: it then counts as indexed.
            sk = search_key(key, room.id, state.g)
            frame["tokens"] = tokens_for(sk, searchable_text(content), state.g)
        return frame

    async def ask(self, cid: str, frame: dict[str, Any]) -> dict[str, Any]:
        """Send the same bytes until the server answers."""
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
        """Rotate the key as the server suggests. A failure is ignored."""
        try:
            await rotate(self._log_api, self._room)
        except ApiError:
            return

    async def _recover(self, problem: dict[str, Any]) -> bool:
        """React to the server's error.

        Returns:
            True to seal the message again. If not, the same bytes are sent again: the server may
            have stored them.

        Raises:
            ApiError: neither helps.
            Closed, FormerMember: the room's log says so, too.
        """
        code = field_of(problem, "code", str)
        if code in ENDS:  # the error can arrive before the event: only the log proves it
            await self._log_api.sync(self._room)
            self._room.check_writable()
        if code in LATER:
            await asyncio.sleep(_seconds(problem.get("retry_after")))
            return False
        if code not in CATCH_UP:
            raise ApiError(code, field_of(problem, "detail", str))
        if code == "clock":
            self._log_api.clock.set(problem.get("now"))
        if code == "order":
            self._move_to(problem)
        if code == "wait":
            await asyncio.sleep(PAUSE)
        await self._log_api.sync(self._room)
        return True

    def _move_to(self, problem: dict[str, Any]) -> None:
        """Continue from where the server says this chain ends, if that is one of its messages;
        otherwise as a new device. Never from before an acknowledged message: one number would stand
        for two messages.
        """
        n, id_ = problem.get("n"), str(problem.get("id"))
        if type(n) is int and n >= self._n and self._own.get(id_) == n:
            self._n, self._pm = n, id_
        else:
            self._dev, self._n, self._pm = new_id(os.urandom), 0, ""


def _seconds(value: Any) -> float:
    """The wait that the server demands: 0.1 to 60 seconds, 2 by default."""
    return min(max(float(value), 0.1), 60.0) if type(value) in (int, float) else 2.0
