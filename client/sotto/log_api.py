"""Reads and writes rooms' logs, and the keys that belong to them, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from sotto.api import Api, ApiError
from sotto.keys.trust import Trust
from sotto.protocol.encoding import field_of
from sotto.protocol.event_builder import Author, make_event
from sotto.protocol.profile import Profile, profile_hash, seal_profile, write_profile
from sotto.protocol.room_keys import wrap_key
from sotto.protocol.room_state import RoomState
from sotto.room import Me, Room

TRIES = 20
MOST_EPOCHS_REQUESTED = 100
WRAPS_AT_ONCE = 500
ENDS = {"room_closed", "not_found"}
"""Codes of refusals that say that a room has ended for the account: its log has to say so, too."""
Body = dict[str, Any]
Build = Callable[[RoomState, Author], Body | None]


def machine_clock() -> int:
    """The machine's time, in ms."""
    return time.time_ns() // 1_000_000


class Clock:
    """The server's time, as far as it was told.

    Args:
        machine: returns the machine's time, in ms.
    """

    def __init__(self, machine: Callable[[], int] = machine_clock) -> None:
        self._machine = machine
        self._ahead = 0

    def now(self) -> int:
        """The server's time, in ms."""
        return self._machine() + self._ahead

    def agreed(self) -> int:
        """The time (ms) that has come for this machine and the server alike: a server whose clock
        runs ahead hides nothing that was read.
        """
        return min(self._machine(), self.now())

    def set(self, now: Any) -> None:
        """Adjust to the time in a server's answer; anything but an integer is ignored."""
        if type(now) is int:
            self._ahead = now - self._machine()


class LogApi:
    """Reads and appends to the logs of one account's rooms."""

    def __init__(self, api: Api, me: Me, trust: Trust, clock: Clock) -> None:
        self.api = api
        self.me = me
        self.trust = trust
        self.clock = clock

    def author(self) -> Author:
        """The author and time of the next event."""
        return Author(self.me.uid, self.me.kid, self.me.keys.ed, self.clock.now())

    async def sync(self, room: Room) -> None:
        """Fetch and verify a room's new log events.

        Raises:
            Frozen: the log is shorter, another or illegal.
            NewerVersion: it holds events that this version does not know.
        """
        async with room.log_lock:
            more = True
            while more:
                page = await self.api.get(f"chatrooms/{room.id}/log", after=room.log_seq)
                self.trust.learn(field_of(page, "identities", list))
                events = field_of(page, "events", list)
                room.extend(events, page.get("head"))
                more = field_of(page, "more", bool) and bool(events)
            room.check_head()

    async def sync_keys(self, room: Room) -> None:
        """Fetch the keys wrapped to this account, and request those that are missing."""
        if room.state.ended:
            return
        profiles: list[Any] = []
        escrows: list[Any] = []
        async for page in self.api.pages(f"chatrooms/{room.id}/keys"):
            room.accept_wraps(field_of(page, "wraps", list))
            profiles += field_of(page, "profiles", list)
            escrows += field_of(page, "escrows", list)
        room.accept_profiles(profiles)
        room.escrows = escrows
        missing = room.missing_epochs()[:MOST_EPOCHS_REQUESTED]
        if missing:
            await self._request_keys(room, missing)

    async def _request_keys(self, room: Room, epochs: list[int]) -> None:
        """Ask members for keys. The server forwards nothing before the room was accepted."""
        try:
            await self.api.post(f"chatrooms/{room.id}/key_request", {"e": epochs})
        except ApiError as error:
            if error.code != "not_accepted":
                raise

    def wraps(self, room: Room, kid: str, epochs: Iterable[int]) -> list[Body]:
        """Wrap keys that this account holds to the identity `kid`.

        Raises:
            UnapprovedKeys: it is not certain whose keys these are.
        """
        if kid != self.me.kid:
            self.trust.must_know(self.trust.known[kid], room.state)
        spki = self.trust.known[kid].rsa
        return [
            {"e": e, "to": kid, "ct": wrap_key(room.keys[e], room.id, e, kid, spki)} for e in epochs
        ]

    async def share_keys(self, room: Room, epochs: Iterable[int], kid: str) -> None:
        """Give keys to a member, or store them for this account."""
        epochs = sorted(epochs)
        await self.share_wraps(room, [(e, kid) for e in epochs])
        if kid == self.me.kid:
            room.wrapped_epochs.update(epochs)

    async def share_wraps(self, room: Room, wanted: list[tuple[int, str]]) -> None:
        """Give keys to several members.

        Args:
            wanted: (epoch, kid) each.
        """
        for at in range(0, len(wanted), WRAPS_AT_ONCE):
            some = wanted[at : at + WRAPS_AT_ONCE]
            wraps = [wrap for e, kid in some for wrap in self.wraps(room, kid, [e])]
            await self.api.post(f"chatrooms/{room.id}/wraps", {"wraps": wraps})

    # --- writing ----------------------------------------------------------------------------

    async def append(self, room: Room, build: Build, *, path: str = "log") -> None:
        """Write an event. After a lost race, rebuild it on the newer state and try again.

        Args:
            build: returns the request's body for a state, or None if nothing is left to do.
            path: where it is posted, below the room; "" puts the room itself.

        Raises:
            ApiError: what the server refused; `head` after too many lost races.
            Closed, FormerMember, Frozen, NewerVersion: the room takes no events.
        """
        for _ in range(TRIES):
            room.check_open()
            body = build(room.state, self.author())
            if body is None or await self.write(room, path, body):
                return
        raise ApiError("head", "This room is changing too quickly. Try again.")

    async def write(self, room: Room, path: str, body: Body) -> bool:
        """Send one event.

        Returns:
            False if it has to be rebuilt, because the log or the clock moved.
        """
        send = self.api.post if path else self.api.put
        where = f"chatrooms/{room.id}" + (f"/{path}" if path else "")
        try:
            await send(where, body)
        except ApiError as error:
            if error.code == "clock":
                self.clock.set(error.extra.get("now"))
            elif error.code == "head":
                await self.sync(room)
            else:
                if error.code in ENDS:  # only the log proves it
                    await self.sync(room)
                    room.check_open()
                raise
            return False
        return True

    async def change(self, room: Room, t: str, **extra: str | int) -> None:
        """Write an event of type `t` that needs nothing beside it.

        Args:
            extra: the event's own fields, in the order of its schema.
        """
        await self.append(room, lambda state, author: dict(make_event(state, author, t, **extra)))
        await self.sync(room)

    async def set_profile(self, room: Room, profile: Profile) -> None:
        """Change a room's name, topic and avatar."""
        plain = write_profile(profile)

        def build(state: RoomState, author: Author) -> Body:
            event = make_event(state, author, "profile", h=profile_hash(plain))
            box = seal_profile(room.keys[state.e], room.id, state.e, plain)
            files = [profile.avatar["id"]] if profile.avatar else []
            return {**event, "profile": {"e": state.e, "box": box}, "files": files}

        await self.append(room, build, path="")
        await self.sync(room)
        room.profile, room.profile_plain = profile, plain
        room.profile_epochs.add(room.state.e)
