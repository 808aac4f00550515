"""The search interface of every engine. `tests/messaging/store/test_index.py` is the contract."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from messaging.store.index.postings import Postings, Shape


@dataclass(frozen=True, slots=True)
class Forward:
    """One message's forward list: `tokens`, 3 bytes each, under the search key of `g`."""

    seq: int
    g: int
    tokens: bytes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may answer a query, with what it is checked by, and none of its words.

    `at` in ms; `files`: whether it has any; `erased`: whether it is a tombstone.
    """

    seq: int
    uid: str
    at: int
    g: int
    tokens: bytes
    files: bool
    erased: bool


class TokenIndex(Protocol):
    """Of one engine. Nothing here is believed: a hit is checked by its message's own tokens, so
    that a stale segment can hide a message for a moment and never show a wrong one."""

    shape: Shape

    def sealed(self, room: str) -> int:
        """The first number that is in no segment yet."""

    def forward(self, room: str, first: int, last: int) -> Iterator[Forward]:
        """The forward lists of `first` … `last` that are not empty, newest first."""

    def postings(
        self, room: str, buckets: Iterable[int], first: int, last: int
    ) -> dict[int, Postings]:
        """The postings of segments `first` … `last` in some buckets."""

    def candidates(self, room: str, seqs: Iterable[int]) -> list[Candidate]:
        """Messages by number, in no order; those that are not there are left out."""

    def at(self, room: str, seq: int) -> int:
        """When a message came, ms; 0 if it is not there."""

    def seal(self, room: str, segment: int) -> None:
        """Write a segment (again) from its forward lists. Its mark is written last: what a crash
        interrupts is done again."""

    def fill(
        self,
        room: str,
        tokens: Mapping[int, tuple[int, bytes]],
        epochs: Mapping[int, Collection[int]],
    ) -> int:
        """Give tokens `(g, forward list)` to messages that have none; how many took them. g must
        be that of the message: `epochs` says which epochs' messages are of each."""

    def bare(self, room: str, *, after: int, limit: int) -> list[int]:
        """The numbers of messages that carry no tokens, ascending. Tombstones are not among
        them."""

    def count_bare(self, room: str) -> int:
        """How many there are."""

    def erase(self, room: str, gone: Mapping[int, bytes]) -> None:
        """Take forward lists out of the segments that hold them, by number."""

    def drop(self, room: str) -> None:
        """Empty all segments of a room; they stay sealed."""

    def forget(self, room: str) -> None:
        """Delete all segments of a room."""

    def expire(self, room: str, first: int) -> None:
        """The messages below `first` are gone: so are their postings."""
