"""The one interface that every engine has. Frozen values in and out; calls block.

A room's messages are numbered from 1 without holes. That one number gives order, gaps, unread
counts and paging. `tests/messaging/store/test_store.py` is the contract, run against every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from chatsite.lib.paging import PAGE_BYTES

if TYPE_CHECKING:
    from messaging.store.index.base import TokenIndex


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A verified message without a number. Text as it travelled; times in ms.

    `id` names the sealed bytes, `pm` the id of the sender's message before (n - 1).
    `tokens` are blind search tokens of generation `g`, ascending, below 2^24. `erase` are the
    numbers of messages whose content goes with this one; `leads` says that the sender may
    erase other people's, too. `files` are the ids of files that belong to the message.
    """

    room: str
    uid: str
    dev: str
    n: int
    pm: str
    cid: str
    e: int
    id: str
    h: str
    iv: str
    ct: str
    sig: str
    at: int
    re: tuple[int, ...] = ()
    g: int = 0
    tokens: tuple[int, ...] = ()
    erase: tuple[int, ...] = ()
    leads: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A stored message, as members receive it.

    A tombstone has no `ct`: `sha` is the SHA-256 of what it was, `erased_by` the number of the
    message that erased it.
    """

    seq: int
    h: str
    iv: str
    ct: str
    sig: str
    re: tuple[int, ...] = ()
    sha: str = ""
    erased_by: int = 0
    files: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes in an answer at most."""
        return len(self.h) + len(self.ct) + BESIDE

    @property
    def stands_alone(self) -> bool:
        """True if it can be unread: it is no tombstone and changes no other message."""
        return not self.re and not self.erased_by

    def as_dict(self) -> dict[str, Any]:
        row: dict[str, Any] = {"seq": self.seq, "h": self.h, "iv": self.iv}
        if self.erased_by:
            row |= {"sha": self.sha, "sig": self.sig, "del": self.erased_by}
        else:
            row |= {"ct": self.ct, "sig": self.sig}
        if self.re:
            row["re"] = list(self.re)
        return {**row, "files": list(self.files)} if self.files else row


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """Everything that is kept of one message. `size` is the ciphertext's, in bytes."""

    row: StoredMessage
    uid: str
    dev: str
    n: int
    cid: str
    id: str
    e: int
    at: int
    g: int
    tokens: tuple[int, ...]
    size: int

    def as_dict(self) -> dict[str, Any]:
        about = {key: getattr(self, key) for key in STORED}
        beside = {"re": list(self.row.re), "files": list(self.row.files)}
        return {**self.row.as_dict(), **beside, **about, "tokens": list(self.tokens)}


BESIDE = 2304
"""Bytes that a row takes in JSON at most, apart from `h` and `ct`: keys, numbers, iv, sig, 100
references, 10 file ids."""

STORED = ("uid", "dev", "n", "cid", "id", "e", "at", "g", "size")


@dataclass(frozen=True, slots=True)
class Appended:
    """The number a message has. `fresh` is false if it had it before (sent twice)."""

    seq: int
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a message was not stored: `order`, `conflict`, `stale`, `bad_erase`, `bad_files`,
    `quota` or `devices`, with what the sender needs to go on."""

    code: str
    extra: dict[str, Any] = field(default_factory=dict)


Outcome = Appended | Rejected


class Span(NamedTuple):
    """The messages of a room with numbers above `after`, up to `to`."""

    room: str
    after: int
    to: int


class StoreBusy(Exception):
    """Other writers kept winning; nothing of the batch was stored."""


class StoreMisconfigured(Exception):
    """No message may be entrusted to the engine as it is. The text is one sentence for the
    operator, without a password; `passing` says that trying again may help."""

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


class MessageStore(Protocol):
    def check(self) -> None:
        """Raises StoreMisconfigured if the engine is away or would not keep what it acknowledges.

        Called before a process starts.
        """

    @property
    def index(self) -> TokenIndex:
        """Search over the messages' blind tokens."""

    def prepare(self) -> None:
        """Make what the engine needs beside migrations, and finish what a crash interrupted.
        Returns when all of it is done; can be called again."""

    def prepare_to_serve(self, say: Callable[[str], object]) -> None:
        """The same before a server starts, as far as it must not serve without it. The rest goes on
        in the background; `say` gets a line about either."""

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        """Store a batch in one durable step, each message on its own merits, in order.

        When this returns, what it says was appended survives a crash. A message is refused
        with `conflict` if its (room, uid, cid) has another id, `order` if n and pm do not
        follow the last of (room, uid, dev), `stale` if e is below the room's highest,
        `bad_erase` if it may not erase something that it would, `bad_files` (with the ids) if
        files are not in the room, were sent by somebody else or belong to another message,
        `quota` if its sender has stored all that they may, `devices` if it would begin one chain
        too many. What is stored is counted with it, and given back with what goes.

        With a message what it erases becomes tombstones: no `ct`, no tokens, no files. Idempotent:
        tombstones stay, expired targets are ignored. Refused is
        another person's message (unless `leads`), a number to come, and what has itself erased:
        its tombstones would stand for nothing.
        """

    def find(self, room: str, uid: str, cid: str) -> tuple[int, str] | None:
        """Number and id of the message that somebody sent under a cid, if there is one."""

    def page(
        self,
        room: str,
        *,
        after: int | None = None,
        before: int | None = None,
        around: int | None = None,
        limit: int = 50,
        most: int = PAGE_BYTES,
    ) -> list[StoredMessage]:
        """Messages in ascending order: the first `limit` after a number, the last before one, or
        those around one, half of them before it.

        Fewer where they would have more than `most` bytes together (see `fitting`); what does not
        fit is never loaded. Of those around a number the nearest ones stay, so that the message
        itself is always among them.
        """

    def first_since(self, room: str, at: int) -> int:
        """The number of the first message that came at or after a moment (ms), 0 if none did. By
        halving: it reads the moments of a few messages, never of all."""

    def referring(
        self, room: str, *, first: int, last: int, limit: int, before: int | None = None
    ) -> list[int]:
        """The numbers of the newest `limit` messages after `last`, and below `before`, that name
        one of `first` … `last` in their `re`; newest first."""

    def changes(self, room: str, *, limit: int, before: int | None = None) -> list[int]:
        """The numbers of the newest `limit` messages below `before` that have a `re`; newest
        first."""

    def changing(self, room: str, targets: Iterable[int], *, limit: int) -> list[int]:
        """The numbers of the newest `limit` messages that name one of `targets` in their `re`;
        newest first."""

    def sizes(self, room: str, seqs: Iterable[int]) -> dict[int, int]:
        """Bytes that each of these messages takes in an answer at most; absent ones are left
        out. No ciphertext is loaded."""

    def rows(self, room: str, seqs: Iterable[int]) -> list[StoredMessage]:
        """Messages by number, in ascending order; those that are not there are left out. The
        caller bounds them, by `sizes`."""

    def stored(self, room: str, seq: int) -> MessageRecord | None:
        """Everything that is kept of one message."""

    # These read many rooms in a constant number of queries, a few hundred rooms in each.

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        """The newest number of each room, 0 where there is none."""

    def last(self, rooms: Iterable[str]) -> dict[str, StoredMessage]:
        """The newest message of each room that has one. The caller bounds them, by `last_sizes`."""

    def last_sizes(self, rooms: Iterable[str]) -> dict[str, int]:
        """Bytes that the newest message of each room takes in an answer at most, where there is
        one. No ciphertext is loaded."""

    def unread(self, spans: Iterable[Span]) -> dict[Span, int]:
        """How many messages of each span are neither tombstones nor have a `re`."""

    def first_seq(self, room: str) -> int:
        """The oldest number still there, 0 if there is none."""

    def before_epoch(self, room: str, e: int) -> int:
        """The number of the newest message of an epoch below `e`, 0 if there is none."""

    def expire(self, room: str, before: int) -> int:
        """Delete the room's oldest messages, those that came before a moment (ms); returns the
        oldest number that is left, 0 for an empty room. The newest message always stays: numbers
        go on from it. Where the senders' chains ended is remembered."""

    def usage(self) -> dict[str, int]:
        """Bytes that everybody's messages are counted for, by uid: reads them all."""

    def drop_room(self, room: str) -> None:
        """Delete every message of a room."""

    def drop_tokens(self, room: str) -> None:
        """Delete the search tokens of a room's messages."""
