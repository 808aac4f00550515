"""Reading and writing rooms' logs, and the keys that go with them, over REST."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from sotto.api import Api, ApiError, part
from sotto.protocol.event_builder import Author, make_event
from sotto.protocol.profile import Profile, profile_hash, seal_profile, write_profile
from sotto.protocol.room_keys import wrap_key
from sotto.protocol.room_state import RoomState
from sotto.room import Me, Room
from sotto.trust import Trust

TRIES = 20
EPOCHS_ASKED = 100
WRAPS_AT_ONCE = 500
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
            room.check_head()

    async def sync_keys(self, room: Room) -> None:
        """Take the keys that are there for us, and ask for those that are not."""
        if room.state.ended:
            return
        profiles: list[Any] = []
        escrows: list[Any] = []
        async for found in self.api.pages(f"chatrooms/{room.id}/keys"):
            room.take_wraps(part(found, "wraps", list))
            profiles += part(found, "profiles", list)
            escrows += part(found, "escrows", list)
        room.take_profiles(profiles)
        room.escrows = escrows
        lacking = room.lacking()[:EPOCHS_ASKED]
        if lacking:
            await self._ask_for(room, lacking)

    async def _ask_for(self, room: Room, epochs: list[int]) -> None:
        """Ask members for keys; before a request is accepted the server lets nobody hear of it."""
        try:
            await self.api.post(f"chatrooms/{room.id}/key_request", {"e": epochs})
        except ApiError as error:
            if error.code != "not_accepted":
                raise

    def wraps(self, room: Room, kid: str, epochs: Iterable[int]) -> list[Body]:
        """Keys that one holds, for the identity `kid`.

        Raises:
            UnapprovedKeys: it is not certain who that is.
        """
        if kid != self.me.kid:
            self.trust.must_know(self.trust.known[kid], room.state)
        spki = self.trust.known[kid].rsa
        return [
            {"e": e, "to": kid, "ct": wrap_key(room.keys[e], room.id, e, kid, spki)} for e in epochs
        ]

    async def give(self, room: Room, epochs: Iterable[int], kid: str) -> None:
        """Hand keys over to a member, or keep them for oneself."""
        epochs = sorted(epochs)
        await self.give_all(room, [(e, kid) for e in epochs])
        if kid == self.me.kid:
            room.wrapped.update(epochs)

    async def give_all(self, room: Room, wanted: list[tuple[int, str]]) -> None:
        """Hand over the keys of epochs to the identities (kid) that are named with them."""
        for at in range(0, len(wanted), WRAPS_AT_ONCE):
            some = wanted[at : at + WRAPS_AT_ONCE]
            wraps = [wrap for e, kid in some for wrap in self.wraps(room, kid, [e])]
            await self.api.post(f"chatrooms/{room.id}/wraps", {"wraps": wraps})

    # --- writing ----------------------------------------------------------------------------

    async def append(self, room: Room, build: Build, *, path: str = "log") -> None:
        """Write what `build` makes of the present state, again after each lost race.

        `build` returns None when nothing is left to do.
        """
        for _ in range(TRIES):
            room.check_open()
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

    async def change(self, room: Room, t: str, **extra: Any) -> None:
        """An event with nothing beside it; `extra` in the order of its schema."""
        await self.append(room, lambda state, author: dict(make_event(state, author, t, **extra)))
        await self.sync(room)

    async def set_profile(self, room: Room, profile: Profile) -> None:
        plain = write_profile(profile)

        def build(state: RoomState, author: Author) -> Body:
            event = make_event(state, author, "profile", h=profile_hash(plain))
            box = seal_profile(room.keys[state.e], room.id, state.e, plain)
            files = [profile.avatar["id"]] if profile.avatar else []
            return {**event, "profile": {"e": state.e, "box": box}, "files": files}

        await self.append(room, build, path="")
        await self.sync(room)
        room.profile, room.profile_plain = profile, plain
        room.profiled.add(room.state.e)
