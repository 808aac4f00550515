"""The search interface of every engine. `tests/messaging/store/test_index.py` is the contract."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from messaging.store.index.postings import Shape
from messaging.store.index.tail import Forward, Pieces


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may match a query, with the fields to check it, and none of its words.

    `stored_ms` is the time of the server; `files` is true if it has any; `erased` is true for a
    tombstone.
    """

    seq: int
    uid: str
    stored_ms: int
    generation: int
    tokens: bytes
    files: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index of a room reaches.

    `first` is the oldest stored number, 0 if there is none; `sealed` the first number that is in no
    sealed segment yet; `bare` how many messages have no tokens, except tombstones; `older` tells
    whether one has tokens of version 1 only.
    """

    first: int
    sealed: int
    bare: int
    older: bool


class TokenIndex(Protocol):
    """The search index of one engine. It is only a hint: every hit is checked by its message's own
    tokens, so a stale segment can hide a message for a moment, but never return a wrong one.
    """

    shape: Shape
    pieces: Pieces

    def sealed(self, room: str) -> int:
        """The first number that is in no sealed segment yet."""

    def forward(self, room: str, first: int, last: int) -> list[Forward]:
        """The forward lists of the messages `first` … `last`, ascending, empty ones included."""

    def postings(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, list[tuple[int, bytes]]]:
        """Read postings. Those of a stale segment are computed from its messages.

        Args:
            buckets: The first byte(s) of tokens, see `Shape`.
            first, last: Numbers of segments.

        Returns:
            By bucket: (segment, entries) for each segment that has some, ascending.
        """

    def candidates(self, room: str, seqs: Iterable[int]) -> list[Candidate]:
        """Messages by number, unordered; absent ones are left out."""

    def at(self, room: str, seq: int) -> int:
        """The time when a message was stored, in ms; 0 if it is absent."""

    def seal(self, room: str, segment: int) -> None:
        """Write a segment from its forward lists. Its mark is written last, so that an interrupted
        write is repeated. Idempotent. Then it is no longer stale, unless tokens came meanwhile.
        """

    def stale(self, room: str) -> list[int]:
        """The sealed segments whose messages have got tokens since they were written, ascending."""

    def fill(
        self,
        room: str,
        tokens: Mapping[int, tuple[int, bytes]],
        epochs: Mapping[int, Collection[int]],
        version: int = 1,
    ) -> int:
        """Add tokens of a version to messages that have none of it. Tokens that are there stay.
        Segments that are sealed become stale.

        Args:
            tokens: (generation, forward list) by number of message.
            epochs: The epochs of each generation; one that is not the message's is ignored.
            version: Of the tokens.

        Returns:
            The number of messages that accepted theirs.
        """

    def bare(self, room: str, *, after: int, limit: int, version: int = 1) -> list[int]:
        """Find messages to be indexed.

        Returns:
            The numbers of the first `limit` messages after `after` without tokens of a version,
            ascending, except tombstones.
        """

    def count_bare(self, room: str, version: int = 1) -> int:
        """The number of messages without tokens of a version, except tombstones."""

    def state(self, room: str) -> IndexState:
        """The facts that every search needs first, read at once."""

    def erase(self, room: str, gone: Mapping[int, bytes]) -> None:
        """Remove erased messages from the segments that hold them.

        Args:
            gone: The forward list of each, by number.
        """

    def drop(self, room: str) -> None:
        """Empty all segments of a room; they stay sealed, so that nothing is written again."""

    def drop_segments(self, room: str) -> None:
        """Delete all segments of a room."""

    def expire(self, room: str, first: int) -> None:
        """Delete the postings of expired messages, those below `first`."""
