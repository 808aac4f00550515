"""Sends messages one at a time: each is sealed when its turn comes, and the same bytes are repeated
until the server answers.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sotto.api import ApiError
from sotto.blocks import Blocks
from sotto.chain import Chain, Tip, send_frame
from sotto.keys.rotation import rotate
from sotto.log_api import ENDS, LogApi
from sotto.message_reader import MessageReader
from sotto.protocol.encoding import WireError, field_of, new_id
from sotto.protocol.message import NewMessage
from sotto.room import Room
from sotto.stream import Stream

ANSWER_WITHIN = 15.0  # seconds
PAUSE = 1.0  # seconds, while another member renews the room's key
TRIES = 30
CATCH_UP = {"stale", "clock", "rotate_first", "wait", "order"}
LATER = {"unavailable", "rate"}
GONE = {"type": "error", "code": "not_found", "detail": "You are not a member of this room."}


class Sender:
    """Extends this device's chain of messages in one room.

    Args:
        blocks: whom the account blocks: nothing is sent to them.
        tip: the end of the chain of an earlier run.
    """

    def __init__(
        self, room: Room, log_api: LogApi, stream: Stream, blocks: Blocks, tip: Tip | None = None
    ) -> None:
        self._room = room
        self._log_api = log_api
        self._stream = stream
        self._blocks = blocks
        self._chain = Chain(room, tip)
        self._sealed_at: dict[str, int] = {}
        self._turn = asyncio.Lock()
        self._ended = False
        self._waiting: dict[str, asyncio.Future[dict[str, Any] | None]] = {}

    @property
    def tip(self) -> Tip | None:
        """The end of the chain; None before the first message."""
        return self._chain.tip

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

    async def send(self, content: dict[str, Any], *, cid: str = "") -> int:
        """Send a message.

        Args:
            cid: its id, where an earlier run may have sent it already: it is stored once. By
                default a new one.

        Returns:
            Its seq.

        Raises:
            ApiError: the server refused it, or could not be reached often enough.
            UnapprovedKeys, Frozen, NewerVersion, Closed, FormerMember, PeerLeft, Blocked: the room
                is not writable.
        """
        async with self._turn:
            again, cid = bool(cid), cid or new_id(os.urandom)
            sealed: NewMessage | None = None
            made: dict[str, NewMessage] = {}
            for _ in range(TRIES):
                self._room.check_writable()
                try:
                    if sealed is None:
                        await self._need_key()
                        sealed = self._seal(cid, content)
                        made[sealed.id] = sealed
                    answer = await self.ask(cid, send_frame(self._room, sealed, content))
                    if answer["type"] == "ack" or answer.get("code") == "conflict":
                        # It may answer an earlier sealing whose acknowledgement was lost.
                        stored = made.get(str(answer.get("id")))
                        if stored is not None:
                            return await self._acknowledged(stored, answer)
                    if again and answer.get("code") == "conflict":
                        return await self._sent_before(cid, answer)
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
        key = self._room.keys.get(self._room.state.e)
        if key is None:
            raise ApiError("no_key", "This device does not have the room's present key yet.")
        now = self._log_api.clock.now()
        sealed = self._chain.seal(cid, content, key, now)
        self._sealed_at[sealed.id] = now
        return sealed

    async def ask(self, cid: str, frame: dict[str, Any]) -> dict[str, Any]:
        """Send the same bytes until the server answers. Raises Blocked before they are sent."""
        try:
            while not self._ended:
                await self._stream.wait_ready()
                await self._blocks.check(self._room)
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
        self._chain.advance(sealed)
        self._room.acknowledged(seq, sealed.id, self._sealed_at[sealed.id])
        if answer.get("rotate") == 1:
            await self._refresh_key()
        return seq

    async def _sent_before(self, cid: str, answer: dict[str, Any]) -> int:
        """The seq of a message that an earlier run has sent, where the server says that it is. The
        message there is verified: only this account's keys make one with that id.

        Raises:
            WireError: it is another one.
        """
        seq = field_of(answer, "seq", int)
        await MessageReader(self._log_api.api, self._log_api, self._room).around(1, seq=seq)
        if self._room.own_cid(seq) != cid:
            raise WireError("the server has another message in the place of one that was sent")
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
            self._chain.move_to(problem.get("n"), str(problem.get("id")))
        if code == "wait":
            await asyncio.sleep(PAUSE)
        await self._log_api.sync(self._room)
        return True


def _seconds(value: Any) -> float:
    """The wait that the server demands: 0.1 to 60 seconds, 2 by default."""
    return min(max(float(value), 0.1), 60.0) if type(value) in (int, float) else 2.0
