"""Reading and writing rooms' logs, and the keys that go with them, over REST."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from sotto.api import Api, ApiError, part
from sotto.compose import Author, make_epoch, make_event, make_invite
from sotto.encoding import WireError
from sotto.invite import Link, open_escrow, seal_card, seal_escrow, seal_item
from sotto.log import RoomState
from sotto.profile import Profile, profile_hash, seal_profile, write_profile
from sotto.room import Me, Room
from sotto.roomkeys import wrap_key
from sotto.trust import Trust

TRIES = 20
EPOCHS_ASKED = 100
HOUR = 3_600_000
Body = dict[str, Any]
Build = Callable[[RoomState, Author], Body | None]


def machine_clock() -> int:
    """ms"""
    return time.time_ns() // 1_000_000


class Clock:
    """The server's clock, as far as it was told; `machine` is one's own, both in ms."""

    def __init__(self, machine: Callable[[], int] = machine_clock) -> None:
        self._machine = machine
        self._ahead = 0

    def now(self) -> int:
        return self._machine() + self._ahead

    def set(self, now: Any) -> None:
        if type(now) is int:
            self._ahead = now - self._machine()


class Logbook:
    """What one account does with the logs of its rooms."""

    def __init__(self, api: Api, me: Me, trust: Trust, clock: Clock) -> None:
        self.api = api
        self.me = me
        self.trust = trust
        self.clock = clock

    def author(self) -> Author:
        return Author(self.me.uid, self.me.kid, self.me.keys.ed, self.clock.now())

    async def sync(self, room: Room) -> None:
        """Fetch and check what is new in a room's log."""
        async with room.log_lock:
            more = True
            while more:
                page = await self.api.get(f"chatrooms/{room.id}/log", after=room.log_seq)
                self.trust.learn(part(page, "identities", list))
                events = part(page, "events", list)
                room.extend(events, page.get("head"))
                more = part(page, "more", bool) and bool(events)

    async def sync_keys(self, room: Room) -> None:
        """Take the keys that are there for us, and ask for those that are not."""
        found = await self.api.get(f"chatrooms/{room.id}/keys")
        room.take_wraps(part(found, "wraps", list))
        room.take_profiles(part(found, "profiles", list))
        room.escrows = part(found, "escrows", list)
        lacking = room.lacking()[:EPOCHS_ASKED]
        if lacking:
            await self.api.post(f"chatrooms/{room.id}/key_request", {"e": lacking})

    async def give(self, room: Room, epochs: Iterable[int], kid: str) -> None:
        """Hand keys over to a member, or keep them for oneself."""
        spki = self.trust.known[kid].rsa
        wraps = [
            {"e": e, "to": kid, "ct": wrap_key(room.keys[e], room.id, e, kid, spki)} for e in epochs
        ]
        if wraps:
            await self.api.post(f"chatrooms/{room.id}/wraps", {"wraps": wraps})

    # --- writing ----------------------------------------------------------------------------

    async def append(self, room: Room, build: Build, *, path: str = "log") -> None:
        """Write what `build` makes of the present state, again after each lost race.

        `build` returns None when nothing is left to do.
        """
        for _ in range(TRIES):
            room.check_writable()
            body = build(room.state, self.author())
            if body is None or await self._written(room, path, body):
                return
        raise ApiError("head", "The room is too busy.")

    async def _written(self, room: Room, path: str, body: Body) -> bool:
        put = path == ""
        where = f"chatrooms/{room.id}" + (f"/{path}" if path else "")
        try:
            await (self.api.put if put else self.api.post)(where, body)
        except ApiError as error:
            if error.code == "clock":
                self.clock.set(error.extra.get("now"))
            elif error.code == "head":
                await self.sync(room)
            else:
                raise
            return False
        return True

    async def set_profile(self, room: Room, profile: Profile) -> None:
        plain = write_profile(profile)

        def build(state: RoomState, author: Author) -> Body:
            event = make_event(state, author, "profile", h=profile_hash(plain))
            box = seal_profile(room.keys[state.e], room.id, state.e, plain)
            return {**event, "profile": {"e": state.e, "box": box}}

        await self.append(room, build, path="")
        await self.sync(room)
        room.profile, room.profile_plain = profile, plain

    async def invite(self, room: Room, link: Link, uses: int, hours: float) -> None:
        def build(state: RoomState, author: Author) -> Body:
            exp = max(author.now, state.ts) + int(hours * HOUR)
            event = make_invite(state, author, link, exp=exp, max=uses)
            plain = room.profile_plain or write_profile(Profile(""))
            return {**event, "card": seal_card(link, room.id, plain), **_link_keys(room, link)}

        await self.append(room, build, path="invite")
        await self.sync(room)

    async def leave(self, room: Room) -> None:
        await self.append(room, lambda state, author: dict(make_event(state, author, "leave")))

    async def rotate(self, room: Room, *, only_closed: bool = False) -> None:
        """Begin a new epoch, whose key goes to the members of the verified log and nobody else."""
        await self.sync_keys(room)
        key, before = os.urandom(32), room.state.e

        def build(state: RoomState, author: Author) -> Body | None:
            if state.e > before or (only_closed and state.open):
                return None
            return self._rotation(room, state, author, key)

        await self.append(room, build)
        await self.sync(room)
        if not room.take_key(room.state.e, key):
            await self.sync_keys(room)  # another member was faster

    def _rotation(self, room: Room, state: RoomState, author: Author, key: bytes) -> Body:
        e = state.e + 1
        kids = [kid for _, kid in state.recipients()]
        body: Body = {
            **make_epoch(state, author, key),
            "wraps": [
                {"e": e, "to": kid, "ct": wrap_key(key, room.id, e, kid, self.trust.known[kid].rsa)}
                for kid in kids
            ],
            "invites": _extended_links(room, state, e, key, author.now),
        }
        if room.profile_plain is not None:
            box = seal_profile(key, room.id, e, room.profile_plain)
            body["profile"] = {"e": e, "box": box}
        return body


def _link_keys(room: Room, link: Link) -> Body:
    """The room's keys for whoever has the link, where the policy says so."""
    state = room.state
    if (state.policy["join"], state.policy["history"]) != ("link", "all"):
        return {}
    present = room.keys.get(state.e)
    if present is None:
        raise WireError("the present key is not here yet")
    return {
        "escrow": {
            "e": state.e,
            "box": seal_escrow(present, room.id, link.iid, state.e, link.key),
        },
        "items": [
            {"e": e, "box": seal_item(link.key, room.id, link.iid, e, key)}
            for e, key in sorted(room.keys.items())
        ],
    }


def _extended_links(
    room: Room, state: RoomState, e: int, key: bytes, now: int
) -> list[dict[str, str]]:
    """The new key for each open link whose own key an escrow gives us."""
    found: dict[str, dict[str, str]] = {}
    still_open = set(state.open_invites(max(now, state.ts)))
    for given in room.escrows:
        try:
            iid, old, box = (
                part(given, "iid", str),
                part(given, "e", int),
                part(given, "box", str),
            )
            if iid in found or iid not in still_open or old not in room.keys:
                continue
            link_key = open_escrow(room.keys[old], room.id, iid, old, box)
        except WireError:
            continue
        found[iid] = {
            "iid": iid,
            "escrow": seal_escrow(key, room.id, iid, e, link_key),
            "item": seal_item(link_key, room.id, iid, e, key),
        }
    return list(found.values())
