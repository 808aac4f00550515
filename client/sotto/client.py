"""A signed-in account: rooms made, joined, read and written, everything verified."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

from sotto import invitations as links
from sotto import joining
from sotto import membership as members
from sotto.api import ApiError, part
from sotto.export import export_room
from sotto.joining import Preview
from sotto.protocol.encoding import WireError
from sotto.protocol.event_builder import make_create
from sotto.protocol.invite_link import Link
from sotto.protocol.log import extend_log
from sotto.protocol.profile import Profile
from sotto.protocol.restore_notice import Restored, open_all
from sotto.protocol.room_keys import wrap_key
from sotto.protocol.search_query import parse_query
from sotto.room import Frozen, Message, NewerVersion, Room
from sotto.search import Covered, Finder, SearchOrder
from sotto.search_backfill import Indexing

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


class Client(Indexing):
    """`url` is the server's, as in a browser. Use as `async with`, then sign up or log in.

    Rooms are named by their id, people by their uid. ApiError: the server refused. WireError: it
    talked nonsense. Frozen, NewerVersion, Closed, UnapprovedKeys: see `sotto.room`.
    """

    async def restorations(self) -> list[Restored]:
        """When the operator says that the site was restored, the newest first. Ask for it where a
        room is frozen: it may be why, and it proves nothing."""
        return open_all(await self._api.get("site"))

    # --- rooms ------------------------------------------------------------------------------

    async def rooms(self) -> list[Room]:
        """The rooms that one is a member of, their logs read and checked. One that cannot be
        believed says so in `frozen`."""
        return [await self._opened(part(item, "id", str)) for item in await self.summaries()]

    async def _opened(self, id_: str) -> Room:
        try:
            return await self._desk.ledger(id_)
        except Frozen:
            return self._desk.held(id_)

    async def room(self, room: str) -> Room:
        """A room with its messages read, as the newest log has it."""
        found = await self._desk.room(room)
        await self._desk.catch_up(found)
        return found

    async def create_room(self, name: str, topic: str = "", **policy: Any) -> str:
        """A new room; returns its id. `policy` as in the protocol, for what differs."""
        room = await self._create("group", {**POLICY, **policy})
        await self._book.set_profile(room, Profile(name, topic))
        self._desk.changed()
        return room.id

    async def _create(self, kind: str, policy: dict[str, Any]) -> Room:
        key = os.urandom(32)
        event = make_create(self._book.author(), policy, key, kind=kind)
        state = extend_log(None, [event], self.trust.known)
        ct = wrap_key(key, state.room, 1, self.me.kid, self.me.keys.spki)
        wraps = [{"e": 1, "to": self.me.kid, "ct": ct}]
        await self._api.post("chatrooms", {**event, "wraps": wraps})
        return await self._desk.room(state.room)

    async def direct(self, name: str) -> str:
        """The room of oneself and somebody else, new if there is none. They accept it, or not.

        Raises:
            UnapprovedKeys: it is not certain who that is; no room was made.
        """
        person = await self.find(name)
        for item in await self.summaries():
            peer = item.get("peer") or {}
            if peer.get("uid") == person.uid and not item.get("closed"):
                return await self._shared(part(item, "id", str), person.uid)
        self.trust.must_know(person)
        room = await self._create("direct", {**POLICY, "join": "approve"})
        try:
            await members.add(self._book, room, person)
        except ApiError as error:
            await self.leave(room.id)
            if error.code != "direct_exists":
                raise
            return await self._shared(part(error.extra, "room", str), person.uid)
        return room.id

    async def _shared(self, room: str, uid: str) -> str:
        """`room`, if its log says that it is the direct room of oneself and `uid`: whose it is
        would be the server's word otherwise."""
        state = (await self._desk.ledger(room)).state
        two = {self.me.uid, uid}
        if state.kind != "direct" or not state.members.keys() <= two or uid not in state.spans:
            raise WireError("the server answered with the room of somebody else")
        return room

    async def ended(self, room: str) -> dict[str, str]:
        """By uid, the members whose accounts have ended: "deleted" or "disabled". It is the
        server's word; they stay in the log until a leader removes them."""
        found = part(await self._api.get(f"chatrooms/{room}"), "ended", dict)
        return {str(uid): str(how) for uid, how in found.items()}

    async def leave(self, room: str) -> None:
        """Leave a room. Its other members renew its key before they say anything more."""
        await members.leave(self._book, await self._desk.ledger(room))
        self._desk.forget(room)

    async def accept(self, room: str) -> None:
        """Say yes to somebody who added one to a room. `leave` says no."""
        await self._api.post(f"chatrooms/{room}/accept", {})
        if self._desk.has(room):
            await self._book.sync_keys(self._desk.held(room))

    async def invite(self, room: str, uses: int = 1, hours: float = 24) -> str:
        """A link into a room. Whoever has it can join, and read what its holders may read."""
        link = Link.new()
        await links.invite(self._book, await self._desk.room(room), link, uses, hours)
        return f"{self.url}/i{link.fragment}"

    async def revoke(self, room: str, link: str) -> None:
        """End an invitation, given by its link or its id."""
        iid = Link.parse(link).iid if "#" in link else link
        await self._book.change(await self._desk.ledger(room), "revoke", iid=iid)

    async def look(self, url: str) -> Preview:
        """What a link leads to, before joining."""
        return await joining.preview(self._book, Link.parse(url))

    async def join(self, url: str, wait: float | None = None) -> str:
        """Join by a link, or by its fragment alone; returns the room's id.

        Where members decide, this knocks and waits for them: `wait` seconds (TimeoutError), or
        as long as it takes.
        """
        link = Link.parse(url)
        seen, fresh = await joining.join(self._book, link)
        if fresh and seen.state is None:
            async with asyncio.timeout(wait):
                await joining.until_let_in(self._book, link)
        room = await self._desk.room(seen.room)
        if seen.state is not None:
            await joining.take_items(self._book, room, link)
        if fresh:
            self._desk.deliver(joining.since_joining(room, self.me.uid))
        return room.id

    async def export(self, room: str) -> dict[str, Any]:
        """All that is known of a room, with what proves it (see `sotto.export`). Of a frozen
        room it is the evidence."""
        try:
            found = await self.room(room)
        except Frozen:
            found = self._desk.held(room)
        return export_room(found, self._clock.now())

    # --- messages ---------------------------------------------------------------------------

    async def send(self, room: str, text: str, re: Message | None = None) -> int:
        """The message's seq, once the server has stored it. `re`: the one that it answers."""
        content: dict[str, Any] = {"t": "text", "body": text}
        return await self._desk.send(room, content if re is None else {**content, "re": re.ref})

    async def edit(self, message: Message, text: str) -> int:
        content = {"t": "edit", "of": message.ref, "body": text}
        return await self._desk.send(message.room, content)

    async def delete(self, message: Message) -> int:
        """Delete a message with its edits; the server drops what it has of them."""
        room = await self._desk.room(message.room)
        edits = [
            other.ref
            for other in room.messages
            if other.kind == "edit" and other.content["of"] == message.ref
        ]
        return await self._desk.send(room.id, {"t": "delete", "of": [message.ref, *edits]})

    async def react(self, message: Message, emoji: str, *, on: bool = True) -> int:
        content = {"t": "react", "of": message.ref, "emoji": emoji, "on": int(on)}
        return await self._desk.send(message.room, content)

    async def pin(self, message: Message, *, on: bool = True) -> int:
        content = {"t": "pin", "of": message.ref, "on": int(on)}
        return await self._desk.send(message.room, content)

    async def poll(
        self, room: str, question: str, options: list[str], *, multi: bool = False
    ) -> int:
        content = {"t": "poll", "body": question, "options": options, "multi": int(multi)}
        return await self._desk.send(room, content)

    async def vote(self, poll: Message, *picks: int) -> int:
        return await self._desk.send(poll.room, {"t": "vote", "of": poll.ref, "picks": list(picks)})

    async def mark_read(self, room: str) -> None:
        """Tell the server that one has read up to here: others of one's devices show it."""
        seq = (await self._desk.room(room)).last
        await self._desk.stream.send({"type": "read", "room": room, "seq": seq})

    async def history(self, room: str) -> list[Message]:
        """The conversation up to now: edits, deletions and reactions are applied."""
        return (await self.room(room)).conversation()

    async def search(
        self,
        room: str,
        query: str,
        *,
        order: SearchOrder = "newest",
        covered: Covered | None = None,
    ) -> AsyncIterator[Message]:
        """Messages of a room with all words of `query` (of the last, the beginning will do), or
        by relevance those with any, the best first. The query may hold `from:`, `has:`,
        `before:` and `after:`; `in:` is for who chooses among rooms.

        `covered` is told how much was searched. Rooms that keep no index at the server are read
        to their beginning, and so is any room for a query without words. ValueError for an
        operator that means nothing.
        """
        asked = parse_query(query)
        if asked.problems:
            raise ValueError(":".join(asked.problems[0]))
        found = await self._desk.ledger(room)
        if found.frozen:
            raise Frozen(found.frozen)
        logbook = self._desk.logbook
        finder = Finder(self._api, logbook, found, asked, order, covered or (lambda _: None))
        if finder.by_server:
            try:
                async for message in finder.asked():
                    yield message
                return
            except ApiError as error:
                # The rules have changed a moment ago, or an older server has no index.
                if error.code != "search_device" and error.status != 404:
                    raise
        if asked.asks_anything:
            for message in finder.among(await self.history(room)):
                yield message

    async def receive(self, *rooms: str) -> AsyncIterator[Message]:
        """Messages that come from now on in these rooms, or in all of one's rooms: one's own and
        changes of others among them, and late ones that could be opened. `history` has those
        before.

        Raises Frozen or NewerVersion when a room cannot be followed any more; call it again
        for the others.
        """
        if rooms:
            for room in rooms:
                await self._desk.room(room)
        elif not self._desk.following:
            await self._follow()
        while True:
            item = await self._desk.inbox.get()
            if isinstance(item, Exception):
                raise item
            if not rooms or item.room in rooms:
                yield item

    async def _follow(self) -> None:
        self._desk.following = True
        for item in await self.summaries():
            if item.get("accepted") is False or item.get("closed"):
                continue
            try:
                await self._desk.room(part(item, "id", str))
            except (Frozen, NewerVersion) as failure:
                self._desk.inbox.put_nowait(failure)
