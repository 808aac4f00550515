"""Validates messages before they are stored, the same for every engine."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Sequence
from typing import Protocol

from django.conf import settings

from messaging.store.base import Appended, NewMessage, Outcome, Rejected
from messaging.store.heads import ChainHead, HeadCache, Person, Sender

TRIES = 50  # for a batch, if other processes write to the same room
PAUSE = 0.004  # seconds at most before the second try; longer before later ones


def backoff(attempt: int) -> None:
    """Wait a random time after another process won, longer with each attempt."""
    time.sleep(random.uniform(0, PAUSE * (attempt + 1)))  # noqa: S311 (no secret)


class HeadLookup(Protocol):
    """Reads the last messages of rooms and senders from the engine."""

    def sent(self, message: NewMessage) -> ChainHead | None:
        """The number and id of the message with this (room, uid, cid), if there is one."""

    # These read what a whole batch needs in a constant number of queries.

    def tips(self, senders: Collection[Sender]) -> dict[Sender, ChainHead]:
        """The n and id of each device's last message; devices without one are left out."""

    def devices(self, people: Collection[Person]) -> dict[Person, int]:
        """An upper bound of the devices from which each person has sent to a room: one whose first
        messages have expired may count twice.
        """

    def ends(self, rooms: Collection[str]) -> dict[str, tuple[int, int]]:
        """Each room's newest number and the epoch of that message; empty rooms are left out."""


class AppendValidator:
    """Validates the messages of one batch. `heads` are the heads after the batch. `remembered`, the
    cached ones of earlier batches, may be behind other processes: the engine's unique indexes
    notice, and the batch is then retried with `careful`, which asks the engine only.
    """

    def __init__(self, lookup: HeadLookup, remembered: HeadCache, *, careful: bool) -> None:
        self.heads = HeadCache()
        self._lookup = lookup
        self._remembered = remembered
        self._careful = careful
        self._here: dict[tuple[str, str, str], ChainHead] = {}
        self._devices: dict[Person, int] = {}

    def read_ahead(self, batch: Sequence[NewMessage]) -> None:
        """Read the heads that a batch needs and that no earlier batch has left."""
        self._read_ends({message.room for message in batch} - self._remembered.rooms.keys())
        self._read_tips({_sender(message) for message in batch} - self._remembered.senders.keys())
        begin = {(message.room, message.uid) for message in batch if message.chain_number == 1}
        self._devices = self._lookup.devices(begin) if begin else {}

    def refuse(self, message: NewMessage) -> Outcome | None:
        """Compare a message with its sender's chain and the room's epoch; None if it follows.

        A message that follows the cached head is not looked up by its cid: if it is already stored,
        the unique index on (room, uid, cid) notices and the batch is retried carefully.
        """
        return self._by_sender(message) or self._by_epoch(message) or self._by_devices(message)

    def _by_sender(self, message: NewMessage) -> Outcome | None:
        sender, following = _sender(message), (message.chain_number - 1, message.previous_id)
        here = self._here.get(_cid(message))
        if not self._careful and here is None and self._tip(sender) == following:
            return None
        known = here or self._lookup.sent(message)
        if known is not None:
            seq, mid = known
            if mid == message.message_id:
                return Appended(seq, fresh=False)
            return Rejected("conflict", {"seq": seq, "id": mid})
        n, last = self._tip(sender, ask=True)
        return None if (n, last) == following else Rejected("order", {"n": n, "id": last})

    def _by_epoch(self, message: NewMessage) -> Outcome | None:
        return Rejected("stale") if message.epoch < self._room(message.room)[1] else None

    def _by_devices(self, message: NewMessage) -> Outcome | None:
        """Limit the chains that a person may begin in a room."""
        if message.chain_number > 1:
            return None
        begun = self._devices.get((message.room, message.uid), 0) + sum(
            (room, uid) == (message.room, message.uid) and dev != message.device and n == 1
            for (room, uid, dev), (n, _) in self.heads.senders.items()
        )
        return Rejected("devices") if begun >= settings.DEVICES_PER_ROOM else None

    def next_seq(self, message: NewMessage) -> int:
        """The number of the room's next message."""
        return self._room(message.room)[0] + 1

    def take(self, message: NewMessage, seq: int) -> None:
        """Record a message as stored under number `seq`."""
        self.heads.rooms[message.room] = (seq, message.epoch)
        self.heads.senders[_sender(message)] = (message.chain_number, message.message_id)
        self._here[_cid(message)] = (seq, message.message_id)

    def _room(self, room: str) -> tuple[int, int]:
        if room not in self.heads.rooms:
            remembered = self._remembered.rooms.get(room)
            if remembered is None:  # another thread has dropped it since
                self._read_ends({room})
            else:
                self.heads.rooms[room] = remembered
        return self.heads.rooms[room]

    def _tip(self, sender: Sender, *, ask: bool = False) -> ChainHead:
        """The device's last message; `ask` skips the cache."""
        if sender in self.heads.senders:
            return self.heads.senders[sender]
        remembered = None if ask else self._remembered.senders.get(sender)
        if remembered is not None:
            return remembered
        self._read_tips({sender})
        return self.heads.senders[sender]

    def _read_ends(self, rooms: Collection[str]) -> None:
        ends = self._lookup.ends(rooms) if rooms else {}
        self.heads.rooms.update((room, ends.get(room, (0, 0))) for room in rooms)

    def _read_tips(self, senders: Collection[Sender]) -> None:
        tips = self._lookup.tips(senders) if senders else {}
        self.heads.senders.update((sender, tips.get(sender, (0, ""))) for sender in senders)


def _sender(message: NewMessage) -> Sender:
    return message.room, message.uid, message.device


def _cid(message: NewMessage) -> tuple[str, str, str]:
    return message.room, message.uid, message.client_message_id
