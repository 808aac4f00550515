"""Charges a batch of messages to its senders' storage, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import storage
from accounts.storage import Usage
from messaging.store.base import NewMessage, Rejected

BESIDE = 1024
"""Bytes charged for a stored message beside `h` and `ct`: numbers, ids, indexes, tokens."""
FOR_ERASING = 1024 * 1024
"""Bytes above the budget for messages that erase others, so that a person whose storage is full can
still delete."""
MOST_KNOWN = 50_000  # people
UNKNOWN = Usage()  # `save` notices where it is wrong

Used = dict[str, Usage]
"""Usage by uid, as one process last read it; it may be behind."""


def cost(message: NewMessage) -> int:
    """The bytes charged for a message."""
    return BESIDE + len(message.header) + len(message.ciphertext)


class Overdrawn(Exception):
    """A person has stored more meanwhile than was cached. The batch must be rolled back; a retry
    rejects messages that do not fit.
    """


class Budget:
    """Charges one batch. `used` is shared by all batches of a store."""

    def __init__(self, used: Used) -> None:
        self._used = used
        self._asked: set[str] = set()
        self._erasing: set[str] = set()
        self._taken: dict[str, int] = {}
        self._freed: dict[str, int] = {}

    def refuse(self, message: NewMessage) -> Rejected | None:
        """Reject a message that does not fit with `quota`. Queries the database only for people who
        seem to have reached their limit.
        """
        if not self._fits(message) and message.uid not in self._asked:
            self._asked.add(message.uid)
            self._used[message.uid] = storage.usage_of(message.uid)
        return None if self._fits(message) else Rejected("quota")

    def _fits(self, message: NewMessage) -> bool:
        usage = self._used.get(message.uid, UNKNOWN)
        before = usage.total + self._taken.get(message.uid, 0)
        return before + cost(message) <= _most(usage, erasing=bool(message.erase))

    def take(self, message: NewMessage) -> None:
        """Charge a message to its sender."""
        self._taken[message.uid] = self._taken.get(message.uid, 0) + cost(message)
        if message.erase:
            self._erasing.add(message.uid)

    def free(self, uid: str, amount: int) -> None:
        """Refund `amount` bytes of a person's erased messages."""
        self._freed[uid] = self._freed.get(uid, 0) + amount

    def save(self) -> None:
        """Write all charges and refunds, usually in one statement, within a transaction.

        Raises:
            Overdrawn: if a person is above the budget now; roll the transaction back.
        """
        taken, self._taken = self._taken, {}
        totals = storage.add("messages", taken)
        if len(self._used) > MOST_KNOWN:
            self._used.clear()
        over = {
            uid: usage.but(taken[uid])
            for uid, usage in totals.items()
            if usage.total > _most(usage, erasing=uid in self._erasing)
        }
        self._used.update({**totals, **over})
        if over:
            raise Overdrawn
        freed, self._freed = self._freed, {}
        storage.give_back("messages", freed)

    def undo(self, messages: Iterable[NewMessage]) -> None:
        """Refund messages that were charged but not stored."""
        amounts: dict[str, int] = {}
        for message in messages:
            amounts[message.uid] = amounts.get(message.uid, 0) + cost(message)
        storage.give_back("messages", amounts)


def _most(usage: Usage, *, erasing: bool) -> int:
    return usage.limit + (FOR_ERASING if erasing else 0)
