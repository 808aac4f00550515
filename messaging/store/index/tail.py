"""The newest messages of a room, which are in no segment yet: their tokens, a piece at a time.

Full pieces are kept in memory, because reading them costs more than all else of a search. They are
a hint, as segments are: every hit is checked by its message's own tokens.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from messaging.store.index.postings import TOKEN_BYTES, Numbers, Shape

MOST = 1_000_000  # tokens of all pieces that are kept, with six bytes each
MOST_OF_ONE = MOST // 16
KEPT = 300.0  # seconds


@dataclass(frozen=True, slots=True)
class Forward:
    """One message's forward list: `tokens`, 3 bytes each, under the search key of `generation`.
    It is empty for messages without tokens.
    """

    seq: int
    generation: int
    tokens: bytes


class ForwardLists(Protocol):
    """The part of `messaging.store.index.base.TokenIndex` that pieces are read from."""

    shape: Shape

    def forward(self, room: str, first: int, last: int) -> Sequence[Forward]:
        """The forward lists of `first` … `last`, ascending."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages `first` and later: each token with the offset of its message, and the generation of
    each message, by offset.
    """

    first: int
    tokens: NDArray[np.uint32]
    offsets: NDArray[np.uint16]
    generations: NDArray[np.int64]

    def numbers(self, token: int, generation: int) -> Numbers:
        """The messages of a generation that have a token."""
        found = self.offsets[self.tokens == token]
        return found[self.generations[found] == generation].astype(np.int64) + self.first


class Pieces:
    """Reads pieces, and keeps some. Threads may share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, Piece]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def read(self, lists: ForwardLists, room: str, number: int, state: Hashable) -> Piece:
        """Read a piece.

        Args:
            number: The piece's, from 0 on.
            state: Differs once messages of the room have got tokens later; None keeps nothing.
        """
        key = (room, state, number)
        kept = self._found(key)
        if kept is not None:
            return kept
        size = lists.shape.piece
        rows = lists.forward(room, number * size, (number + 1) * size - 1)
        piece = _made(number * size, size, rows)
        full = len(rows) == size  # others may still get messages
        if state is not None and full and len(piece.tokens) <= MOST_OF_ONE:
            self._keep(key, piece)
        return piece

    def _found(self, key: Hashable) -> Piece | None:
        with self._lock:
            read_at, piece = self._kept.get(key, (0.0, None))
            if piece is None or time.monotonic() - read_at > KEPT:
                return None
            self._kept.move_to_end(key)
            return piece

    def _keep(self, key: Hashable, piece: Piece) -> None:
        with self._lock:
            self._drop(key)
            self._kept[key] = (time.monotonic(), piece)
            self._size += len(piece.tokens)
            while self._size > MOST:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        _, piece = self._kept.pop(key, (0.0, None))
        self._size -= 0 if piece is None else len(piece.tokens)


def _made(first: int, size: int, rows: Sequence[Forward]) -> Piece:
    generations = np.zeros(size, np.int64)
    offsets = np.array([row.seq - first for row in rows], np.uint16)
    generations[offsets] = [row.generation for row in rows]
    joined = np.frombuffer(b"".join(row.tokens for row in rows), np.uint8)
    tokens = np.zeros(len(joined) // TOKEN_BYTES, np.uint32)
    for place in range(TOKEN_BYTES):  # in place: messages may have thousands
        tokens <<= np.uint32(8)
        tokens |= joined[place::TOKEN_BYTES]
    many = [len(row.tokens) // TOKEN_BYTES for row in rows]
    return Piece(first, tokens, np.repeat(offsets, many), generations)
