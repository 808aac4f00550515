"""The interface of every engine. `tests/summaries/test_store.py` is the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from chatsite.lib.paging import PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Sealed:
    """A summary of messages `first` … `last`, sealed for its room; `body` as signed, `at` in ms.
    `id` is b64 SHA-256 of the box."""

    room: str
    id: str
    uid: str
    first: int
    last: int
    body: str
    sig: str
    box: str
    at: int

    def as_dict(self) -> dict[str, Any]:
        return {"body": self.body, "sig": self.sig, "box": self.box, "at": self.at}


BESIDE = 256
"""Bytes of a summary in JSON, apart from its body and box."""


class SummaryStore(Protocol):
    def prepare(self) -> None:
        """Make what the engine needs beside migrations."""

    def add(self, summary: Sealed) -> bool:
        """False, and nothing is stored, if the room has one with this id."""

    def of_room(self, room: str, *, limit: int, most: int = PAGE_BYTES) -> list[Sealed]:
        """The newest that have at most `most` bytes together (at least one), newest first."""

    def drop_over(self, room: str, seqs: Iterable[int]) -> int:
        """Delete those whose range holds one of these messages; how many."""

    def drop_before(self, room: str, first: int) -> int:
        """Delete those whose range begins below `first`; how many."""

    def drop_room(self, room: str) -> None:
        """Delete a room's."""
