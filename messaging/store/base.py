"""The one interface that every engine has. Frozen values in and out; calls block.

A room's messages are numbered from 1 without gaps. That one number gives order, gaps, unread counts
and paging. `tests/messaging/store/test_store.py` is the contract, run against every engine.
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
    """A verified message without a number. Fields are text as it was sent; times are in ms.

    `id` names the sealed bytes, `pm` the id of the sender's message before (n - 1). `tokens` are
    blind search tokens of generation `g`, ascending, below 2^24; those of `token_version` 2 hold
    those of 1. `erase` are the numbers of
    messages that this one erases; `leads` is true if the sender may erase other people's, too.
    `files` are the ids of files that belong to the message.
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
    token_version: int = 1


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A stored message, as members receive it.

    A tombstone has no `ct`: `sha` is the SHA-256 of the erased `ct`, `erased_by` the number of the
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
        """The most bytes that it takes in a response."""
        return len(self.h) + len(self.ct) + BESIDE

    @property
    def stands_alone(self) -> bool:
        """True if it can be unread: it is no tombstone and changes no other message."""
        return not self.re and not self.erased_by

    def as_dict(self) -> dict[str, Any]:
        """The message as clients receive it, with the protocol's names."""
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
    """The complete stored row of one message. `size` is the ciphertext's, in bytes."""

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
    token_version: int
    size: int

    def as_dict(self) -> dict[str, Any]:
        """The record as the API shows it, with the protocol's names."""
        about = {key: getattr(self, key) for key in STORED}
        beside = {"re": list(self.row.re), "files": list(self.row.files)}
        return {**self.row.as_dict(), **beside, **about, "tokens": list(self.tokens)}


BESIDE = 2304
"""The most bytes that a row takes in JSON, apart from `h` and `ct`: keys, numbers, iv, sig, 100
references, 10 file ids."""

STORED = ("uid", "dev", "n", "cid", "id", "e", "at", "g", "token_version", "size")


@dataclass(frozen=True, slots=True)
class Appended:
    """The number of a message. `fresh` is false if it was stored before (sent twice)."""

    seq: int
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """The reason why a message was not stored: `order`, `conflict`, `stale`, `bad_erase`,
    `bad_files`, `quota` or `devices`, with the data that the sender needs to continue.
    """

    code: str
    extra: dict[str, Any] = field(default_factory=dict)


Outcome = Appended | Rejected


class Span(NamedTuple):
    """The messages of a room with numbers above `after`, up to `to`."""

    room: str
    after: int
    to: int


class StoreBusy(Exception):
    """Other writers won every attempt; nothing of the batch was stored."""


class StoreMisconfigured(Exception):
    """The engine cannot store messages durably as it is configured. The text is one sentence for
    the operator, without a password; `passing` is true if a retry may help.
    """

    def __init__(self, sentence: str, *, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing


class MessageStore(Protocol):
    """The interface of every engine. Methods block and may be called from any thread."""

    def check(self) -> None:
        """Check that the engine is reachable and keeps acknowledged messages.

        Called before a process starts. Raises StoreMisconfigured.
        """

    @property
    def index(self) -> TokenIndex:
        """Search over the messages' blind tokens."""

    def prepare(self) -> None:
        """Create indexes beside migrations and finish writes that a crash interrupted. Returns once
        all is done. Idempotent.
        """

    def prepare_to_serve(self, say: Callable[[str], object]) -> None:
        """Like `prepare`, but returns once a server may start; the rest continues in the
        background. `say` is called with a line about each step.
        """

    def append(self, batch: Sequence[NewMessage]) -> list[Outcome]:
        """Store a batch in one durable step, in order; each message is accepted or rejected alone.

        Messages returned as appended survive a crash. A message is rejected with `conflict` if its
        (room, uid, cid) has another id, `order` if n and pm do not follow the last of (room, uid,
        dev), `stale` if e is below the room's highest, `bad_erase` if it may not erase one of its
        targets, `bad_files` (with the ids) if files are not in the room, were sent by somebody else
        or belong to another message, `quota` if its sender's storage is full, `devices` if it would
        begin one chain too many. Stored bytes are charged to the sender, and refunded when messages
        are erased.

        A message's targets become tombstones: no `ct`, no tokens, no files. Idempotent: tombstones
        stay, expired targets are ignored. Refused targets are another person's message (unless
        `leads`), a future number, and a message that has itself erased: its tombstones would refer
        to nothing.
        """

    def find(self, room: str, uid: str, cid: str) -> tuple[int, str] | None:
        """The number and id of the message that `uid` sent under a cid, if there is one."""

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

        Fewer if they would exceed `most` bytes together (see `fitting`); rows that do not fit are
        never loaded. Of those around a number the nearest ones stay, so that the message itself is
        always among them.
        """

    def first_since(self, room: str, at: int) -> int:
        """The number of the first message stored at or after a time (ms), 0 if there is none.
        Bisects, so it reads the times of a few messages only.
        """

    def referring(
        self, room: str, *, first: int, last: int, limit: int, before: int | None = None
    ) -> list[int]:
        """The numbers of the newest `limit` messages after `last`, and below `before`, that name
        one of `first` … `last` in their `re`; newest first.
        """

    def changes(self, room: str, *, limit: int, before: int | None = None) -> list[int]:
        """The numbers of the newest `limit` messages below `before` that have a `re`; newest
        first.
        """

    def changing(self, room: str, targets: Iterable[int], *, limit: int) -> list[int]:
        """The numbers of the newest `limit` messages that name one of `targets` in their `re`;
        newest first.
        """

    def sizes(self, room: str, seqs: Iterable[int]) -> dict[int, int]:
        """The most bytes that each message takes in a response, by number; absent ones are left
        out. Loads no ciphertext.
        """

    def rows(self, room: str, seqs: Iterable[int]) -> list[StoredMessage]:
        """Messages by number, in ascending order; absent ones are left out. The caller limits them
        by `sizes`.
        """

    def stored(self, room: str, seq: int) -> MessageRecord | None:
        """The complete stored row of one message, if there is one."""

    # These read many rooms in a constant number of queries, a few hundred rooms in each.

    def heads(self, rooms: Iterable[str]) -> dict[str, int]:
        """The newest number of each room, 0 for an empty one."""

    def last(self, rooms: Iterable[str]) -> dict[str, StoredMessage]:
        """The newest message of each room that has one. The caller limits them by `last_sizes`."""

    def last_sizes(self, rooms: Iterable[str]) -> dict[str, int]:
        """The most bytes that the newest message of each room takes in a response; empty rooms are
        left out. Loads no ciphertext.
        """

    def unread(self, spans: Iterable[Span]) -> dict[Span, int]:
        """The number of messages in each span that are no tombstones and have no `re`."""

    def authors(self, span: Span, limit: int) -> list[tuple[int, str]]:
        """The numbers and authors (uid) of the newest `limit` messages of a span that `unread`
        counts; newest first. Loads no ciphertext.
        """

    def first_seq(self, room: str) -> int:
        """The oldest stored number, 0 if there is none."""

    def before_epoch(self, room: str, e: int) -> int:
        """The number of the newest message of an epoch below `e`, 0 if there is none."""

    def expire(self, room: str, before: int) -> int:
        """Delete the room's messages stored before a time (ms); returns the oldest remaining
        number, 0 for an empty room. The newest message always stays, because numbers continue from
        it. The ends of the senders' chains are kept.
        """

    def usage(self) -> dict[str, int]:
        """The bytes charged for each person's messages, by uid. Reads all messages."""

    def drop_room(self, room: str) -> None:
        """Delete every message of a room."""

    def drop_tokens(self, room: str) -> None:
        """Delete the search tokens of a room's messages."""
