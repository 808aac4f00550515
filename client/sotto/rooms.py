"""The rooms of an account: made, joined, opened, left."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sotto import joining, membership
from sotto.api import ApiError
from sotto.exports.export import export_room
from sotto.joining import Preview
from sotto.protocol.encoding import WireError, field_of
from sotto.protocol.event_builder import make_create
from sotto.protocol.identity import Identity
from sotto.protocol.invite_link import Link
from sotto.protocol.log import extend_log
from sotto.protocol.profile import Profile
from sotto.protocol.restore_notice import RestoreNotice, open_notices
from sotto.protocol.room_keys import wrap_key
from sotto.room import Room
from sotto.room_errors import FormerMember, Frozen
from sotto.session import Session

DEFAULT_POLICY = {
    "join": "link",
    "history": "all",
    "ai": "off",
    "ain": 200,
    "search": "server",
    "n": 1000,
    "days": 30,
    "ttl": 0,
}
LINK_ENDED = {"invite_used", "invite_expired", "invite_revoked", "invite_unknown"}


class Rooms:
    """`client.rooms`: the rooms you are a member of."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def all(self) -> list[Room]:
        """Your rooms, with their logs verified. A room that fails verification says why in
        `frozen`. One that you are removed from meanwhile is left out.
        """
        rooms = [await self._loaded(item) for item in await self.overview()]
        return [room for room in rooms if room is not None]

    async def _loaded(self, listed: dict[str, Any]) -> Room | None:
        manager, id_ = self._session.manager, field_of(listed, "id", str)
        try:
            room = await manager.load(id_)
        except Frozen:
            if not manager.has(id_):
                raise  # nothing of it could be verified
            room = manager.cached(id_)
        except FormerMember:
            return None
        room.stopped = listed.get("stopped") is True
        return room

    async def former(self) -> list[Room]:
        """Rooms that you were in and that the server does not list any more, as far as the profile
        keeps them: their verified logs and keys, and the messages that this run has read.
        `check_member` says how a membership ended; where it says nothing, the server denies a room
        without a signed reason.
        """
        former = self._session.manager.former
        known = former.known_ids()  # before the list: a room may be made meanwhile
        listed = {field_of(item, "id", str) for item in await self.overview()}
        rooms = [await former.find(room) for room in known if room not in listed]
        return [room for room in rooms if room is not None and not _was_put_away(room)]

    async def overview(self) -> list[dict[str, Any]]:
        """The server's list of your rooms, unverified: unread counts, requests, peers."""
        return await self._session.manager.overview()

    async def unread(self) -> dict[str, int]:
        """The number of messages since you read a room, by room: neither your own, such as those of
        another program of yours, nor those of people whom you block.
        """
        aside = {self._session.me.uid, *await self._session.manager.blocks.all()}
        return {
            field_of(item, "id", str): max(
                0, item.get("unread", 0) - await self._among(item, aside)
            )
            for item in await self.overview()
        }

    async def _among(self, listed: dict[str, Any], uids: set[str]) -> int:
        """The number of messages by `uids` that the server counts as unread in a listed room."""
        many = 0
        query = {"after": listed.get("read", 0)}
        while listed.get("unread", 0):
            try:
                page = await self._session.api.get(f"chatrooms/{listed['id']}/unread", **query)
            except ApiError as error:
                if error.code != "not_found":
                    raise
                return many  # removed since the list was made
            for author in field_of(page, "authors", list):
                if field_of(author, "uid", str) in uids:
                    many += len(field_of(author, "seqs", list))
            if page.get("more") is None:
                break
            more = field_of(page, "more", int)
            if more >= query.get("before", more + 1):
                raise WireError("an answer of another shape")
            query["before"] = more
        return many

    async def open(self, room: str) -> Room:
        """A room with its messages read, as of its newest log event."""
        found = await self._session.manager.open(room)
        await self._session.manager.catch_up(found)
        return found

    async def create(self, name: str, topic: str = "", **policy: str | int) -> str:
        """Create a room.

        Args:
            policy: fields of the room's policy that differ from the default.

        Returns:
            The room's id.
        """
        room = await self._create("group", {**DEFAULT_POLICY, **policy})
        await self._session.log_api.set_profile(room, Profile(name, topic))
        self._session.manager.schedule_save()
        return room.id

    async def _create(self, kind: str, policy: dict[str, Any]) -> Room:
        me, key = self._session.me, os.urandom(32)
        event = make_create(self._session.log_api.author(), policy, key, kind=kind)
        state = extend_log(None, [event], self._session.trust.known)
        ct = wrap_key(key, state.room, 1, me.kid, me.keys.spki)
        wraps = [{"e": 1, "to": me.kid, "ct": ct}]
        await self._session.api.post("chatrooms", {**event, "wraps": wraps})
        return await self._session.manager.open(state.room)

    async def direct(self, name: str) -> str:
        """The direct room with another person, created if there is none. They have to accept it.

        Returns:
            The room's id.

        Raises:
            UnapprovedKeys: it is not certain whose keys these are; no room was created.
        """
        person = await membership.find_person(self._session.log_api, name)
        for item in await self.overview():
            peer = item.get("peer") or {}
            if peer.get("uid") == person.uid and not item.get("closed"):
                return await self._check_direct(field_of(item, "id", str), person.uid)
        self._session.trust.must_know(person)
        return await self._create_direct(person)

    async def _create_direct(self, person: Identity) -> str:
        room = await self._create("direct", {**DEFAULT_POLICY, "join": "approve"})
        try:
            await membership.add(self._session.log_api, room, person)
        except ApiError as error:
            await self.leave(room.id)
            if error.code != "direct_exists":
                raise
            return await self._check_direct(field_of(error.extra, "room", str), person.uid)
        return room.id

    async def _check_direct(self, room: str, uid: str) -> str:
        """`room`, if its log proves that it is the direct room with `uid`: the server could name
        any other room.
        """
        state = (await self._session.manager.load(room)).state
        two = {self._session.me.uid, uid}
        if state.kind != "direct" or not state.members.keys() <= two or uid not in state.spans:
            raise WireError("the server answered with the room of somebody else")
        return room

    async def preview(self, url: str) -> Preview:
        """Show the room behind an invitation link, without joining."""
        return await joining.preview(self._session.log_api, Link.parse(url))

    async def join(self, url: str, wait: float | None = None) -> str:
        """Join by an invitation link. Where members decide, knock and wait for their answer. May be
        repeated: a member stays one, and uses nothing up, also where the link has ended since.

        Args:
            url: the link, or only its fragment.
            wait: how many seconds to wait for an answer; None forever.

        Returns:
            The room's id.

        Raises:
            TimeoutError: nobody answered within `wait` seconds.
            ApiError: `refused`, or what the server says of the link.
        """
        link, log_api = Link.parse(url), self._session.log_api
        try:
            seen, fresh = await joining.join(log_api, link)
        except ApiError as error:
            joined = await self._joined_by(link) if error.code in LINK_ENDED else None
            if joined is None:
                raise
            return joined
        if fresh and seen.state is None:
            async with asyncio.timeout(wait):
                await joining.wait_for_answer(log_api, link)
        room = await self._session.manager.load(seen.room)
        if seen.state is not None:  # before the messages, which they open
            await self._fetch_link_keys(room, link, fresh=fresh)
        await self._session.manager.open(room.id)
        if fresh:
            messages = joining.messages_since_joining(room, self._session.me.uid)
            self._session.manager.deliver(messages)
        return room.id

    async def _joined_by(self, link: Link) -> str | None:
        """The room whose verified log has this link and this account as a member."""
        for room in await self.all():
            invite = room.state.invites.get(link.iid)
            if invite is not None and invite.ipk == link.ipk and room.is_member:
                return room.id
        return None

    async def _fetch_link_keys(self, room: Room, link: Link, *, fresh: bool) -> None:
        try:
            await joining.fetch_link_keys(self._session.log_api, room, link)
        except ApiError as error:
            if fresh or error.code != "invite_unknown":
                raise  # a member who came in by another way gets no keys of this link

    async def accept(self, room: str) -> None:
        """Accept a room that somebody added you to. `leave` refuses it."""
        await self._session.api.post(f"chatrooms/{room}/accept", {})
        if self._session.manager.has(room):
            await self._session.log_api.sync_keys(self._session.manager.cached(room))

    async def leave(self, room: str) -> None:
        """Leave a room. Its other members rotate the key before they send anything else."""
        await membership.leave(self._session.log_api, await self._session.manager.load(room))
        self._session.manager.forget(room)

    async def delete(self, room: str) -> None:
        """Remove a closed room from your list."""
        await self._session.api.delete(f"chatrooms/{room}")
        self._session.manager.forget(room)

    async def forget(self, room: str) -> None:
        """Delete what this device keeps of a room that you are no longer in: its verified log, its
        keys, and which messages were yours. Nothing here can read or check it afterwards.

        Raises:
            ApiError: `still_listed` if it is in your list of rooms.
        """
        if any(item.get("id") == room for item in await self.overview()):
            raise ApiError("still_listed", "You are in this room. Leave it first.")
        self._session.manager.erase(room)

    async def export(self, room: str) -> dict[str, Any]:
        """Everything known of a room with its proofs, for `json.dumps`: see `sotto.exports.export`.
        Of a frozen room it is the evidence; of a room that you are no longer in, what is kept here.

        Raises:
            ApiError: `not_found` if nothing is kept of it either.
        """
        manager = self._session.manager
        try:
            found = await self.open(room)
        except Frozen:
            found = manager.cached(room)
        except (FormerMember, ApiError) as error:
            denied = isinstance(error, FormerMember) or error.code == "not_found"
            former = await manager.former.find(room) if denied else None
            if former is None:
                raise
            found = former
        return export_room(found, self._session.clock.now())

    async def accept_server_version(self, room: str) -> Room:
        """Unfreeze a room: discard what was verified before and read it as the server has it now.

        A restored backup looks like an attack; only you can know that it is none.
        """
        return await self._session.manager.accept_server_version(room)

    async def restore_notices(self) -> list[RestoreNotice]:
        """The operator's notices that the site was restored from a backup, newest first. They may
        explain a frozen room and prove nothing.
        """
        return open_notices(await self._session.api.get("site"))


def _was_put_away(room: Room) -> bool:
    """True for a closed room that was removed from the list."""
    return room.is_member and room.state.ended
