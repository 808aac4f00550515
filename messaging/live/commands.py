"""Commands of a signed-in person over the socket. Each first checks their membership."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from accounts.selectors import present_kid
from accounts.storage import QuotaReached
from chatsite.lib import disk, metrics, ratelimit
from chatsite.lib.errors import ChatError, Forbidden, NotFound, Refused, TooMany
from chatsite.lib.limits import limit_of
from messaging.live import frames
from messaging.live.admission import ParsedMessage, parse_message, verified_message
from messaging.live.connection import Connection
from messaging.live.hub import Hub
from messaging.live.rotation import due
from messaging.store.base import Appended, Outcome
from rooms.memberships import MembershipSnapshot

RESUME_MOST = 500  # messages
PAGE = 100  # messages
PING_COST = 2.0  # frames: the response lists all rooms
ROOMS_A_FRAME = 50  # rooms of a `resume` that count as one frame more
MOST_UNKNOWN = 100  # rooms of a `resume`
TURN = 50  # rooms, then it is the turn of others
ONLINE_AT_ONCE = 1000  # people named in `ready`; the others follow


class Actor:
    """The permissions and limits of one connection."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection

    @property
    def uid(self) -> str:
        return self.connection.ref.uid

    async def check_alive(self) -> None:
        """Raises SignInNeeded if the sign-in has ended."""
        await self.hub.sessions.check(self.connection.ref)

    def check_scope(self, scope: str | None) -> None:
        """Refuse a bot whose token does not have the scope.

        Raises:
            Forbidden: `scope`.
        """
        if scope is not None and not self.connection.ref.allows(scope):
            raise Forbidden("This bot's token does not allow that.", code="scope")

    def take_frame(self, cost: float = 1.0) -> None:
        """Count a frame of this socket. Raises TooMany above the limit.

        Args:
            cost: the number of frames it counts as.
        """
        many, seconds = limit_of("frames")
        wait = ratelimit.here.allow(f"rate_limit:{self.uid}:frames", many, seconds, cost=cost)
        if wait:
            raise TooMany(wait)

    async def take(self, what: str) -> None:
        """Count a use of a limit that all processes share."""
        many, seconds = limit_of(what)
        wait = await ratelimit.aallow(f"rate_limit:{self.uid}:{what}", many, seconds)
        if wait:
            metrics.limited.labels(what).inc()
            raise TooMany(wait)

    async def greet(self) -> None:
        """Send `ready`: the account, its present keys, the server's clock, each room's head, who
        is online.
        """
        await self.hub.receipts.write()
        kid = await self.hub.threads.run(present_kid, self.uid)
        heads = await self.hub.heads.read(self.connection)
        self.hub.delivery.heard_of({room: head["msg"] for room, head in heads.items()})
        online: dict[str, list[str]] = {}
        later: list[str] = []
        named = 0
        for at, room in enumerate(heads, 1):
            if at % TURN == 0:
                await asyncio.sleep(0)
            here = self.hub.presence.online(room)
            named += len(here)
            if named <= ONLINE_AT_ONCE:
                online[room] = here
            else:
                later.append(frames.encode("presence", room=room, online=here))
        who = {"sid": self.connection.sid, "uid": self.uid, "kid": kid, "now": self.hub.now()}
        self.connection.greet(frames.encode("ready", **who, heads=heads, online=online))
        for event in later:
            self.connection.push(event)

    async def pong(self) -> None:
        """Send `pong`: the server's clock and each room's head, from memory."""
        self.take_frame(PING_COST)
        heads = await self.hub.heads.known(self.connection)
        self.connection.push(frames.encode("pong", now=self.hub.now(), heads=heads))

    # --- messages --------------------------------------------------------------------------

    async def send_message(self, frame: frames.SendFrame) -> Awaitable[str]:
        """Admit a message and pass it to the committer, both in the order of the calls.

        Returns a future of the `ack` event, which resolves once the message is durable.
        """
        await self.take("messages")
        if not frame.erase:  # that makes room
            disk.check_floor()
        message = parse_message(frame, self.uid)
        admission = self.hub.admission
        membership = await admission.membership_for(self.uid, message.header)
        problem = await admission.reject_reason(membership, message.header, self.hub.now())
        begin = await self.hub.rotation.begin(membership)
        if problem is not None:
            seq = await self._stored_before(message, membership, problem)
            return _resolved(self._ack(message, membership, begin, seq))
        verified = verified_message(message, membership, self.hub.now())
        return self._ack_later(message, membership, begin, self.hub.committer.append(verified))

    async def _stored_before(
        self, message: ParsedMessage, membership: MembershipSnapshot, problem: ChatError
    ) -> int:
        """The number of a message that was stored before the room changed, and whose ack was lost;
        otherwise raises the problem. Without this the client would seal it again as a second
        message.
        """
        key = (membership.room, self.uid, message.header["cid"])
        await self.hub.committer.settled(*key)
        found = await self.hub.threads.run(self.hub.store.find, *key)
        if found is not None and found[1] == message.id:
            return found[0]
        if problem.code == "rotate_first":
            raise self.hub.rotation.answer(membership.room, self.connection.sid)
        raise problem

    async def _ack_later(
        self,
        message: ParsedMessage,
        membership: MembershipSnapshot,
        begin: int,
        stored: Awaitable[Outcome],
    ) -> str:
        outcome = await stored
        if not isinstance(outcome, Appended):
            raise Refused(REJECTED[outcome.code], code=outcome.code, **outcome.extra)
        return self._ack(message, membership, begin, outcome.seq)

    def _ack(
        self, message: ParsedMessage, membership: MembershipSnapshot, begin: int, seq: int
    ) -> str:
        named = {"cid": message.header["cid"], "id": message.id}
        fields: dict[str, Any] = {"room": membership.room, **named, "seq": seq}
        if due(membership, begin, seq, self.hub.now()):
            fields["rotate"] = 1
        return frames.encode("ack", **fields)

    async def resume(self, rooms: dict[str, int]) -> None:
        """Send the messages after each room's last contiguous number.

        Of rooms that the account is not in, only the first MOST_UNKNOWN get an answer; `ready` and
        `pong` list its rooms.
        """
        self.take_frame(len(rooms) / ROOMS_A_FRAME)
        unknown = 0
        for at, (room, last) in enumerate(rooms.items(), 1):
            if at % TURN == 0:
                await asyncio.sleep(0)  # other frames come between
            try:
                head = self.hub.head(self.connection, room)
            except NotFound as problem:
                unknown += 1
                if unknown <= MOST_UNKNOWN:
                    self.connection.push(frames.error(problem, room=room))
                continue
            if head - last > RESUME_MOST:
                self.connection.push(frames.encode("reset", room=room, msg=head))
            elif head > last:
                await self._catch_up(room, last, head)

    async def _catch_up(self, room: str, last: int, head: int) -> None:
        """Sends pages at the reader's pace, so that memory holds one page at a time."""
        while last < head and not self.connection.closed:
            rows = await self.hub.delivery.read(room, after=last, limit=PAGE)
            if not rows:
                return
            for event in frames.messages(room, rows):
                self.connection.push(event)
            await self.connection.drained()
            last = rows[-1].seq

    # --- ephemeral -------------------------------------------------------------------------

    def typing(self, room: str, *, on: bool) -> None:
        self.hub.head(self.connection, room)  # the door
        self.hub.typing(room, self.uid, on=on)

    def read(self, room: str, seq: int) -> None:
        """Move the read mark, never back and never past the newest message."""
        head = self.hub.head(self.connection, room)
        self.hub.receipts.move(self.uid, room, min(seq, head))


async def _resolved(event: str) -> str:
    return event


REJECTED = {
    "order": "Another message of this device came first.",
    "conflict": "Another message has this id.",
    "stale": "The room has changed. Load what is new and try again.",
    "bad_erase": "Some of that is not yours to erase.",
    "bad_files": "A file of this message is not here, or not yours to send.",
    "quota": QuotaReached.detail,
    "devices": "You have written in this room from too many devices. Go on from an older one.",
}
