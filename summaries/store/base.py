"""The interface of every engine. `tests/summaries/test_store.py` is the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from chatsite.lib.paging import PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Sealed:
    """A summary of messages `first` … `last`, sealed for its room; `body` as signed, `at` in ms.
    `id` is b64 SHA-256 of the box.
    """

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


Mark = tuple[int, str]
"""`at` and `id` of a summary: where a page ends."""

BESIDE = 256
"""Bytes of a summary in JSON, apart from its body and box."""


def page_of(found: list[Sealed], *, more: bool) -> tuple[list[Sealed], Mark | None]:
    """A page as `SummaryStore.of_room` returns it."""
    return found, (found[-1].at, found[-1].id) if more and found else None


class SummaryStore(Protocol):
    def prepare(self) -> None:
        """Make what the engine needs beside migrations."""

    def add(self, summary: Sealed) -> bool:
        """False, and nothing is stored, if the room has one with this id."""

    def of_room(
        self, room: str, *, limit: int, most: int = PAGE_BYTES, after: Mark | None = None
    ) -> tuple[list[Sealed], Mark | None]:
        """A page of a room's summaries, newest first: those after the one that `after` marks.

        At most `limit`, and as many as have at most `most` bytes together (at least one). With
        them comes the mark of the last one where more follow, else None.
        """

    def drop_over(self, room: str, seqs: Iterable[int]) -> int:
        """Delete those whose range holds one of these messages; how many."""

    def drop_before(self, room: str, first: int) -> int:
        """Delete those whose range begins below `first`; how many."""

    def drop_room(self, room: str) -> None:
        """Delete a room's."""
