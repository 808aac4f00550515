"""Segments: the tokens of 4,096 messages, by their first byte.

A message row keeps its own tokens (3 bytes each, ascending): the forward list. Once a segment's
last number is taken it is sealed: its forward lists are turned into at most 256 postings lists, one
for each first byte of a token. An entry is `(token & 0xFFFF) << 12 | offset` as a little-endian
uint32, so that 16 bits of token and 12 of offset fit. Until then messages are scanned one by one; a
small room never has a segment.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 12  # the low bits of a number: its position in a segment
PIECE_BITS = 3  # eight pieces are as many messages as a segment
TOKEN_BYTES = 3
SEALED = -1  # the bucket of the row that marks a segment as complete
STALE = -2  # that of a row that marks a sealed segment as older than its messages' tokens

Postings = dict[int, bytes]
"""The entries of one segment, by bucket."""

Numbers = NDArray[np.int64]
"""Message numbers, ascending."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Maps numbers to segments of `2 ** bits`; smaller ones are for tests."""

    bits: int = BITS

    @property
    def piece(self) -> int:
        """Messages that are read at a time while they are in no segment."""
        return 1 << max(0, self.bits - PIECE_BITS)

    def segment(self, seq: int) -> int:
        """The segment of a message number."""
        return seq >> self.bits

    def first(self, segment: int) -> int:
        """The first message number of a segment."""
        return segment << self.bits

    def last(self, segment: int) -> int:
        """The last message number of a segment."""
        return self.first(segment + 1) - 1

    def entry(self, token: int, seq: int) -> int:
        """The posting of a token in message `seq`: 16 bits of token, 12 of offset."""
        return (token & 0xFFFF) << BITS | (seq & ((1 << self.bits) - 1))

    def numbers(self, lists: Sequence[tuple[int, bytes]], token: int) -> Numbers:
        """The messages that have a token.

        Args:
            lists: segments, ascending, with their entries in the token's bucket.
        """
        found = array("I")
        firsts: list[int] = []
        counts: list[int] = []
        low = (token & 0xFFFF) << BITS
        for segment, packed in lists:
            entries = unpack(packed)  # ascending: two searches touch less than a comparison of all
            begin = bisect_left(entries, low)
            end = bisect_left(entries, low + (1 << BITS), begin)
            if end > begin:
                found += entries[begin:end]
                firsts.append(self.first(segment))
                counts.append(end - begin)
        if not counts:
            return np.empty(0, np.int64)
        offsets = np.frombuffer(found, np.uint32) & ((1 << BITS) - 1)
        return np.repeat(np.array(firsts, np.int64), counts) + offsets

    def build(self, rows: Iterable[tuple[int, bytes]]) -> Postings:
        """The postings of rows `(seq, forward list)`, all of one segment."""
        buckets: dict[int, list[int]] = {}
        for seq, forward in rows:
            for at in range(0, len(forward), TOKEN_BYTES):
                token = int.from_bytes(forward[at : at + TOKEN_BYTES], "big")
                buckets.setdefault(bucket_of(token), []).append(self.entry(token, seq))
        return {bucket: _pack(sorted(entries)) for bucket, entries in buckets.items()}

    def without(self, postings: Mapping[int, bytes], gone: Mapping[int, bytes]) -> Postings:
        """The buckets that change when the forward lists `gone` are removed."""
        drop: dict[int, set[int]] = {}
        for seq, forward in gone.items():
            for token in tokens_in(forward):
                drop.setdefault(bucket_of(token), set()).add(self.entry(token, seq))
        return {
            bucket: _pack([entry for entry in unpack(postings[bucket]) if entry not in entries])
            for bucket, entries in drop.items()
            if bucket in postings
        }


def bucket_of(token: int) -> int:
    """The bucket of a token: its first byte."""
    return token >> 16


def from_messages(
    found: dict[int, list[tuple[int, bytes]]],
    buckets: Iterable[int],
    built: Mapping[int, Postings],
) -> dict[int, list[tuple[int, bytes]]]:
    """The entries `found` of some buckets, in which those of the segments `built` are replaced."""
    if not built:
        return found
    replaced: dict[int, list[tuple[int, bytes]]] = {}
    for bucket in buckets:
        kept = [(segment, p) for segment, p in found.get(bucket, []) if segment not in built]
        new = [(segment, made[bucket]) for segment, made in built.items() if bucket in made]
        replaced[bucket] = sorted([*kept, *new])
    return replaced


def pack_tokens(tokens: Iterable[int]) -> bytes:
    """A forward list: 3 bytes per token, in the given order."""
    return b"".join(token.to_bytes(TOKEN_BYTES, "big") for token in tokens)


def tokens_in(forward: bytes) -> list[int]:
    """The tokens of a forward list."""
    return [
        int.from_bytes(forward[at : at + TOKEN_BYTES], "big")
        for at in range(0, len(forward), TOKEN_BYTES)
    ]


def joined(forward: bytes, given: bytes) -> bytes:
    """A forward list with the tokens of another one added, none of its own removed."""
    if not forward:
        return given
    return pack_tokens(sorted({*tokens_in(forward), *tokens_in(given)}))


def holds(forward: bytes, token: bytes) -> bool:
    """True if a forward list has a token, given as its 3 bytes."""
    at = forward.find(token)
    while at >= 0 and at % TOKEN_BYTES:
        at = forward.find(token, at + 1)
    return at >= 0


def _pack(entries: list[int]) -> bytes:
    packed = array("I", entries)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def unpack(data: bytes) -> array[int]:
    """The entries of a postings list, from little-endian uint32."""
    entries = array("I")
    entries.frombytes(data)
    if sys.byteorder == "big":
        entries.byteswap()
    return entries
