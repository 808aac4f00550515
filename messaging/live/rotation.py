"""Decides when a room needs a new key and which client is asked to create it."""

from __future__ import annotations

import time
from collections.abc import Callable

from chatsite.lib.errors import Refused
from messaging.live.executor import DatabaseExecutor
from messaging.store.base import MessageStore
from rooms.memberships import MembershipSnapshot

LEASE = 10.0  # seconds
DAY = 24 * 3600 * 1000  # ms


class Rotation:
    """Leases rotations to clients; one per hub. `ticks` is a monotonic clock in seconds."""

    def __init__(
        self,
        store: MessageStore,
        threads: DatabaseExecutor,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._threads = threads
        self.ticks = ticks
        self._leases: dict[str, tuple[str, float]] = {}
        self._begins: dict[str, tuple[int, int]] = {}

    def answer(self, room: str, sid: str) -> Refused:
        """The refusal for a client whose room is closed: one client may rotate, the others wait.

        The same client gets the same answer again until its lease ends.
        """
        holder, until = self._leases.get(room, ("", 0.0))
        now = self.ticks()
        if now >= until:
            self._leases[room] = (sid, now + LEASE)
        elif holder != sid:
            return Refused("Another member is renewing the room's key.", code="wait")
        return Refused("The room needs a new key first.", code="rotate_first")

    def renewed(self, room: str) -> None:
        """Release the lease after the room got a new key."""
        self._leases.pop(room, None)

    async def begin(self, membership: MembershipSnapshot) -> int:
        """The number of the last message before the room's epoch. Cached."""
        e, begin = self._begins.get(membership.room, (0, 0))
        if e != membership.epoch:
            begin = await self._threads.run(
                self._store.before_epoch, membership.room, membership.epoch
            )
            self._begins[membership.room] = (membership.epoch, begin)
        return begin


def due(membership: MembershipSnapshot, begin: int, seq: int, now: int) -> bool:
    """True if an epoch that began after message `begin` is older than the policy asks.

    `seq` is the newest message; `now` in ms.
    """
    if membership.rotate_days and now - membership.epoch_ts > membership.rotate_days * DAY:
        return True
    return bool(membership.rotate_n) and seq - begin >= membership.rotate_n
