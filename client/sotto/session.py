"""A signed-in account: rooms made, joined, read and written, everything verified."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any

import httpx

from sotto.api import Api, ApiError, part
from sotto.compose import make_create, make_join
from sotto.desk import Desk
from sotto.encoding import WireError, new_id
from sotto.identity import Keys, make_identity, open_identity
from sotto.invite import Link, open_item
from sotto.kit import make_kit
from sotto.log import RoomState, extend_log
from sotto.logbook import TRIES, Clock, Logbook, machine_clock
from sotto.profile import Profile
from sotto.room import Me, Message, Room
from sotto.roomkeys import wrap_key
from sotto.stream import Connect, connect
from sotto.trust import Trust

POLICY = {
    "join": "link",
    "history": "all",
    "ai": "off",
    "ain": 200,
    "search": "server",
    "n": 1000,
    "days": 30,
    "ttl": 0,
}


class Client:
    """`url` is the server's, as in a browser. Use as `async with`, then sign up or log in.

    Nothing is kept on the disk: each run is a new device that reads the logs from the start.
    `transport` and `connect` stand in for the network, `clock` (ms) for the machine's.
    """

    def __init__(
        self,
        url: str,
        *,
        accept_resets: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        connect: Connect = connect,
        clock: Callable[[], int] = machine_clock,
    ) -> None:
        self.url = url.rstrip("/")
        self.trust = Trust(accept_resets=accept_resets)
        self._api = Api(self.url, transport)
        self._connect = connect
        self._clock = Clock(clock)
        self._signed_in: Desk | None = None

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._signed_in is not None:
            await self._signed_in.close()
        await self._api.close()

    # --- account ----------------------------------------------------------------------------

    async def sign_up(self, name: str, password: str, keys: Keys | None = None) -> None:
        """A new account with `keys`, or new ones: then keep `kit()`, nobody else has them."""
        signed_in = await self._api.sign_in("register", name, password)
        if keys is None:
            keys = await asyncio.to_thread(Keys.generate)
        await self._begin(signed_in, keys)

    async def login(self, name: str, password: str, keys: Keys) -> None:
        """An account that exists, with the keys that it has (see `sotto.kit.open_kit`)."""
        await self._begin(await self._api.sign_in("login", name, password), keys)

    async def _begin(self, signed_in: dict[str, Any], keys: Keys) -> None:
        uid, name = part(signed_in, "uid", str), part(signed_in, "name", str)
        kid = (await self._api.get("me")).get("kid")
        signed = make_identity(keys, uid, name)
        identity = open_identity(signed)
        if kid is None:
            await self._api.post("identities", signed)
        elif kid != identity.kid:
            found = await self._api.get("identities", kid=kid)
            signed = next(iter(part(found, "identities", list)), {})
            identity = open_identity(signed)
        if (identity.uid, identity.ed, identity.rsa) != (uid, keys.ed_public, keys.spki):
            raise WireError("these are not the keys of this account")
        me = Me(uid, name, identity.kid, keys, new_id(os.urandom))
        self.trust.learn([signed])
        self.trust.approve(me.kid)
        self._signed_in = Desk(self.url, self._api, me, self.trust, self._clock, self._connect)
        await self._signed_in.start()

    @property
    def _desk(self) -> Desk:
        if self._signed_in is None:
            raise RuntimeError("sign up or log in first")
        return self._signed_in

    @property
    def _book(self) -> Logbook:
        return self._desk.logbook

    @property
    def me(self) -> Me:
        return self._desk.me

    def kit(self) -> str:
        """The text of a recovery kit. Whoever has it is you."""
        return make_kit(self.me.uid, self.me.kid, self.me.keys)

    # --- rooms ------------------------------------------------------------------------------

    async def rooms(self) -> list[Room]:
        """The rooms that one is a member of, read and checked."""
        found = await self._api.get("chatrooms")
        self._desk.clock.set(found.get("now"))
        return [await self._desk.room(part(item, "id", str)) for item in part(found, "rooms", list)]

    async def create_room(self, name: str, topic: str = "", **policy: Any) -> str:
        """A new room; returns its id. `policy` as in the protocol, for what differs."""
        key = os.urandom(32)
        event = make_create(self._book.author(), {**POLICY, **policy}, key)
        state = extend_log(None, [event], self.trust.known)
        ct = wrap_key(key, state.room, 1, self.me.kid, self.me.keys.spki)
        wraps = [{"e": 1, "to": self.me.kid, "ct": ct}]
        await self._api.post("chatrooms", {**event, "wraps": wraps})
        room = await self._desk.room(state.room)
        await self._book.set_profile(room, Profile(name, topic))
        return room.id

    async def invite(self, room: str, uses: int = 1, hours: float = 24) -> str:
        """A link into a room. Whoever has it can join, and read what its holders may read."""
        link = Link.new()
        await self._book.invite(await self._desk.room(room), link, uses, hours)
        return f"{self.url}/i{link.fragment}"

    async def join(self, url: str) -> str:
        """Join by a link, or by its fragment alone; returns the room's id."""
        link = Link.parse(url)
        for _ in range(TRIES):
            id_, state = await self._preview(link)
            if self.me.uid in state.members:
                break
            try:
                join = make_join(state, self._book.author(), link)
                await self._api.post(f"chatrooms/join/{link.iid}", dict(join))
                break
            except ApiError as error:
                if error.code == "clock":
                    self._desk.clock.set(error.extra.get("now"))
                elif error.code != "head":
                    raise
        else:
            raise ApiError("head", "The room is too busy.")
        room = await self._desk.room(id_)
        await self._take_items(room, link)
        return room.id

    async def _preview(self, link: Link) -> tuple[str, RoomState]:
        """The room that a link leads to: its log is checked, and knows this link."""
        found = await self._api.get(f"chatrooms/join/{link.iid}")
        self.trust.learn(part(found, "identities", list))
        state = extend_log(None, part(found, "events", list), self.trust.known)
        invite = state.invites.get(link.iid)
        if invite is None or invite.ipk != link.ipk:
            raise WireError("the log does not know this link")
        return state.room, state

    async def _take_items(self, room: Room, link: Link) -> None:
        """The keys that a link carries. Kept for oneself, too: a link ends."""
        found = await self._api.get(f"chatrooms/join/{link.iid}/items")
        taken = []
        for item in part(found, "items", list):
            e, box = part(item, "e", int), part(item, "box", str)
            try:
                key = open_item(link.key, room.id, link.iid, e, box)
            except WireError:
                continue
            if e not in room.keys and room.take_key(e, key):
                taken.append(e)
        await self._book.give(room, taken, self.me.kid)
        await self._book.sync_keys(room)
        room.unlock()

    async def rotate(self, room: str) -> None:
        await self._book.rotate(await self._desk.room(room))

    async def leave(self, room: str) -> None:
        """Leave a room. Its other members renew its key before they say anything more."""
        await self._book.leave(await self._desk.room(room))
        self._desk.forget(room)

    # --- messages ---------------------------------------------------------------------------

    async def send(self, room: str, text: str) -> int:
        """The message's seq, once the server has stored it."""
        return await self._desk.send(room, {"t": "text", "body": text})

    async def history(self, room: str) -> list[Message]:
        """All messages up to now, in order."""
        found = await self._desk.room(room)
        await self._desk.catch_up(found)
        return list(found.messages)

    async def receive(self) -> AsyncIterator[Message]:
        """Messages that come after their room was first used here, one's own among them, and late
        ones that could be opened. `history` has those before.

        Raises Frozen or NewerVersion when a room cannot be followed any more; call it again
        for the others.
        """
        while True:
            item = await self._desk.inbox.get()
            if isinstance(item, Exception):
                raise item
            yield item
