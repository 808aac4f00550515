"""Facts that were verified of every message ever seen, and the verdicts that follow.

A room can be read in windows: around one message, then around another. Nothing that was seen is
forgotten, so that two windows are judged as one, and no verdict depends on the order of reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sotto.protocol.message import Header
from sotto.protocol.message_order import MessageOrder, Verdict


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """The facts of a message that judge others. `header`: None if it could not be read. `good`:
    whether it is valid by itself.
    """

    seq: int
    id: str
    header: Header | None
    good: bool

    def judge(self, order: MessageOrder) -> Verdict:
        """Put it into its place among the ones before."""
        if self.good and self.header is not None:
            return order.push(self.seq, self.id, self.header)
        missing = order.hold(self.seq, self.id, self.header)
        return Verdict(accepted=False, missing=missing, other_view=False)


class SeenMessages:
    """The messages of a room that were seen, and which numbers were asked for.

    Args:
        after: the seq before the first message that may still exist.
    """

    def __init__(self, after: int = 0) -> None:
        self._after = after
        self._by_seq: dict[int, SeenMessage] = {}
        self._spans: list[tuple[int, int]] = []
        self._verdicts: dict[int, Verdict] | None = {}
        self._highest = (0, "")

    def __contains__(self, seq: int) -> bool:
        return seq in self._by_seq

    def get(self, seq: int) -> SeenMessage | None:
        """The message that was seen at that number."""
        return self._by_seq.get(seq)

    def between(self, first: int, last: int, *, without: set[int]) -> list[SeenMessage]:
        """The messages seen from `first` to `last`, but for some numbers."""
        span = range(first, last + 1)
        return [one for seq, one in self._by_seq.items() if seq in span and seq not in without]

    @property
    def newest(self) -> int:
        """The highest number seen, 0 for none."""
        return max(self._by_seq, default=0)

    @property
    def highest(self) -> tuple[int, str]:
        """Seq and id of the newest message that has an id, verified or not: the next message's
        `sh`.
        """
        return self._highest

    def add(self, message: SeenMessage) -> None:
        """Record a message, in place of another one at that number."""
        self._by_seq[message.seq] = message
        if message.id and message.seq >= self._highest[0]:
            self._highest = (message.seq, message.id)
        self.cover(message.seq, message.seq)

    def cover(self, first: int, last: int) -> None:
        """Record that the server was asked for all messages from `first` to `last`: what is not
        there is missing.
        """
        self._verdicts = None
        apart = []
        for low, high in self._spans:
            if high + 1 < first or last + 1 < low:
                apart.append((low, high))
            else:
                first, last = min(first, low), max(last, high)
        self._spans = sorted([*apart, (first, last)])

    def covers(self, seq: int) -> bool:
        """True if the server was asked for that number."""
        return any(low <= seq <= high for low, high in self._spans)

    def drop_after(self, last: int) -> list[int]:
        """Forget the messages after `last`, which the server does not have any more; returns their
        numbers.
        """
        gone = [seq for seq in self._by_seq if seq > last]
        for seq in gone:
            del self._by_seq[seq]
        named = [one for one in self._by_seq.values() if one.id]
        newest = max(named, key=lambda one: one.seq, default=None)
        self._highest = (newest.seq, newest.id) if newest is not None else (0, "")
        self._spans = [(low, min(high, last)) for low, high in self._spans if low <= last]
        self._verdicts = None
        return sorted(gone)

    def verdict(self, seq: int) -> Verdict:
        """The verdict of all messages seen so far on one of them."""
        if self._verdicts is None:
            self._verdicts = dict(self._judged())
        return self._verdicts[seq]

    def _judged(self) -> Iterator[tuple[int, Verdict]]:
        order = MessageOrder(self._after)
        seqs = iter(sorted(seq for seq in self._by_seq if seq > self._after))
        seq = next(seqs, 0)
        for first, last in self._spans:
            if first - 1 > order.last:
                order.skip(first - 1)
            while first <= seq <= last:
                yield seq, self._by_seq[seq].judge(order)
                seq = next(seqs, 0)
