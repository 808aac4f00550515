"""The interface of every engine. `tests/summaries/test_store.py` is the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from chatsite.lib.paging import PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Sealed:
    """A summary of messages `first` … `last`, sealed for its room by `uid`.

    Attributes:
        id: b64 SHA-256 of the box.
        body, signature, box: as they were sent; `body` is signed.
        stored_ms: the time of the server.
    """

    room: str
    id: str
    uid: str
    first: int
    last: int
    body: str
    signature: str
    box: str
    stored_ms: int

    def as_dict(self) -> dict[str, Any]:
        """The summary as clients receive it, with the protocol's names."""
        return {
            "body": self.body,
            "sig": self.signature,
            "box": self.box,
            "at": self.stored_ms,
        }


Mark = tuple[int, str]
"""`stored_ms` and `id` of a summary: where a page ends."""

BESIDE = 256
"""Bytes of a summary in JSON, apart from its body and box."""


def page_of(found: list[Sealed], *, more: bool) -> tuple[list[Sealed], Mark | None]:
    """A page as `SummaryStore.of_room` returns it."""
    return found, (found[-1].stored_ms, found[-1].id) if more and found else None


class SummaryStore(Protocol):
    """The interface of every engine. Methods block and may be called from any thread."""

    def prepare(self) -> None:
        """Create indexes beside migrations. Idempotent."""

    def add(self, summary: Sealed) -> bool:
        """Store a summary.

        Returns:
            False, and nothing is stored, if the room has one with this id.
        """

    def of_room(
        self, room: str, *, limit: int, most: int = PAGE_BYTES, after: Mark | None = None
    ) -> tuple[list[Sealed], Mark | None]:
        """A page of a room's summaries, newest first.

        Args:
            limit: At most so many summaries.
            most: At most so many bytes together, but at least one summary.
            after: The mark of the last one of the page before.

        Returns:
            The page, and the mark of its last summary if more follow, else None.
        """

    def drop_over(self, room: str, seqs: Iterable[int]) -> int:
        """Delete the summaries whose range contains one of these messages; returns how many."""

    def drop_before(self, room: str, first: int) -> int:
        """Delete the summaries whose range begins below `first`; returns how many."""

    def drop_room(self, room: str) -> None:
        """Delete every summary of a room."""
